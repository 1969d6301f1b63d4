"""Moves between accounts, pending ones, expiry: what the ledger promises, against a real PostgreSQL."""

from datetime import timedelta

import asyncpg
import pytest

from konter.ledger import queries
from konter.ledger.accounts import NewAccount, open_owners, statement
from konter.ledger.books import check_books
from konter.ledger.expire import expire
from konter.ledger.model import FUNDING, REVENUE, Account, Books, Draft, House, Shortfall
from konter.ledger.moves import balance_of
from konter.platform.clock import FrozenClock
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks, OwnerId, make_id

IN_AN_HOUR = timedelta(hours=1)


async def an_account(db: Pool, ids: IdBlocks, clock: FrozenClock, *, balance: int = 0, expires_at=None) -> Account:
    """A fresh owner's account with a balance."""
    async with db.acquire() as connection:
        await ids.ensure(connection, 10)
        owner = OwnerId(make_id(next(ids.take(1)), 7))
        new = NewAccount(owner, 7, "wallet", "IDR", expires_at=expires_at)
        (account,) = await open_owners(
            connection, [(owner, 7)], kind="outlet", accounts=[new], now=clock.now(), ids=ids
        )
        if balance:
            books = Books([account], seqs=ids.take(1), at=clock.now())
            books.move([Draft("funding", House(FUNDING), account, balance, "IDR")], reference_id=0, rule="test")
            await queries.write_changes(connection, books.changes())
    return account


async def test_a_move_writes_both_entries_and_the_balance(db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    account = await an_account(db, ids, clock, balance=100)
    async with db.acquire() as connection:
        books = Books([account], seqs=ids.take(1), at=clock.now())
        books.move([Draft("sale", account, House(REVENUE), 30, "IDR")], reference_id=1, rule="r@1")
        await queries.write_changes(connection, books.changes())
        lines = await statement(connection, account.id)
    assert [(line.amount, line.balance_before, line.balance_after) for line in lines] == [(-30, 100, 70), (100, 0, 100)]


async def test_linked_moves_are_all_or_none(db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    account = await an_account(db, ids, clock, balance=100)
    books = Books([account], seqs=iter(range(5)), at=clock.now())
    out = Draft("sale", account, House(REVENUE), 60, "IDR")
    assert books.move([out, out], reference_id=1, rule="r@1") == Shortfall(account, 20)
    assert account.balance == 100
    assert books.changes().entries == []


async def held_of(connection: Connection, account: Account) -> tuple[int, int]:
    found = await balance_of(connection, account.owner_id, kind=account.kind, asset=account.asset)
    assert found.account_id == account.id
    return found.balance, found.held


@pytest.mark.parametrize("post", [True, False])
async def test_a_pending_transfer_is_posted_or_voided(db: Pool, ids: IdBlocks, clock: FrozenClock, post: bool) -> None:
    account = await an_account(db, ids, clock, balance=100)
    deadline = clock.now() + IN_AN_HOUR
    async with db.acquire() as connection:
        books = Books([account], seqs=ids.take(1), at=clock.now())
        id_ = books.pend(
            Draft("sale", account, House(REVENUE), 40, "IDR"), deadline=deadline, reference_id=1, rule="r@1"
        )
        await queries.write_changes(connection, books.changes())
        assert await held_of(connection, account) == (60, 40)

        (pending,) = await queries.read_pending(connection, transfers=[id_])
        books = Books([account], seqs=iter(()), at=clock.now())
        books.resolve(pending, post=post)
        await queries.write_changes(connection, books.changes())
        assert await held_of(connection, account) == (account.balance, 0)
        assert account.balance == (60 if post else 100)


async def test_a_transfer_is_resolved_once(db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    account = await an_account(db, ids, clock, balance=100)
    async with db.acquire() as connection:
        books = Books([account], seqs=ids.take(1), at=clock.now())
        draft = Draft("sale", account, House(REVENUE), 40, "IDR")
        id_ = books.pend(draft, deadline=clock.now() + IN_AN_HOUR, reference_id=1, rule="r@1")
        await queries.write_changes(connection, books.changes())
        (pending,) = await queries.read_pending(connection, transfers=[id_])
        stale = Account(**{name: getattr(account, name) for name in account.__struct_fields__})
        for working_copy, allowed in ((account, True), (stale, False)):
            books = Books([working_copy], seqs=iter(()), at=clock.now())
            books.resolve(pending, post=False)
            if allowed:
                await queries.write_changes(connection, books.changes())
                continue
            with pytest.raises(asyncpg.UniqueViolationError, match="entry_pkey"):
                async with connection.transaction():
                    await queries.write_changes(connection, books.changes())


async def test_the_books_show_a_pending_transfer_past_its_deadline(
    own_db: Pool, ids: IdBlocks, clock: FrozenClock
) -> None:
    account = await an_account(own_db, ids, clock, balance=100)
    async with own_db.acquire() as connection:
        books = Books([account], seqs=ids.take(1), at=clock.now())
        draft = Draft("sale", account, House(REVENUE), 40, "IDR")
        books.pend(draft, deadline=clock.now() + IN_AN_HOUR, reference_id=1, rule="r@1")
        await queries.write_changes(connection, books.changes())
        assert (await check_books(connection, now=clock.now())).balanced
        late = await check_books(connection, now=clock.now() + 2 * IN_AN_HOUR)
    assert list(late.breaks) == ["no pending transfer is past its deadline"]


@pytest.mark.parametrize(
    ("damage", "proof"),
    [
        ("UPDATE account SET balance = balance + 1 WHERE id = $1", "balances equal entries"),
        ("DELETE FROM entry WHERE account_id = $1", "entries of each asset sum to zero"),
        (
            "UPDATE entry SET balance_after = 1 WHERE account_id = $1",
            "every entry's balance follows from the one before",
        ),
        (
            "UPDATE transfer SET amount = 1 WHERE credit_account = $1",
            "each transfer's entries sum to zero and are as many as its state says",
        ),
        ("DELETE FROM transfer WHERE credit_account = $1", "every entry has its transfer"),
        ("DELETE FROM account WHERE id = $1", "entries of owners stand on an account, those of the house on none"),
    ],
)
async def test_check_books_finds_damage(
    own_dsn: str, own_db: Pool, ids: IdBlocks, clock: FrozenClock, damage: str, proof: str
) -> None:
    account = await an_account(own_db, ids, clock, balance=100)
    owner = await asyncpg.connect(own_dsn)  # not as konter_app, which may not do any of this
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute(damage, account.id)
    breaks = await queries.read_breaks(owner, now=clock.now())
    await transaction.rollback()
    await owner.close()
    assert proof in breaks


@pytest.mark.parametrize("statement_", ["UPDATE entry SET amount = 1", "DELETE FROM entry", "DELETE FROM audit"])
async def test_the_application_can_only_add_to_entries_and_audit(db: Pool, statement_: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute(statement_)


async def test_expiry_is_a_transfer_and_closes_the_account(own_db: Pool, ids: IdBlocks, clock: FrozenClock) -> None:
    until = clock.now() + IN_AN_HOUR
    account = await an_account(own_db, ids, clock, balance=5_000, expires_at=until)
    async with own_db.acquire() as connection:
        assert await expire(connection, now=until - timedelta(microseconds=1), ids=ids) == 0
        assert await expire(connection, now=until, ids=ids) == 1
        assert await expire(connection, now=until, ids=ids) == 0
        (last, *_) = await statement(connection, account.id)
        assert (last.kind, last.amount, last.balance_after) == ("expiry", -5_000, 0)
        assert await queries.read_accounts(connection, owners=[account.owner_id], at=clock.now()) == []
