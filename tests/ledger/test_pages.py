"""Statements page by page, the daily roll-up, expiry in batches, and two that pay each other at once."""

import asyncio
from datetime import timedelta

import pytest
from tests.conftest import NOON
from tests.ledger.test_books import an_account

from konter.ledger import queries
from konter.ledger.accounts import NewAccount, open_owners, statement
from konter.ledger.books import roll_up_house
from konter.ledger.expire import expire
from konter.ledger.model import FUNDING, REVENUE, Account, Books, Draft, House
from konter.platform.clock import FrozenClock, business_day, day_start
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks, OwnerId, make_id

HOUR = timedelta(hours=1)


async def spend(db: Pool, ids: IdBlocks, account: Account, *amounts: int, at=NOON, pending: bool = False) -> int:
    """Take amounts from an account; the last transfer's id."""
    async with db.acquire() as connection:
        await ids.ensure(connection, len(amounts))
        books = Books([account], seqs=ids.take(len(amounts)), at=at)
        made = 0
        for amount in amounts:
            draft = Draft("sale", account, House(REVENUE), amount, "IDR")
            if pending:
                made = books.pend(draft, deadline=at + 10 * HOUR, reference_id=1, rule="r@1")
            else:
                (made,) = books.move([draft], reference_id=1, rule="r@1")
        await queries.write_changes(connection, books.changes())
    return made


