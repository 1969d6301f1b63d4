"""The proofs find what is wrong: one sale that is as it should be, and everything that may be otherwise."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from tests.crashes.journal import Journal, read
from tests.crashes.proof import Facts, faults, late, sold_after_refusal

from konter.sales.codes import sale_code

OUTLET, CUSTOMER, NUMBER, SALE, TRANSFER = 257, 513, 6281200000001, 769, 1025
AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
REF = "r1"


def sale(**changed) -> dict:
    fields = {
        "id": SALE,
        "outlet_id": OUTLET,
        "ref": REF,
        "status": "done",
        "route": "network",
        "msisdn": NUMBER,
        "nominal_rp": 5_000,
        "cost_rp": 5_150,
        "delivery": {"credit_rp": 5_000, "buckets": []},
        "reason": None,
        "at": AT,
        "resolved_at": AT,
        "transfer_id": TRANSFER,
    }
    return {**fields, **changed}


def text(template: str, *, rows: int = 1, arrived: int | None = None) -> dict:
    arrived = rows if arrived is None else arrived
    return {"code": sale_code(SALE), "template": template, "rows": rows, "arrived": arrived}


TOLD = [text("sale_seller"), text("sale_customer_recharge")]


def stories(tmp_path: Path, *notes: tuple[str, dict]) -> dict:
    path = tmp_path / "one.journal"
    path.unlink(missing_ok=True)
    journal = Journal(path)
    journal.note_durably("send", REF, outlet=OUTLET)
    for what, more in notes:
        journal.note(what, REF, outlet=OUTLET, **more)
    journal.close()
    return read([path])


DONE = ("word", {"status": "done", "sale": str(SALE)})


@pytest.fixture
def right(tmp_path: Path) -> Facts:
    return Facts(
        stories=stories(tmp_path, DONE),
        sales=[sale()],
        balances={(OUTLET, "wallet", "IDR"): 4_850, (CUSTOMER, "main", "IDR"): 5_000},
        subscriptions={NUMBER: CUSTOMER},
        texts=TOLD,
        paid_rp={OUTLET: 10_000},
        network={TRANSFER: ("done", str(NUMBER), 5_000)},
        given_rp={str(NUMBER): 5_000},
        left={"sales still checking": 0},
        breaks={},
        booked_late={},
    )


def test_what_is_right_has_no_fault(right: Facts) -> None:
    assert list(faults(right)) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"sales": []}, "is not there"),
        ({"sales": [sale(), sale(id=SALE + 256)]}, "more than once"),
        ({"sales": [sale(status="refunded", delivery=None)]}, "was said to be {'done'} and is refunded"),
        ({"sales": [sale(id=SALE + 256)]}, "was answered with sale"),
        ({"stories": {}}, "nobody sent it"),
        ({"balances": {(OUTLET, "wallet", "IDR"): 0, (CUSTOMER, "main", "IDR"): 5_000}}, "and has 0"),
        ({"balances": {(OUTLET, "wallet", "IDR"): 4_850, (CUSTOMER, "main", "IDR"): 10_000}}, "10000 are there"),
        ({"given_rp": {str(NUMBER): 10_000}}, "which gave 10000"),
        ({"network": {TRANSFER: ("voided", str(NUMBER), 0)}}, "the network says voided"),
        ({"network": {}}, "the network says nothing"),
        ({"network": {TRANSFER: ("done", "", 0), 9: ("done", "", 0)}}, "nobody sold it"),
        ({"texts": TOLD[:1]}, "was told by {'sale_seller': 1}"),
        ({"texts": [TOLD[0], text("sale_customer_recharge", rows=2)]}, "'customer': 2"),
        ({"texts": [TOLD[0], text("sale_customer_recharge", arrived=0)]}, "0 arrived"),
        ({"left": {"transfers pending": 1}}, "1 transfers pending"),
        ({"breaks": {"entries sum to zero": [{"asset": "IDR"}]}}, "entries sum to zero"),
    ],
)
def test_every_wrong_is_found(right: Facts, wrong: dict, says: str) -> None:
    assert says in "\n".join(faults(msgspec.structs.replace(right, **wrong)))


def test_a_refusal_that_was_clear_and_a_sale_all_the_same_is_a_fault(right: Facts, tmp_path: Path) -> None:
    refused = ("refused", {"code": "INSUFFICIENT_BALANCE"})
    clear = msgspec.structs.replace(right, stories=stories(tmp_path, refused))
    assert "was refused" in "\n".join(faults(clear))


def test_an_attempt_in_the_air_may_sell_after_another_was_refused(right: Facts, tmp_path: Path) -> None:
    notes = [("unclear", {"why": "TimeoutError"}), ("refused", {"code": "INSUFFICIENT_BALANCE"})]
    told = msgspec.structs.replace(right, stories=stories(tmp_path, *notes))
    assert list(faults(told)) == []
    assert sold_after_refusal(told) == [REF]


def test_what_the_network_delivered_after_the_refund_is_counted(right: Facts, tmp_path: Path) -> None:
    refunded = msgspec.structs.replace(
        right,
        stories=stories(tmp_path, ("word", {"status": "refunded", "sale": str(SALE)})),
        sales=[sale(status="refunded", delivery=None, reason="DEADLINE")],
        balances={(OUTLET, "wallet", "IDR"): 10_000},
        texts=[text("sale_refunded")],
    )
    assert list(faults(refunded)) == []
    assert late(refunded) == [SALE]
    early = [{**refunded.sales[0], "reason": "VOIDED"}]
    assert "network delivered" in "\n".join(faults(msgspec.structs.replace(refunded, sales=early)))


@pytest.mark.parametrize("told", [True, False])
def test_what_was_booked_after_the_refund_must_be_somebodys_work(right: Facts, tmp_path: Path, *, told: bool) -> None:
    delivery = {"credit_rp": 5_000, "buckets": []}
    booked = msgspec.structs.replace(
        right,
        stories=stories(tmp_path, ("word", {"status": "refunded", "sale": str(SALE)})),
        sales=[sale(status="refunded", delivery=None, reason="DEADLINE")],
        balances={(OUTLET, "wallet", "IDR"): 10_000, (CUSTOMER, "main", "IDR"): 5_000},
        texts=[text("sale_refunded"), TOLD[1]],
        breaks={"what was received is not given back": [{"transfer_id": TRANSFER}]},
        booked_late={TRANSFER: {"data": delivery, "told": told}},
    )
    found = list(faults(booked))
    assert bool(found) is not told
    assert all("nobody is told" in fault for fault in found)
    unknown = msgspec.structs.replace(booked, booked_late={})
    assert "books: what was received" in "\n".join(faults(unknown))


def test_a_line_that_was_cut_off_by_a_crash_is_no_line(tmp_path: Path) -> None:
    stories(tmp_path, DONE)
    with (tmp_path / "one.journal").open("a") as file:
        file.write(json.dumps({"what": "send", "ref": "r2"})[:-5])
    assert list(read([tmp_path / "one.journal"])) == [(OUTLET, REF)]
