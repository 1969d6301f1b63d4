"""Two of everything that changes an outlet's people, at once and in both orders: what must hold afterwards holds."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from tests.access.people import HOME, Stage
from tests.channel.numbers.desk import Desk
from tests.channel.visits.test_file import file, filing
from tests.channel.visits.test_visits import person, plan
from tests.stage import passwords, stage

from konter.access.enter_otp import enter_otp
from konter.access.model import LoginStarted, User
from konter.channel.credentials import issue_credentials
from konter.channel.lost_phones.report import report_lost
from konter.channel.visits.model import Visits
from konter.platform.audit import SYSTEM
from konter.platform.ids import Msisdn, OutletId, UserId

__all__ = ["passwords", "stage"]


class Cast:
    """A user who is just logging in, with a session on another phone; another outlet of the owner; a visit planned."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.desk = stage, Desk(stage)

    async def set(self) -> "Cast":
        stage = self.stage
        self.user: User = await stage.user()
        self.boss = await stage.staff("care")
        self.other: OutletId = await stage.outlet()
        self.number: Msisdn = await stage.number()
        self.person: UserId = await person(stage)
        await self.desk.join(self.other, self.user.outlet_id)
        await plan(
            stage, Visits(outlet_id=self.user.outlet_id, field_sales_id=self.person, weekdays=(1, 2, 3, 4, 5, 6, 7))
        )
        await stage.session(self.user)
        stage.clock.advance(stage.rules.otp.resend_after_s * timedelta(seconds=1))
        login = await stage.log_in(self.user.username)
        assert isinstance(login, LoginStarted)
        self.login_id, self.code = login.login_id, await stage.last_otp(self.user.nn_msisdn)
        return self

    async def terminate(self) -> object:
        return await self.desk.set_outlet(self.user.outlet_id, "terminated")

    async def lose(self) -> object:
        async with self.stage.pool.acquire() as connection:
            given = {"principal": self.boss, "origin": HOME, "step": await self.stage.step(connection)}
            return await report_lost(connection, self.user.nn_msisdn, note="", **given)

    async def move(self) -> object:
        return await self.desk.move(self.user.id, self.other)

    async def renumber(self) -> object:
        return await self.desk.link(self.user.id, self.number)

    async def release(self) -> object:
        return await self.desk.link(self.user.id, None)

    async def end(self) -> object:
        return await self.desk.end(self.user.id)

    async def enter(self) -> object:
        async with self.stage.pool.acquire() as connection:
            return await enter_otp(connection, self.login_id, self.code, origin=HOME, **self.stage.given)

    async def issue(self) -> object:
        return await issue_credentials(
            self.stage.pool, self.stage.passwords, [self.user.id], actor=SYSTEM, **self.stage.given
        )

    async def visit(self) -> object:
        return await file(self.stage, filing(self.user.outlet_id, self.person))


VERBS = ["terminate", "lose", "move", "renumber", "release", "end", "enter", "issue", "visit"]


async def rows(stage: Stage, cast: Cast) -> list[dict]:
    found = await stage.pool.fetch(
        """
        SELECT u.id, u.status, u.nn_msisdn, u.nn_released_at, u.lost_at, o.status AS outlet, o.id AS outlet_id,
               (SELECT count(*) FROM session s WHERE s.user_id = u.id AND s.revoked_at IS NULL) AS sessions,
               (SELECT count(*) FROM login l WHERE l.user_id = u.id AND l.state IN ('sent', 'passed')) AS logins,
               n.user_id AS linked, n.free_from
        FROM outlet_user u JOIN outlet o ON o.id = u.outlet_id
        LEFT JOIN notification_number n ON n.msisdn = u.nn_msisdn
        WHERE u.outlet_id = ANY($1)
        """,
        [cast.user.outlet_id, cast.other],
    )
    return [dict(row) for row in found]


async def must_hold(stage: Stage, cast: Cast) -> None:
    people = await rows(stage, cast)
    assert sum(each["status"] != "ended" for each in people) <= 1, people
    report = "SELECT id FROM lost_phone WHERE msisdn = $1 AND lifted_at IS NULL"
    lost = await stage.pool.fetchval(report, cast.user.nn_msisdn)
    for each in people:
        dead = each["status"] in ("ended", "blocked", "unlinked") or each["outlet"] == "terminated" or each["lost_at"]
        assert not (dead and (each["sessions"] or each["logins"])), each
        if each["outlet"] == "terminated":
            assert each["status"] == "ended", each
        if each["status"] in ("active", "blocked") and each["nn_released_at"] is None:
            assert (each["linked"], each["free_from"]) == (each["id"], None), each
            assert (each["lost_at"] is not None) is (lost is not None and each["nn_msisdn"] == cast.user.nn_msisdn), (
                each
            )
    for table in ("outlet_number", "notification_number", "reseller_number"):
        live = "" if table != "notification_number" else " AND free_from IS NULL"
        if any(each["outlet"] == "terminated" for each in people) and table != "outlet_number":
            held = f"SELECT count(*) FROM {table} WHERE outlet_id = $1{live}"
            assert await stage.pool.fetchval(held, cast.user.outlet_id) == 0, table


@pytest.mark.requirement("D-22", "D-26", "D-30", "D-48", "D-52", "D-71")
@pytest.mark.parametrize("first", VERBS)
async def test_whoever_is_first_what_must_hold_holds(stage: Stage, first: str) -> None:
    for second in [verb for verb in VERBS if verb != first]:
        cast = await Cast(stage).set()
        verbs: list[Callable[[], Awaitable[object]]] = [getattr(cast, first), getattr(cast, second)]
        async with stage.pool.acquire() as holder, holder.transaction():
            await holder.fetch("SELECT 1 FROM owner WHERE id = $1 FOR UPDATE", cast.user.outlet_id)
            tasks = []
            for verb in verbs:
                tasks.append(asyncio.ensure_future(verb()))
                await asyncio.sleep(0.05)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert not any(isinstance(each, BaseException) for each in outcomes), (first, second, outcomes)
        try:
            await must_hold(stage, cast)
        except AssertionError as error:
            raise AssertionError(f"{first}, then {second}: {outcomes}") from error
