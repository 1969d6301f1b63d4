"""Whoever changes numbers: each verb with one request, and a lock that everybody waits for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.access.people import Stage

from konter.access.model import User
from konter.channel.add_users import end_users
from konter.channel.conflicts.model import NewConflict, Settlement
from konter.channel.conflicts.settle import keep_conflicts, settle_conflicts
from konter.channel.model import Outlet
from konter.channel.numbers.model import NnChange, RsChange, UserMove
from konter.channel.numbers.move import join_outlets, move_users
from konter.channel.numbers.notification import change_notification_numbers
from konter.channel.numbers.read import NumberStory, number_story
from konter.channel.numbers.reseller import change_reseller_numbers
from konter.channel.scope import EVERYWHERE, Scope
from konter.channel.suspensions import set_outlets, set_users
from konter.channel.terminate import terminate_outlets
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId, UserId, cell_of_msisdn
from konter.platform.refusal import Refusal

STAFF = Actor("staff", 7)


class Desk:
    """A member of staff at work on the stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def do(self, verb: Callable[..., Awaitable[Any]], *args: Any, **given: Any) -> Any:
        stage = self.stage
        known = {"actor": STAFF, "now": stage.now, "ids": stage.ids, **given}
        async with stage.pool.acquire() as connection:
            return await verb(connection, *args, **known)

    async def register(
        self, outlet_id: OutletId, msisdn: Msisdn | None, *, scope: Scope = EVERYWHERE, reason: str = "kartu hilang"
    ):
        change = RsChange(outlet_id=outlet_id, msisdn=msisdn, reason=reason)
        (outcome,) = await self.do(change_reseller_numbers, [change], scope=scope, rules=self.stage.rules)
        return outcome

    async def link(self, user_id: UserId, msisdn: Msisdn | None, *, scope: Scope = EVERYWHERE, **changed: Any):
        change = NnChange(user_id=user_id, msisdn=msisdn, reason="ganti kartu", **changed)
        (outcome,) = await self.do(change_notification_numbers, [change], scope=scope, rules=self.stage.rules)
        return outcome

    async def move(self, user_id: UserId, outlet_id: OutletId, *, scope: Scope = EVERYWHERE):
        move = UserMove(user_id=user_id, outlet_id=outlet_id, reason="cabang baru")
        (outcome,) = await self.do(move_users, [move], scope=scope, rules=self.stage.rules)
        return outcome

    async def join(self, outlet_id: OutletId, other_id: OutletId, *, scope: Scope = EVERYWHERE):
        (outcome,) = await self.do(join_outlets, [(outlet_id, other_id)], scope=scope, reason="satu pemilik")
        return outcome

    async def end(self, user_id: UserId):
        return (await self.do(end_users, [user_id], rules=self.stage.rules))[0]

    async def set_outlet(self, outlet_id: OutletId, status: str):
        if status == "terminated":
            return (await self.do(terminate_outlets, [outlet_id], reason="tinjauan", rules=self.stage.rules))[0]
        return (await self.do(set_outlets, [outlet_id], status, reason="tinjauan"))[0]

    async def set_user(self, user_id: UserId, status: str):
        return (await self.do(set_users, [user_id], status, reason="tinjauan"))[0]

    async def story(self, msisdn: Msisdn, *, scope: Scope = EVERYWHERE) -> NumberStory | Refusal:
        async with self.stage.pool.acquire() as connection:
            return await number_story(connection, msisdn, scope=scope)

    async def past(self, msisdn: Msisdn) -> list[tuple[str, str, str | None]]:
        """How a number's registrations began and ended, oldest first."""
        story = await self.story(msisdn)
        assert isinstance(story, NumberStory), story
        past = [stretch.registration for stretch in reversed(story.stretches)]
        return [(each.kind, each.begun_why, each.ended_why) for each in past]

    async def opened(self, **changed: Any) -> Outlet:
        (outlet,) = await self.stage.open_outlets(await self.stage.new_outlet(**changed))
        assert isinstance(outlet, Outlet), outlet
        return outlet

    async def rs_of(self, outlet_id: OutletId) -> Msisdn | None:
        return await self.stage.pool.fetchval("SELECT rs_msisdn FROM outlet WHERE id = $1", outlet_id)

    async def status_of(self, outlet_id: OutletId) -> str:
        return await self.stage.pool.fetchval("SELECT status FROM outlet WHERE id = $1", outlet_id)

    async def waiting_outlet(self) -> OutletId:
        """An outlet without a reseller number, as an import opens one whose number another has."""
        return (await self.opened(reseller_msisdn=None)).id

    async def conflict(self) -> tuple[int, Msisdn, OutletId, OutletId]:
        """An open conflict: its id, the number, who has it and who waits for it."""
        number = await self.stage.number()
        older = (await self.opened(reseller_msisdn=number)).id
        newer = await self.waiting_outlet()
        stage = self.stage
        found = NewConflict(
            msisdn=number,
            older_outlet_id=older,
            older_at=stage.now,
            newer_outlet_id=newer,
            newer_at=stage.now,
            source="outlets.csv:3",
        )
        async with stage.pool.acquire() as connection:
            own = await stage.ids.reserve(connection, 1)
            assert await keep_conflicts(connection, [found], now=stage.now, ids=own, rules=stage.rules) == 1
        id_ = await stage.pool.fetchval("SELECT id FROM number_conflict WHERE msisdn = $1", number)
        return id_, number, older, newer

    async def settle(self, conflict_id: int, keeps: OutletId | None, *, scope: Scope = EVERYWHERE):
        wanted = Settlement(conflict_id=conflict_id, keeps=keeps, reason="bukti kartu")
        (outcome,) = await self.do(settle_conflicts, [wanted], scope=scope, rules=self.stage.rules)
        return outcome

    async def where(self, user: User) -> tuple[OutletId, UserId, bool] | None:
        """Whose a user's number is now, and whether it cools down."""
        row = await self.stage.pool.fetchrow(
            "SELECT outlet_id, user_id, free_from IS NOT NULL AS cools FROM notification_number WHERE msisdn = $1",
            user.nn_msisdn,
        )
        return tuple(row) if row else None

    @asynccontextmanager
    async def held(self, *owners: int) -> AsyncIterator[None]:
        """The owners' rows are somebody else's until the block ends; what was started in it has come to the lock."""
        async with self.stage.pool.acquire() as holder, holder.transaction():
            await holder.fetch("SELECT 1 FROM owner WHERE id = ANY($1) ORDER BY id FOR UPDATE", list(owners))
            yield
            await asyncio.sleep(0.2)

    @asynccontextmanager
    async def kept(self, msisdn: Msisdn) -> AsyncIterator[None]:
        """Somebody is about to give the number to another outlet and thinks better of it when the block ends: whoever
        was started in it has decided that it is free, and stands at its key.
        """
        async with self.stage.pool.acquire() as holder:
            transaction = holder.transaction()
            await transaction.start()
            await holder.execute(
                "INSERT INTO outlet_number (msisdn, cell, outlet_id) VALUES ($1, $2, 256)",
                msisdn,
                cell_of_msisdn(msisdn),
            )
            yield
            await asyncio.sleep(0.2)
            await transaction.rollback()

    @asynccontextmanager
    async def counted(self, at_most: int) -> AsyncIterator[Connection]:
        """A connection on which no more than so many statements may run."""
        async with self.stage.pool.acquire() as connection:
            logged: list[str] = []

            def log(record: Any) -> None:
                logged.append(record.query)

            connection.add_query_logger(log)
            yield connection
            await asyncio.sleep(0)  # the last one is logged a step later
            connection.remove_query_logger(log)
        assert len(logged) <= at_most, logged


def codes(outcomes: list[Any]) -> list[str]:
    """The refusals among outcomes, by code, and `ok` for the others; sorted."""
    return sorted(outcome.code if isinstance(outcome, Refusal) else "ok" for outcome in outcomes)


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)
