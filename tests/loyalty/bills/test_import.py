"""Bills, payments and cancellations from CSV."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.loyalty.people import People, subscription_of

from konter.loyalty.bills.importing import bring
from konter.loyalty.bills.importing.bring import BillsReport, import_bills
from konter.loyalty.bills.model import TOTAL_MAX_RP
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB
from konter.platform.refusal import Refusal

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
NOW = datetime(2026, 11, 8, 3, tzinfo=UTC)
HEADER = "msisdn,number,period_begin,period_end,total_rp,tax_rp,issued_at"
REST = "2026-10-05,2026-11-04,100000,9910,2026-11-05T02:00:00+07:00"


class Office:
    """Who has files of bills, and postpaid customers."""

    def __init__(self, people: People, folder: Path) -> None:
        self.people, self.folder = people, folder

    async def numbers(self, count: int) -> list[int]:
        await self.people.open(brand="prima", kind="postpaid", at=OPENED, count=count)
        return [int(each) for each in self.people.msisdns]

    async def bring(self, *lines: str, raw: bytes = b"") -> BillsReport | Refusal:
        file = self.folder / "tagihan.csv"
        file.write_bytes(raw or "\n".join(lines).encode())
        async with self.people.db.acquire() as connection:
            return await import_bills(
                connection, file, actor=SYSTEM, now=NOW, ids=self.people.ids, rules=self.people.rulebook.at(NOW)
            )

    async def bills(self) -> list[tuple]:
        rows = await self.people.fetch(
            "SELECT number, total_rp, paid_at, cancelled_at FROM issued_bill ORDER BY number"
        )
        return [tuple(row) for row in rows]


@pytest.fixture
def office(people: People, tmp_path: Path) -> Office:
    return Office(people, tmp_path)


def counts(report: BillsReport | Refusal) -> tuple[int, int, int]:
    assert isinstance(report, BillsReport), report
    return report.taken, report.same, len(report.faults)


@pytest.mark.requirement("P-02", "P-04")
async def test_it_works(office: Office) -> None:
    subscription = subscription_of(await office.people.open(brand="prima", kind="postpaid", at=OPENED))
    (number,) = office.people.msisdns
    lines = [HEADER, f"0{str(number)[2:]},INV-1,{REST}"]
    assert counts(await office.bring(*lines)) == (1, 0, 0)
    assert counts(await office.bring(*lines)) == (0, 1, 0)
    await office.people.accrue(NOW)
    assert await office.people.points(subscription, at=NOW) == 40


async def test_good_lines_go_in_and_the_others_are_named(office: Office) -> None:
    (number,) = await office.numbers(1)
    report = await office.bring(
        HEADER,
        f"{number},A,{REST}",
        f"halo,B,{REST}",
        f"{number},b b,{REST}",
        f"{number},C,2026-10-05,2026-11-31,-1,x,kemarin",
        f"{number},D,2026-10-05,2026-11-04,1000,2000,2026-11-05T02:00:00",
        f"{number},A,2026-10-05,2026-11-04,999,0,2026-11-05T02:00:00+07:00",
        f'{number},"E,{REST}',
        f"{number},F",
        "081100000000,G," + REST,
        f"{number},H,0001-01-01,9999-12-31,1000,0,0001-01-01T00:00:00+14:00",
    )
    assert counts(report) == (1, 0, 14)
    assert isinstance(report, BillsReport)
    named = sorted((fault.line, fault.column or fault.reason) for fault in report.faults)
    assert named == [
        (3, "msisdn"),
        (4, "number"),
        (5, "issued_at"),
        (5, "period_end"),
        (5, "tax_rp"),
        (5, "total_rp"),
        (6, "BILL_TAX_WRONG"),
        (7, "BILL_KNOWN_OTHERWISE"),
        (8, "quotes"),
        (9, "width"),
        (10, "UNKNOWN_SUBSCRIBER"),
        (11, "issued_at"),
        (11, "period_begin"),
        (11, "period_end"),
    ]
    for locale in ("id", "en"):
        assert all(fault.sentence(locale) for fault in report.faults)
        assert len(report.sentences(locale)) == 2
    assert [bill[0] for bill in await office.bills()] == ["A"]


async def test_a_file_takes_the_same_totals_as_every_other_way(office: Office) -> None:
    (number,) = await office.numbers(1)
    days = "2026-10-05,2026-11-04"
    report = await office.bring(
        HEADER,
        f"{number},A,{days},{TOTAL_MAX_RP},0,2026-11-05",
        f"{number},B,{days},{TOTAL_MAX_RP + 1},0,2026-11-05",
    )
    assert counts(report) == (1, 0, 1)
    assert isinstance(report, BillsReport)
    assert report.faults[0].sentence("en").endswith("digits only, at most Rp1.000.000.000.000.")


@pytest.mark.requirement("P-02")
async def test_payments_and_cancellations(office: Office) -> None:
    (number,) = await office.numbers(1)
    await office.bring(HEADER, f"{number},A,{REST}", f"{number},B,{REST}")
    payments = ["msisdn;number;paid_at", f"{number};A;2026-11-06 09:30:00", f"{number};Z;2026-11-06"]
    for _ in range(2):
        assert counts(await office.bring(*payments)) == (1, 0, 1)
    for _ in range(2):
        assert counts(await office.bring("number,msisdn,cancelled", f"B,{number},YA", f"A,{number},tidak")) == (1, 0, 1)
    paid, cancelled = await office.bills()
    assert paid[2:] == (datetime(2026, 11, 6, 9, 30, tzinfo=WIB), None)
    assert cancelled[2:] == (None, NOW)


async def test_a_list_of_bills_cancels_nothing(office: Office) -> None:
    (number,) = await office.numbers(1)
    await office.bring(HEADER, f"{number},A,{REST}")
    refusal = await office.bring("msisdn,number", f"{number},A")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "BILLS_FILE_REFUSED"
    assert [fault.sentence("en") for fault in refusal.data["faults"]]
    assert (await office.bills())[0][3] is None


@pytest.mark.parametrize("raw", [b"\x00\x01", b"\n", b"a,a\n", b"msisdn,number,paid_at,colour\n"])
async def test_what_is_no_such_file_is_refused(office: Office, raw: bytes) -> None:
    refusal = await office.bring(raw=raw)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "BILLS_FILE_REFUSED"


async def test_more_than_a_batch(office: Office, monkeypatch) -> None:
    monkeypatch.setattr(bring, "BILLS_MAX", 3)
    numbers = await office.numbers(7)
    lines = [HEADER, *(f"{number},INV,{REST}" for number in numbers), "x"]
    assert counts(await office.bring(*lines)) == (7, 0, 1)
    assert counts(await office.bring(*lines)) == (0, 7, 1)
    (kept,) = await office.people.fetch(
        "SELECT data FROM audit WHERE action = 'bills.imported' ORDER BY at, id LIMIT 1"
    )
    assert (kept["data"]["taken"], kept["data"]["faults"]) == (7, 1)
