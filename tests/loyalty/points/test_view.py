"""What a customer has, and why: balances by vintage, tier, sentences."""

from datetime import date, datetime, timedelta

import pytest
from tests.loyalty.people import People, subscription_of

from konter.loyalty.history import points_history
from konter.loyalty.points.forfeit import forfeit_ended
from konter.loyalty.points.view import PointsView, points_of
from konter.loyalty.points.why import moves_of
from konter.loyalty.tiers.evaluate import evaluate_tiers
from konter.loyalty.tiers.read import tier_history
from konter.platform.clock import WIB

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
NOON = datetime(2026, 11, 10, 12, tzinfo=WIB)
LATER = NOON + timedelta(hours=1)


async def view(people: People, subscription, at: datetime, brand: str = "nusa") -> PointsView:
    given = {"kind": "prepaid", "brand": brand, "now": at, "rules": people.rulebook.at(at)}
    async with people.db.acquire() as connection:
        return await points_of(connection, subscription, **given)


@pytest.mark.requirement("P-28", "P-41", "P-43", "P-20")
async def test_it_works(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    for at in (datetime(2026, 11, 10, tzinfo=WIB), datetime(2027, 1, 10, tzinfo=WIB)):
        await people.recharge(customer, 240_000 if at.year == 2026 else 62_000, at=at)
    now = datetime(2027, 1, 11, tzinfo=WIB)
    await people.accrue(now)
    seen = await view(people, customer, now)
    assert [(each.year, each.points, each.last_day) for each in seen.vintages] == [
        (2026, 48, date(2027, 3, 31)),
        (2027, 12, date(2028, 3, 31)),
    ]
    assert (seen.points, seen.debt, seen.tier, seen.tier_last_day) == (60, 0, "red", date(2027, 7, 31))
    assert (seen.month_rp, seen.minimum_rp, seen.earns) == (62_000, 50_000, True)


async def test_somebody_without_anything_is_in_the_lowest_tier(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    seen = await view(people, customer, NOON)
    assert (seen.points, seen.vintages, seen.tier, seen.tier_last_day) == (0, (), "mass", None)


@pytest.mark.requirement("P-30", "G-P21")
async def test_a_brand_that_earns_nothing_has_no_minimum(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED, brand="other"))
    seen = await view(people, customer, NOON, brand="other")
    assert (seen.minimum_rp, seen.earns) == (0, False)


async def test_each_grant_says_why_in_a_sentence(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    sale = await people.recharge(customer, 62_000, at=NOON)
    await people.accrue(LATER)
    await people.recharge(customer, 13_000, at=LATER)
    await people.accrue(LATER + timedelta(hours=1))
    await people.reverse(customer, sale, 62_000, at=LATER + timedelta(hours=1))
    await people.accrue(LATER + timedelta(hours=2))
    async with people.db.acquire() as connection:
        history = await points_history(connection, customer, now=LATER + timedelta(hours=3), limit=20)
    first, more, back = [line.sentence("id") for line in reversed(history.lines)]
    rule, month = f"(aturan {people.rulebook.at(NOON).label}).", "isi ulang November 2026"
    assert first == f"12 poin: 12 kali Rp5.000 penuh dari {month} Rp62.000, 1 poin tiap Rp5.000 {rule}"
    said = f"3 poin lagi, menjadi 15: kini 15 kali Rp5.000 penuh dari {month} Rp75.000, 1 poin tiap Rp5.000 {rule}"
    assert more == said
    assert back == f"15 poin ditarik, tinggal 0: {month} kini Rp13.000 setelah pembatalan {rule}"
    assert (
        history.lines[-1]
        .sentence("en")
        .startswith("12 points: 12 x a full Rp5.000 in recharges of November 2026 (Rp62.000), 1 per Rp5.000")
    )


async def test_a_bill_says_its_number(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED, brand="prima", kind="postpaid"))
    await people.bill(people.msisdns[0], "B-77", 123_456)
    await people.accrue(NOON)
    async with people.db.acquire() as connection:
        (line,) = (await points_history(connection, customer, now=LATER, limit=20)).lines
    said = "48 poin: 24 kali Rp5.000 penuh dari tagihan nomor B-77 Rp123.456, 2 poin tiap Rp5.000"
    assert line.sentence("id").startswith(said)
    assert line.sentence("en").startswith(
        "48 points: 24 x a full Rp5.000 in bill number B-77 (Rp123.456), 2 per Rp5.000"
    )


@pytest.mark.requirement("G-P19")
async def test_the_balance_may_be_below_zero_and_the_next_grant_repays(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    sale = await people.recharge(customer, 100_000, at=NOON)
    await people.accrue(LATER)
    await people.spend(customer, 15, at=LATER)
    await people.reverse(customer, sale, 100_000, at=LATER)
    await people.accrue(LATER + timedelta(hours=1))
    seen = await view(people, customer, LATER + timedelta(hours=1))
    assert (seen.points, seen.debt, seen.vintages) == (-15, 15, ())
    await people.recharge(customer, 110_000, at=LATER + timedelta(hours=1))
    await people.accrue(LATER + timedelta(hours=2))
    seen = await view(people, customer, LATER + timedelta(hours=2))
    assert (seen.points, seen.debt, [each.points for each in seen.vintages]) == (7, 0, [7])
    async with people.db.acquire() as connection:
        moves = await moves_of(connection, customer)
    assert [(move.kind, move.points) for move in moves] == [
        ("points_grant", 22),
        ("points_take_back", -20),
        ("redemption", -15),
        ("points_grant", 20),
    ]


@pytest.mark.requirement("P-31", "P-37")
async def test_the_history_of_a_tier_says_what_made_it(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 62_000, at=NOON)
    await people.accrue(LATER)
    async with people.db.acquire() as connection:
        (change,) = await tier_history(connection, customer)
    assert (change.tier_before, change.standing.tier, change.cause, change.spent_rp) == ("mass", "red", "entry", 62_000)


@pytest.mark.requirement("P-34", "P-41")
async def test_a_tier_that_another_followed_ended_where_that_one_began(people: People) -> None:
    customer = subscription_of(await people.open(at=OPENED))
    await people.recharge(customer, 9_000_000, at=NOON)
    await people.accrue(LATER)
    first = datetime(2026, 12, 1, 0, 5, tzinfo=WIB)
    await evaluate_tiers(people.db, first.date(), now=first, rulebook=people.rulebook)
    async with people.db.acquire() as connection:
        changes = await tier_history(connection, customer)
    assert [(each.standing.tier, each.standing.since, each.standing.until) for each in changes] == [
        ("priority", date(2026, 12, 1), date(2027, 6, 1)),
        ("red", date(2026, 11, 10), date(2026, 12, 1)),
    ]


@pytest.mark.requirement("G-P18")
async def test_points_of_a_number_that_ended_are_lost(people: People) -> None:
    customer, other = await people.open(at=OPENED, count=2)
    for each in (customer, other):
        await people.recharge(each, 62_000, at=NOON)
    await people.accrue(LATER)
    await people.fetch("UPDATE subscription SET ended_at = $2 WHERE id = $1", customer, LATER)
    async with people.db.acquire() as connection:
        given = {"since": OPENED, "now": LATER, "ids": people.ids, "rules": people.rulebook.at(LATER)}
        assert await forfeit_ended(connection, **given) == 12
        assert await forfeit_ended(connection, **given) == 0
    assert (await people.points(customer, at=LATER), await people.points(other, at=LATER)) == (0, 12)
