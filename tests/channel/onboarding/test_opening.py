"""What an approved application opens, as values."""

import pytest

from konter.channel.onboarding.opening import outlet_code, usernames_of
from konter.platform.ids import ApplicationId


@pytest.mark.parametrize(
    ("sequence", "code"),
    [(1, "7000000001"), (999_999_999, "7999999999"), (1_000_000_001, "71000000001")],
)
def test_no_two_applications_give_one_code(sequence: int, code: str) -> None:
    """Sales take numbers of the same sequence, so that ten digits are used up one day."""
    assert outlet_code(ApplicationId(sequence << 8 | 17)) == code


def test_a_taken_user_name_has_another_behind_it() -> None:
    names = usernames_of(ApplicationId(1_050_012 << 8))
    assert names[:2] == ["ktr1050012", "ktr1050012a"]
    assert len(set(names)) == 27
