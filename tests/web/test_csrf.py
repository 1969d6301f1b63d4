"""A form's token holds for its visitor only."""

import pytest

from konter.platform.secrets import Keys
from konter.web.csrf import csrf_holds, csrf_token


def test_a_token_holds_for_its_own_visitor_and_never_reads_the_same_twice(keys: Keys) -> None:
    first, second = csrf_token(keys, "visitor"), csrf_token(keys, "visitor")
    assert first != second
    assert csrf_holds(keys, "visitor", first)
    assert csrf_holds(keys, "visitor", second)
    assert not csrf_holds(keys, "stranger", first)


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 32, "=" * 32])
def test_anything_else_does_not_hold(keys: Keys, token: str) -> None:
    assert not csrf_holds(keys, "visitor", token)


def test_nobody_is_no_visitor(keys: Keys) -> None:
    assert not csrf_holds(keys, "", csrf_token(keys, ""))
