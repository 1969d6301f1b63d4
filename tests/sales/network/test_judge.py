"""What a network's words mean for the transfer that was ordered."""

import msgspec
import pytest

from konter.platform.ids import TransferId
from konter.sales.network.model import Answer, Reply, judge


def meaning(**said) -> Answer:
    return judge(msgspec.convert(said, Reply), transfer_id=TransferId(7), nominal_rp=50_000)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"state": "done", "nominal_rp": 50_000}, Answer("done", "", 50_000)),
        ({"state": "done", "nominal_rp": 50_000, "transfer_id": "7"}, Answer("done", "", 50_000)),
        ({"state": "refused", "reason": "NUMBER_BARRED"}, Answer("refused", "NUMBER_BARRED")),
        ({"state": "voided", "reason": "VOIDED", "nominal_rp": 0}, Answer("voided", "VOIDED")),
        ({"state": "voided"}, Answer("voided", "VOIDED")),
        ({"state": "voided", "reason": "CANCELLED"}, Answer("voided", "VOIDED")),
        ({"state": "accepted", "nominal_rp": 50_000}, Answer("unknown", "ACCEPTED")),
    ],
)
def test_it_works(said: dict, answer: Answer) -> None:
    assert meaning(**said) == answer


@pytest.mark.requirement("G-D12")
@pytest.mark.parametrize("nominal_rp", [49_999, 51_000, 0, -50_000])
def test_another_amount_is_never_simply_booked(nominal_rp: int) -> None:
    assert meaning(state="done", nominal_rp=nominal_rp) == Answer("unknown", "OTHER_AMOUNT", nominal_rp)


@pytest.mark.parametrize("said", [{"transfer_id": "8", "nominal_rp": 50_000}, {"transfer_id": "07"}, {}])
def test_done_of_another_transfer_or_without_an_amount_says_nothing(said: dict) -> None:
    assert meaning(state="done", **said) == Answer("unknown", "MALFORMED")


@pytest.mark.parametrize("reason", ["", "not a code", "<b>", "X" * 49])
def test_a_reason_that_is_no_code_is_not_passed_on(reason: str) -> None:
    assert meaning(state="refused", reason=reason) == Answer("refused", "OTHER")
