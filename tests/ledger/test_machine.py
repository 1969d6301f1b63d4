"""The ledger on a real database, driven at random beside a small model; after each step both hold the same.

`KONTER_STEPS=long` looks further; the seed of a failure is printed by Hypothesis.
"""

import asyncio
import os
from datetime import datetime, timedelta

import asyncpg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.conftest import NOON
from tests.ledger.model import Held, LedgerModel, Waiting

from konter.ledger import queries
from konter.ledger.accounts import NewAccount, open_accounts, statement
from konter.ledger.books import check_books
from konter.ledger.expire import expire
from konter.ledger.model import FUNDING, REVENUE, Account, Books, Draft, House, Shortfall
from konter.ledger.moves import balance_of
from konter.platform.db import Connection, Pool, open_pool
from konter.platform.ids import AccountId, IdBlocks, OwnerId, make_id

LONG = os.environ.get("KONTER_STEPS") == "long"
BOUNDS = settings(
    max_examples=400 if LONG else 60,
    stateful_step_count=60 if LONG else 30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
CELLS = (7, 7, 201)  # two owners who can deal with each other at once, and one who cannot
picks = st.integers(0, 1_000)
amounts = st.integers(1, 120)
moves = st.lists(st.tuples(picks, picks, amounts), min_size=1, max_size=4)


class Ledger(RuleBasedStateMachine):
    runner: asyncio.Runner
    pool: Pool

    @initialize()
    def begin(self) -> None:
        self.model = LedgerModel(NOON)
        self.ids = IdBlocks()
        self.rows: dict[int, AccountId] = {}
        self.do(self.open_owners())

    def do(self, work):
        return self.runner.run(work)

    async def open_owners(self) -> None:
        async with self.pool.acquire() as connection:
            await self.ids.ensure(connection, 2_000)
            self.owners = [OwnerId(make_id(next(self.ids.take(1)), cell)) for cell in CELLS]
            pairs = list(zip(self.owners, CELLS, strict=True))
            await queries.insert_owners(connection, owners=pairs, kind="outlet", at=NOON)

    @rule(
        owner=st.integers(0, 2),
        asset=st.sampled_from(["IDR", "BYTES"]),
        hours=st.sampled_from([None, 1, 5]),
        floor=st.sampled_from([0, 0, -50]),
    )
    def open(self, owner: int, asset: str, hours: int | None, floor: int) -> None:
        expires_at = self.model.now + timedelta(hours=hours) if hours else None
        held = Held(owner, asset, expires_at, floor)
        if all((a.owner, a.asset, a.expires_at) != (owner, asset, expires_at) for a in self.model.accounts):
            self.model.accounts.append(held)
            self.rows[id(held)] = self.do(self.open_account(held))

    async def open_account(self, held: Held) -> AccountId:
        new = NewAccount(
            self.owners[held.owner],
            CELLS[held.owner],
            "bucket",
            held.asset,
            expires_at=held.expires_at,
            floor=held.floor,
        )
        async with self.pool.acquire() as connection:
            (account,) = await open_accounts(connection, [new], now=self.model.now, ids=self.ids)
        return account.id

    @rule(moves=moves, fund=st.booleans())
    def move(self, *, moves: list[tuple[int, int, int]], fund: bool) -> None:
        """Linked moves among accounts of one cell and asset; the place after the last account is the house's."""
        wanted = [self.sides(debit, credit, amount, fund=fund) for debit, credit, amount in moves]
        wanted = [each for each in wanted if each is not None]
        cells = {CELLS[side.owner] for move in wanted for side in move[:2] if side}
        if wanted and len(cells) == 1:
            assert self.do(self.book_moves(wanted)) == self.model.move(wanted)

    def sides(self, debit: int, credit: int, amount: int, *, fund: bool):
        live = self.model.live()
        if not live:
            return None
        one = live[debit % len(live)]
        if fund:
            return None, one, amount
        others = [a for a in live if a.asset == one.asset and CELLS[a.owner] == CELLS[one.owner] and a is not one]
        place = credit % (len(others) + 1)
        return one, (others[place] if place < len(others) else None), amount

    async def book_moves(self, wanted) -> bool:
        def side(held: Held | None, house: str) -> Account | House:
            return accounts[self.rows[id(held)]] if held else House(house)

        async with self.pool.acquire() as connection, connection.transaction():
            accounts = await self.read(connection)
            books = Books(accounts.values(), seqs=self.ids.take(20), at=self.model.now)
            drafts = [
                Draft("sale", side(debit, FUNDING), side(credit, REVENUE), amount, (debit or credit).asset)
                for debit, credit, amount in wanted
            ]
            made = books.move(drafts, reference_id=1, rule="r@1")
            await queries.write_changes(connection, books.changes())
        return not isinstance(made, Shortfall)

    async def read(self, connection) -> dict[int, Account]:
        """Locked, then read: what a command works on."""
        await queries.lock_owners(connection, owners=self.owners)
        found = await queries.read_accounts(connection, owners=self.owners, at=self.model.now)
        return {account.id: account for account in found}

    @rule(debit=picks, credit=picks, amount=amounts, minutes=st.integers(1, 600))
    def pend(self, debit: int, credit: int, amount: int, minutes: int) -> None:
        move = self.sides(debit, credit, amount, fund=False)
        if move is None:
            return
        waiting = Waiting(*move)
        transfer = self.do(self.book_pending(waiting, self.model.now + timedelta(minutes=minutes)))
        assert (transfer is None) == (waiting.debit.balance - amount < waiting.debit.floor)
        if transfer is not None:
            self.model.pend(transfer, waiting)

    async def book_pending(self, waiting: Waiting, deadline: datetime) -> int | None:
        async with self.pool.acquire() as connection, connection.transaction():
            accounts = await self.read(connection)
            books = Books(accounts.values(), seqs=self.ids.take(5), at=self.model.now)
            credit = accounts[self.rows[id(waiting.credit)]] if waiting.credit else House(REVENUE)
            draft = Draft("sale", accounts[self.rows[id(waiting.debit)]], credit, waiting.amount, waiting.debit.asset)
            made = books.pend(draft, deadline=deadline, reference_id=1, rule="r@1")
            await queries.write_changes(connection, books.changes())
        return None if isinstance(made, Shortfall) else made

    @precondition(lambda self: self.model.waiting)
    @rule(pick=picks, post=st.booleans())
    def resolve(self, *, pick: int, post: bool) -> None:
        """Also to an account that has expired meanwhile: it opens again, and the next expiry takes what came back."""
        transfer = list(self.model.waiting)[pick % len(self.model.waiting)]
        self.do(self.book_resolution(transfer, post=post))
        self.model.resolve(transfer, post=post)

    async def book_resolution(self, transfer: int, *, post: bool) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            await queries.lock_owners(connection, owners=self.owners)
            (pending,) = await queries.read_pending(connection, transfers=[transfer])
            sides = [pending.debit_account, pending.credit_account]
            books = Books(await every_account(connection, sides), seqs=iter(()), at=self.model.now)
            books.resolve(pending, post=post)
            await queries.write_changes(connection, books.changes())
            assert await queries.read_pending(connection, transfers=[transfer]) == []

    @rule(minutes=st.sampled_from([1, 60, 300]))
    def wait(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)

    @rule()
    def expire(self) -> None:
        self.model.expire()
        self.do(self.book_expiry())

    async def book_expiry(self) -> None:
        async with self.pool.acquire() as connection:
            while await expire(connection, now=self.model.now, ids=self.ids, owners_max=2):
                pass

    @invariant()
    def both_hold_the_same(self) -> None:
        if not hasattr(self, "owners"):
            return
        real = self.do(self.balances())
        assert real == {self.rows[id(a)]: (a.balance, self.model.held_of(a)) for a in self.model.accounts}

    async def balances(self) -> dict[int, tuple[int, int]]:
        async with self.pool.acquire() as connection:
            accounts = await every_account(connection, list(self.rows.values()))
            return {a.id: await self.held_of(connection, a) for a in accounts}

    async def held_of(self, connection: Connection, account: Account) -> tuple[int, int]:
        if account.expires_at is None:
            found = await balance_of(connection, account.owner_id, kind=account.kind, asset=account.asset)
            return found.balance, found.held
        held = "SELECT coalesce(sum(amount), 0)::bigint FROM transfer WHERE state = 'pending' AND debit_account = $1"
        return account.balance, await connection.fetchval(held, account.id)

    def teardown(self) -> None:
        if hasattr(self, "owners"):
            self.do(self.prove())

    async def prove(self) -> None:
        """Statements page by page tell the model's story, and the books balance."""
        async with self.pool.acquire() as connection:
            for held in self.model.accounts:
                lines, before = [], None
                while page := await statement(connection, self.rows[id(held)], before_seq=before, limit=3):
                    lines += page
                    before = page[-1].seq
                assert [line.amount for line in reversed(lines)] == held.entries
                assert [line.seq for line in reversed(lines)] == list(range(1, len(held.entries) + 1))
            report = await check_books(connection, now=NOON)
        assert report.balanced, report.breaks


async def every_account(connection, account_ids: list[int]) -> list[Account]:
    """Accounts by id, closed and expired ones too."""
    names = ", ".join(Account.__struct_fields__)
    rows: list[asyncpg.Record] = await connection.fetch(f"SELECT {names} FROM account WHERE id = ANY($1)", account_ids)
    return [Account(*row) for row in rows]


def test_the_ledger_does_what_the_model_does(own_dsn: str) -> None:
    with asyncio.Runner() as runner:
        Ledger.runner = runner
        Ledger.pool = runner.run(open_pool(own_dsn, size=2))
        try:
            run_state_machine_as_test(Ledger, settings=BOUNDS)
        finally:
            runner.run(Ledger.pool.close())
