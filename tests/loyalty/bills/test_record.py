"""Bills are taken by one verb, and one that makes no sense is refused: it must not stop the points of all others."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.loyalty.people import People, subscription_of

from konter.loyalty.bills.model import TOTAL_MAX_RP, NewBill, Recorded
from konter.loyalty.bills.record import record_issued_bills
from konter.loyalty.tiers.evaluate import evaluate_tiers
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB
from konter.platform.ids import Msisdn
from konter.platform.refusal import Refusal
from konter.subscriber.open import NewSubscription, open_subscriptions

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
SHORT = {"period_begin": date(2026, 10, 20), "period_end": date(2026, 11, 4)}
NOON = datetime(2026, 11, 10, 12, tzinfo=WIB)


async def told(people: People, msisdn: int, **said) -> Recorded | Refusal:
    fields = {"number": "B-1", "total_rp": 100_000, "tax_rp": 0, "issued_at": datetime(2026, 11, 5, 2, tzinfo=WIB)}
    fields |= {"period_begin": date(2026, 10, 5), "period_end": date(2026, 11, 4)}
    bill = NewBill(msisdn=Msisdn(msisdn), **(fields | said))
    async with people.db.acquire() as connection:
        given = {"actor": SYSTEM, "now": NOON, "ids": people.ids, "rules": people.rulebook.at(NOON)}
        (outcome,) = await record_issued_bills(connection, [bill], **given)
    return outcome


@pytest.mark.requirement("P-02")
async def test_it_works(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    first, again = await told(people, people.msisdns[0]), await told(people, people.msisdns[0])
    assert isinstance(first, Recorded)
    assert isinstance(again, Recorded)
    assert (first.new, again.new, first.id) == (True, False, again.id)
    await people.accrue(NOON)
    assert await people.points(customer, at=NOON) == 40


OLD = {
    "period_begin": date(1926, 10, 5),
    "period_end": date(1926, 11, 4),
    "issued_at": datetime(1926, 11, 5, tzinfo=WIB),
}
FIRST = {"period_begin": date.min, "period_end": date.min, "issued_at": datetime.min.replace(tzinfo=UTC)}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (OLD, "BILL_TOO_OLD"),
        (FIRST, "BILL_TOO_OLD"),
        ({"issued_at": datetime.min.replace(tzinfo=WIB)}, "BILL_TOO_OLD"),
        ({"total_rp": TOTAL_MAX_RP + 1}, "BILL_TOTAL_WRONG"),
        ({"total_rp": 10**30}, "BILL_TOTAL_WRONG"),
        ({"tax_rp": 100_001}, "BILL_TAX_WRONG"),
        ({"period_end": date.max}, "BILL_PERIOD_WRONG"),
        ({"issued_at": NOON + timedelta(seconds=1)}, "BILL_IN_THE_FUTURE"),
    ],
)
async def test_what_cannot_be_is_refused(people: People, said: dict, code: str) -> None:
    await people.open(at=OPENED, brand="prima", kind="postpaid")
    outcome = await told(people, people.msisdns[0], **said)
    assert isinstance(outcome, Refusal)
    assert outcome.code == code


async def test_the_largest_bills_stop_neither_grants_nor_evaluation(people: People) -> None:
    await people.open(at=OPENED, brand="prima", kind="postpaid")
    for n in range(8):
        assert isinstance(await told(people, people.msisdns[0], number=f"B-{n}", total_rp=TOTAL_MAX_RP), Recorded)
    assert await people.accrue(NOON) == 8
    december = datetime(2026, 12, 1, tzinfo=WIB)
    done = await evaluate_tiers(people.db, date(2026, 12, 1), now=december, rulebook=people.rulebook)
    assert done == {"upgrade": 1}


async def given_on(people: People, former: int, msisdn: int, at: datetime) -> int:
    """A number has another owner from a moment on."""
    await people.fetch("UPDATE subscription SET ended_at = $2 WHERE id = $1", former, at - timedelta(minutes=1))
    new = NewSubscription(msisdn=Msisdn(msisdn), active_until=at + timedelta(days=900), brand="prima", kind="postpaid")
    async with people.db.acquire() as connection:
        return subscription_of(await open_subscriptions(connection, [new], now=at, ids=people.ids))


@pytest.mark.requirement("G-P18")
@pytest.mark.parametrize(
    "again", [datetime(2026, 11, 8, tzinfo=WIB), datetime(2026, 11, 5, tzinfo=WIB)], ids=["later", "the day after"]
)
async def test_the_last_bill_of_a_number_is_not_its_next_owners(people: People, again: datetime) -> None:
    former = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    msisdn = people.msisdns[0]
    await given_on(people, former, msisdn, again)
    outcome = await told(people, msisdn)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "BILL_OF_ANOTHER"


@pytest.mark.requirement("G-P18")
async def test_a_bill_of_the_last_day_is_the_next_owners_only_when_it_was_issued_to_that_one(people: People) -> None:
    former = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    msisdn, again = people.msisdns[0], datetime(2026, 11, 4, 12, tzinfo=WIB)
    await people.bill(msisdn, "B-0", 50_000, **SHORT, issued_at=again - timedelta(hours=2))
    owner = await given_on(people, former, msisdn, again)
    before = await told(people, msisdn, **SHORT, issued_at=again - timedelta(seconds=1))
    assert isinstance(before, Refusal)
    assert before.code == "BILL_OF_ANOTHER"
    assert isinstance(await told(people, msisdn, **SHORT, issued_at=again), Recorded)
    assert await people.accrue(NOON) == 2
    assert (await people.points(former, at=NOON), await people.points(owner, at=NOON)) == (20, 40)