async def test_a_statement_is_read_page_by_page_without_gaps(db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    account = await an_account(db, ids, clock, balance=1_000)
    await spend(db, ids, account, *range(1, 11))
    seen, before = [], None
    async with db.acquire() as connection:
        while page := await statement(connection, account.id, before_seq=before, limit=4):
            seen += page
            before = page[-1].seq
    assert [line.seq for line in seen] == list(range(11, 0, -1))
    assert [line.amount for line in seen] == [*range(-10, 0), 1_000]
    assert all(line.balance_before + line.amount == line.balance_after for line in seen)


async def test_a_page_is_bounded(db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    account = await an_account(db, ids, clock, balance=1_000)
    await spend(db, ids, account, *[1] * 205)
    async with db.acquire() as connection:
        assert len(await statement(connection, account.id, limit=10_000)) == 200


async def test_a_statement_is_of_one_account(db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    mine, _ = await an_account(db, ids, clock, balance=5), await an_account(db, ids, clock, balance=7)
    async with db.acquire() as connection:
        assert [line.amount for line in await statement(connection, mine.id)] == [5]


async def rolled_up(db: Pool, day) -> dict:
    rows = await db.fetch("SELECT cell, kind, asset, amount FROM house_day WHERE day = $1", day)
    return {(row["cell"], row["kind"], row["asset"]): row["amount"] for row in rows}


async def test_the_roll_up_of_a_day_is_the_sum_of_its_entries(own_db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    today = business_day(NOON)
    midnight = day_start(today + timedelta(days=1))
    account = await an_account(own_db, ids, clock, balance=1_000)
    await spend(own_db, ids, account, 30, 12)
    await spend(own_db, ids, account, 5, at=midnight - timedelta(microseconds=1))
    await spend(own_db, ids, account, 100, at=midnight)
    async with own_db.acquire() as connection:
        await roll_up_house(connection, today)
    expected = {(7, FUNDING, "IDR"): -1_000, (7, REVENUE, "IDR"): 47}
    assert await rolled_up(own_db, today) == expected


async def test_rolling_a_day_up_again_counts_nothing_twice(own_db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    account = await an_account(own_db, ids, clock, balance=1_000)
    async with own_db.acquire() as connection:
        await roll_up_house(connection, business_day(NOON))
        first = await rolled_up(own_db, business_day(NOON))
        await roll_up_house(connection, business_day(NOON))
        assert await rolled_up(own_db, business_day(NOON)) == first
        await spend(own_db, ids, account, 30)  # one that committed late
        await roll_up_house(connection, business_day(NOON))
    assert (await rolled_up(own_db, business_day(NOON)))[(7, REVENUE, "IDR")] == 30


async def test_an_overdrawn_account_does_not_keep_others_from_expiring(
    own_db: Pool, ids: IdBlocks, clock: FrozenClock
) -> None:
    async with own_db.acquire() as connection:
        await ids.ensure(connection, 10)
        owner = OwnerId(make_id(next(ids.take(1)), 7))
        new = NewAccount(owner, 7, "wallet", "IDR", expires_at=NOON + HOUR, floor=-50)
        (overdrawn,) = await open_owners(connection, [(owner, 7)], kind="outlet", accounts=[new], now=NOON, ids=ids)
    await spend(own_db, ids, overdrawn, 10)
    await an_account(own_db, ids, clock, balance=5, expires_at=NOON + 2 * HOUR)
    async with own_db.acquire() as connection:
        assert await expire(connection, now=NOON + 3 * HOUR, ids=ids, owners_max=1) == 1
        assert await expire(connection, now=NOON + 3 * HOUR, ids=ids, owners_max=1) == 0


async def test_what_comes_back_to_an_expired_account_expires_too(
    own_db: Pool, ids: IdBlocks, clock: FrozenClock
) -> None:
    account = await an_account(own_db, ids, clock, balance=100, expires_at=NOON + HOUR)
    transfer = await spend(own_db, ids, account, 100, pending=True)
    late = NOON + 2 * HOUR
    async with own_db.acquire() as connection:
        assert await expire(connection, now=late, ids=ids) == 1
        (pending,) = await queries.read_pending(connection, transfers=[transfer])
        books = Books([account], seqs=iter(()), at=late)
        books.resolve(pending, post=False)
        await queries.write_changes(connection, books.changes())
        assert await expire(connection, now=late, ids=ids) == 1
        (last, *_) = await statement(connection, account.id)
    assert (last.kind, last.balance_after) == ("expiry", 0)


async def test_a_change_of_an_account_that_is_not_there_is_loud(db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    account = await an_account(db, ids, clock, balance=100)
    stranger = Account(*(getattr(account, name) for name in Account.__struct_fields__))
    stranger.id = make_id(account.id >> 8, 8)
    async with db.acquire() as connection:
        books = Books([stranger], seqs=ids.take(1), at=NOON)
        books.move([Draft("sale", stranger, House(REVENUE), 1, "IDR")], reference_id=1, rule="r")
        with pytest.raises(AssertionError, match="ledger wrote 0 of 1 accounts"):
            async with connection.transaction():
                await queries.write_changes(connection, books.changes())


async def test_two_that_pay_each_other_all_the_time_end(db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    """Owners are locked in id order, whichever pays: without it this pair deadlocks within a few rounds."""
    left, right = await an_account(db, ids, clock, balance=500), await an_account(db, ids, clock, balance=500)

    async def pay(payer: Account, receiver: Account) -> None:
        async with db.acquire() as connection:
            for _ in range(20):
                own = await ids.reserve(connection, 1)
                async with connection.transaction():
                    await queries.lock_owners(connection, owners=[payer.owner_id, receiver.owner_id])
                    found = await queries.read_accounts(connection, owners=[payer.owner_id, receiver.owner_id], at=NOON)
                    accounts = {account.id: account for account in found}
                    books = Books(found, seqs=own.take(1), at=NOON)
                    draft = Draft("pay", accounts[payer.id], accounts[receiver.id], 3, "IDR")
                    books.move([draft], reference_id=1, rule="r")
                    await queries.write_changes(connection, books.changes())

    await asyncio.wait_for(asyncio.gather(pay(left, right), pay(right, left), pay(left, right)), 20)
    async with db.acquire() as connection:
        balances = {
            a.id: a.balance
            for a in await queries.read_accounts(connection, owners=[left.owner_id, right.owner_id], at=NOON)
        }
    assert balances == {left.id: 440, right.id: 560}
