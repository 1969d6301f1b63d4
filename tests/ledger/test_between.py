"""Value between owners of different cells: three steps that die, repeat and overtake each other at random.

`KONTER_STEPS=long` looks further.
"""

import asyncio
import os
from dataclasses import dataclass
from datetime import timedelta

import pytest
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
from tests.conftest import NOON, prove_books

from konter.ledger.accounts import NewAccount, open_owners
from konter.ledger.between.model import Part, Receiving, Sending, Settling
from konter.ledger.between.steps import receive, send, settle
from konter.ledger.model import FUNDING, ISSUED, REVENUE, Books, Draft, House
from konter.ledger.queries import read_accounts, write_changes
from konter.platform.clock import FrozenClock
from konter.platform.db import Pool, open_pool
from konter.platform.ids import IdBlocks, OwnerId, TransferId, make_id

LONG = os.environ.get("KONTER_STEPS") == "long"
BOUNDS = settings(
    max_examples=200 if LONG else 25,
    stateful_step_count=60 if LONG else 30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
PAYER_CELLS, RECEIVER_CELLS = (7, 7, 40), (201, 7)
OPENING = {"IDR": 100, "BYTES": 50}
PRICE = 3  # the receiver gets three rupiah for each rupiah and byte that was sent
picks = st.integers(0, 1_000)


@dataclass
class Wish:
    """One passage as the model has it."""

    sending: Sending
    receiver: OwnerId
    sent: str = ""  # pending, posted, voided, refused
    received: str = ""  # received, refused

    @property
    def price(self) -> int:
        return PRICE * sum(part.amount for part in self.sending.parts)

    def receiving(self, refuse: str = "") -> Receiving:
        return Receiving(
            id=self.sending.id,
            owner_id=self.receiver,
            parts=(Part(kind="wallet", asset="IDR", amount=self.price),),
            source=REVENUE,
            kind="reversal",
            reference_id=1,
            rule="r@1",
            refuse=refuse,
        )

    def settling(self, *, post: bool) -> Settling:
        return Settling(id=self.sending.id, owner_id=self.sending.owner_id, reference_id=1, post=post)


class World:
    """Owners with money in different cells, and the three steps on them."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.ids, self.clock = pool, IdBlocks(), FrozenClock(NOON)

    async def open(self) -> None:
        async with self.pool.acquire() as connection:
            await self.ids.ensure(connection, 2_000)
            self.payers = [OwnerId(make_id(next(self.ids.take(1)), cell)) for cell in PAYER_CELLS]
            self.receivers = [OwnerId(make_id(next(self.ids.take(1)), cell)) for cell in RECEIVER_CELLS]
            owners = [*self.payers, *self.receivers]
            accounts = [NewAccount(o, o & 255, "bucket", asset) for o in self.payers for asset in OPENING]
            accounts += [NewAccount(o, o & 255, "wallet", "IDR") for o in self.receivers]
            opened = await open_owners(
                connection, [(o, o & 255) for o in owners], kind="outlet", accounts=accounts, now=NOON, ids=self.ids
            )
            books = Books(opened, seqs=self.ids.take(len(opened)), at=NOON)
            for account in opened:
                if account.kind == "bucket":
                    draft = Draft("purchase", House(FUNDING), account, OPENING[account.asset], account.asset)
                    books.move([draft], reference_id=1, rule="r@1")
            await write_changes(connection, books.changes())

    def wish(self, payer: int, receiver: int, rupiah: int, volume: int, minutes: int) -> Wish:
        owner = self.payers[payer]
        parts = [Part(kind="bucket", asset="IDR", amount=rupiah)]
        if volume:
            parts.append(Part(kind="bucket", asset="BYTES", amount=volume))
        sending = Sending(
            id=TransferId(make_id(next(self.ids.take(1)), owner & 255)),
            owner_id=owner,
            parts=tuple(parts),
            to=ISSUED,
            kind="reversal",
            deadline=self.clock.now() + timedelta(minutes=minutes),
            reference_id=1,
            rule="r@1",
        )
        return Wish(sending, self.receivers[receiver])

    async def send(self, *wishes: Wish):
        async with self.pool.acquire() as connection:
            return await send(connection, [w.sending for w in wishes], clock=self.clock, ids=self.ids)

    async def receive(self, wish: Wish, refuse: str = ""):
        async with self.pool.acquire() as connection:
            (received,) = await receive(connection, [wish.receiving(refuse)], clock=self.clock, ids=self.ids)
        return received

    async def settle(self, wish: Wish, *, post: bool):
        async with self.pool.acquire() as connection:
            (ended,) = await settle(connection, [wish.settling(post=post)], clock=self.clock, ids=self.ids)
        return ended

    async def balances(self) -> dict[tuple[int, str], int]:
        owners = [*self.payers, *self.receivers]
        async with self.pool.acquire() as connection:
            found = await read_accounts(connection, owners=owners, at=self.clock.now())
        return {(account.owner_id, account.asset): account.balance for account in found}


class Passages(RuleBasedStateMachine):
    runner: asyncio.Runner
    pool: Pool

    @initialize()
    def begin(self) -> None:
        self.world = World(self.pool)
        self.do(self.world.open())
        self.held = {(o, asset): n for o in self.world.payers for asset, n in OPENING.items()}
        self.held |= {(o, "IDR"): 0 for o in self.world.receivers}
        self.wishes: list[Wish] = []

    def do(self, work):
        return self.runner.run(work)

    @rule(
        payer=st.integers(0, 2),
        receiver=st.integers(0, 1),
        rupiah=st.integers(1, 60),
        volume=st.integers(0, 30),
        minutes=st.integers(1, 30),
    )
    def wish(self, payer: int, receiver: int, rupiah: int, volume: int, minutes: int) -> None:
        self.wishes.append(self.world.wish(payer, receiver, rupiah, volume, minutes))

    @precondition(lambda self: self.wishes)
    @rule(which=st.lists(picks, min_size=1, max_size=4))
    def send(self, which: list[int]) -> None:
        """Also again, also the same one twice in a batch, also one that has ended."""
        wishes = [self.wishes[pick % len(self.wishes)] for pick in which]
        sent = self.do(self.world.send(*wishes))
        for wish, said in zip(wishes, sent, strict=True):
            if not wish.sent:
                wish.sent = self.model_send(wish)
                assert said.new
            assert said.state == wish.sent

    def model_send(self, wish: Wish) -> str:
        owner = wish.sending.owner_id
        there = all(self.held[owner, part.asset] >= part.amount for part in wish.sending.parts)
        if not there or wish.sending.deadline <= self.world.clock.now() or self.refused_in_the_payers_cell(wish):
            return "refused"
        for part in wish.sending.parts:
            self.held[owner, part.asset] -= part.amount
        return "pending"

    def refused_in_the_payers_cell(self, wish: Wish) -> bool:
        return wish.received == "refused" and wish.receiver & 255 == wish.sending.owner_id & 255

    @precondition(lambda self: any(w.sent in ("pending", "posted", "voided") for w in self.wishes))
    @rule(pick=picks, refuse=st.booleans())
    def receive(self, *, pick: int, refuse: bool) -> None:
        """What was sent reaches its receiver, however late, however often; whoever drives refuses at the deadline."""
        sent = [wish for wish in self.wishes if wish.sent in ("pending", "posted", "voided")]
        wish = sent[pick % len(sent)]
        over = wish.sending.deadline <= self.world.clock.now()
        said = self.do(self.world.receive(wish, "NO" if refuse or over else ""))
        if not wish.received:
            wish.received = "refused" if refuse or over else "received"
            self.held[wish.receiver, "IDR"] += 0 if said.refused else wish.price
            assert said.new
        assert said.refused == (wish.received == "refused")

    @precondition(lambda self: any(w.received for w in self.wishes))
    @rule(pick=picks)
    def settle(self, pick: int) -> None:
        told = [wish for wish in self.wishes if wish.received]
        wish = told[pick % len(told)]
        said = self.do(self.world.settle(wish, post=wish.received == "received"))
        if wish.sent == "pending":
            wish.sent = "posted" if wish.received == "received" else "voided"
            if wish.sent == "voided":
                self.give_back(wish)
            assert said.new
        assert said.state == wish.sent

    def give_back(self, wish: Wish) -> None:
        for part in wish.sending.parts:
            self.held[wish.sending.owner_id, part.asset] += part.amount

    @precondition(lambda self: any(not w.sent or w.sent == "refused" for w in self.wishes))
    @rule(pick=picks)
    def withdraw(self, pick: int) -> None:
        """Whatever was never sent is never sent afterwards."""
        unsent = [wish for wish in self.wishes if wish.sent in ("", "refused")]
        wish = unsent[pick % len(unsent)]
        assert self.do(self.world.settle(wish, post=False)).state == "refused"
        wish.sent = "refused"

    @rule(minutes=st.integers(1, 20))
    def wait(self, minutes: int) -> None:
        self.world.clock.advance(timedelta(minutes=minutes))

    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        if hasattr(self, "held"):
            assert self.do(self.world.balances()) == self.held

    def teardown(self) -> None:
        """Driven to their ends, all passages leave balanced books and nothing in transit."""
        if hasattr(self, "wishes"):
            for wish in [wish for wish in self.wishes if wish.sent == "pending"]:
                wish.received = wish.received or "refused"
                refused = self.do(self.world.receive(wish, "NO")).refused
                assert refused == (wish.received == "refused")
                self.do(self.world.settle(wish, post=not refused))
            self.do(prove_books(self.pool))
            assert not self.do(self.pool.fetchval("SELECT count(*) FROM transfer WHERE state = 'pending'"))


@pytest.mark.requirement("D-46")
def test_nothing_is_lost_or_credited_twice(own_dsn: str) -> None:
    with asyncio.Runner() as runner:
        Passages.runner = runner
        Passages.pool = runner.run(open_pool(own_dsn, size=2))
        try:
            run_state_machine_as_test(Passages, settings=BOUNDS)
        finally:
            runner.run(Passages.pool.close())


@pytest.fixture
async def world(db: Pool) -> World:
    world = World(db)
    await world.open()
    return world


async def test_it_works(world: World) -> None:
    wish = world.wish(0, 0, 60, 20, 10)
    assert (await world.send(wish))[0].state == "pending"
    assert (await world.balances())[wish.sending.owner_id, "IDR"] == 40
    received = await world.receive(wish)
    assert [(p.amount, p.before, p.after) for p in received.parts] == [(240, 0, 240)]
    assert (await world.settle(wish, post=True)).state == "posted"
    assert (await world.balances())[wish.receiver, "IDR"] == 240


async def test_many_at_once_receive_and_settle_it_once(world: World) -> None:
    wish = world.wish(0, 0, 60, 0, 10)
    sent = await asyncio.gather(*[world.send(wish) for _ in range(5)])
    received = await asyncio.gather(*[world.receive(wish) for _ in range(5)])
    ended = await asyncio.gather(*[world.settle(wish, post=True) for _ in range(5)])
    assert [sum(each.new for each in step) for step in ([s for (s,) in sent], received, ended)] == [1, 1, 1]
    balances = await world.balances()
    assert (balances[wish.sending.owner_id, "IDR"], balances[wish.receiver, "IDR"]) == (40, 180)


async def test_all_parts_or_none(world: World) -> None:
    (sent,) = await world.send(world.wish(0, 0, 60, 51, 10))
    assert (sent.state, sent.reason, sent.left, sent.wanted) == ("refused", "SHORT", 50, 51)
    assert (await world.balances())[world.payers[0], "IDR"] == 100


async def test_what_was_refused_once_stays_refused_when_there_is_enough_again(world: World) -> None:
    big, small = world.wish(0, 0, 100, 0, 10), world.wish(0, 0, 60, 0, 10)
    assert [s.state for s in await world.send(small, big)] == ["pending", "refused"]
    await world.receive(small, "NO")
    await world.settle(small, post=False)
    assert [(s.state, s.reason) for s in await world.send(big)] == [("refused", "SHORT")]


async def test_nothing_is_sent_after_its_deadline(world: World) -> None:
    wish = world.wish(0, 0, 60, 0, 10)
    world.clock.advance(timedelta(minutes=10))
    assert [(s.state, s.reason) for s in await world.send(wish)] == [("refused", "TOO_LATE")]


async def test_what_nobody_sent_cannot_be_posted(world: World) -> None:
    with pytest.raises(AssertionError, match="never sent"):
        await world.settle(world.wish(0, 0, 60, 0, 10), post=True)
