"""PostgreSQL's process dies at every table that a command writes: nothing of it stays, and done again it is done once.

What a killed server or worker leaves behind is the same to the database: a transaction that never commits.
"""

import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from tests.access.people import HOME, Stage
from tests.channel.importing.test_import import Depot
from tests.channel.numbers.desk import Desk as Numbers
from tests.channel.onboarding.conftest import photos
from tests.channel.onboarding.desk import Desk
from tests.channel.territory.ground import Ground
from tests.channel.visits.test_file import filing
from tests.channel.visits.test_visits import person, plan
from tests.sales.activity.idle import DAY, last_texts, seller, status, sweep
from tests.shop import own_stage
from tests.stage import passwords

from konter.channel.credentials import add_with_credentials
from konter.channel.importing.report import Report
from konter.channel.lost_phones.model import LostPhone
from konter.channel.lost_phones.report import report_lost
from konter.channel.numbers.model import UserMoved
from konter.channel.onboarding.model import Judged
from konter.channel.onboarding.photo.photos import Photos
from konter.channel.partner_users.credentials import add_with_partner_credentials
from konter.channel.visits.file import file_visits
from konter.channel.visits.model import Visit, Visits
from konter.platform.audit import SYSTEM
from konter.platform.db import is_gone
from konter.subscriber.msisdn import national

__all__ = ["own_stage", "passwords", "photos"]

_depots = itertools.count(0, 10)
Verb = Callable[[], Awaitable[object]]
Check = Callable[[object], Awaitable[None]]
Scene = Callable[[Stage, Photos, Path], Awaitable[tuple[Verb, Check]]]


class Killer:
    """Looks which tables a command writes, and kills the process that writes one."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def set(self) -> "Killer":
        await self.connection.execute(
            """
            CREATE TABLE written (place serial, name text);
            CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN INSERT INTO written (name) VALUES (TG_TABLE_NAME); RETURN NULL; END $$;
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$;
            """
        )
        return self

    async def tables(self) -> list[str]:
        rows = await self.connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'written' ORDER BY 1"
        )
        return [row["tablename"] for row in rows]

    @asynccontextmanager
    async def at(self, does: str, *tables: str) -> AsyncIterator[None]:
        for table in tables:
            await self.connection.execute(
                f"CREATE TRIGGER midway AFTER INSERT OR UPDATE OR DELETE ON {table} EXECUTE FUNCTION {does}()"
            )
        yield
        for table in tables:
            await self.connection.execute(f"DROP TRIGGER midway ON {table}")

    async def written(self, verb: Verb) -> list[str]:
        """The tables that a command writes, in order."""
        async with self.at("look", *await self.tables()):
            await verb()
        rows = await self.connection.fetch("SELECT name FROM written GROUP BY name ORDER BY min(place)")
        return [row["name"] for row in rows]

    async def all_rows(self, tables: list[str]) -> list[str]:
        return [
            await self.connection.fetchval(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            for table in tables
        ]


@pytest.fixture
async def killer(own_dsn: str) -> AsyncIterator[Killer]:
    connection = await asyncpg.connect(own_dsn)
    yield await Killer(connection).set()
    await connection.close()


async def count(stage: Stage, sql: str, *values: object) -> int:
    return await stage.pool.fetchval(sql, *values)


async def approval(stage: Stage, photos: Photos, _: Path) -> tuple[Verb, Check]:
    desk, number = Desk(await Ground(stage).set(), photos), await stage.number()
    application = await desk.recommended(number, kind="individual")

    async def check(judged: object) -> None:
        assert isinstance(judged, Judged), judged
        (words,) = await stage.texts(number, "credentials")
        assert await count(stage, "SELECT count(*) FROM outlet WHERE rs_msisdn = $1", number) == 1
        assert not isinstance(await stage.log_in(judged.username, words["password"]), Exception)
        assert (await desk.decide(application)).code == "APPLICATION_DECIDED"
        assert len(await stage.texts(number, "credentials")) == 1

    return lambda: desk.decide(application), check


async def rejection(stage: Stage, photos: Photos, _: Path) -> tuple[Verb, Check]:
    desk, number = Desk(await Ground(stage).set(), photos), await stage.number()
    application = await desk.sent(number)

    async def check(judged: object) -> None:
        assert isinstance(judged, Judged), judged
        assert len(await stage.texts(number, "application_rejected")) == 1
        assert (await desk.begin(await stage.number())).application_id

    return lambda: desk.decide(application, approve=False, reason="Bukan outlet."), check


async def an_import(stage: Stage, _: Photos, folder: Path) -> tuple[Verb, Check]:
    depot = Depot(stage, folder)
    depot.n = next(_depots)
    rows = [await depot.row() for _ in range(4)]
    rows[3]["reseller_number"] = rows[0]["reseller_number"]
    for each in rows:
        owner = await stage.number()
        each |= {"username": f"impor{owner % 10**8}", "user_name": "Sari", "notification_number": national(owner)}
    rows[3] |= {"username": "", "user_name": "", "notification_number": ""}  # it waits for its number, suspended

    async def check(report: object) -> None:
        assert isinstance(report, Report), report
        again = await depot.bring(*rows)
        assert (report.added, report.conflicts, again.added, again.same) == (4, 1, 0, 4), (report, again)

    return lambda: depot.bring(*rows), check


async def the_sweep(stage: Stage, _: Photos, __: Path) -> tuple[Verb, Check]:
    shop = await seller(stage)
    begin = stage.now
    for day in (23, 29):
        await sweep(stage, begin + day * DAY)
    stage.clock.at = begin + 30 * DAY

    async def check(_: object) -> None:
        assert await status(shop) == "terminated"
        assert await sweep(stage) == {}
        assert len(await last_texts(shop)) == 1

    return lambda: sweep(stage), check


async def termination(stage: Stage, _: Photos, __: Path) -> tuple[Verb, Check]:
    desk, user = Numbers(stage), await stage.user()
    await stage.session(user)
    await plan(stage, Visits(outlet_id=user.outlet_id, field_sales_id=await person(stage), weekdays=(1, 3)))

    async def check(outcome: object) -> None:
        assert outcome == user.outlet_id
        assert (await desk.set_outlet(user.outlet_id, "terminated")).code == "OUTLET_TERMINATED"
        assert (await stage.audit(user.outlet_id)).count("outlet.terminated") == 1

    return lambda: desk.set_outlet(user.outlet_id, "terminated"), check


async def a_lost_phone(stage: Stage, _: Photos, __: Path) -> tuple[Verb, Check]:
    owner = await stage.user(role="OUTLET_OWNER", nn_type="OWNER")
    user = await stage.user(owner.outlet_id)
    await stage.session(user)
    staff = await stage.staff("care")

    async def lose() -> object:
        async with stage.pool.acquire() as connection:
            step = await stage.step(connection)
            return await report_lost(connection, user.nn_msisdn, note="", principal=staff, origin=HOME, step=step)

    async def check(lost: object) -> None:
        assert isinstance(lost, LostPhone), lost
        assert await lose() == lost
        assert len(await stage.texts(owner.nn_msisdn, "phone_lost")) == 1

    return lose, check


async def a_move(stage: Stage, _: Photos, __: Path) -> tuple[Verb, Check]:
    desk, user = Numbers(stage), await stage.user()
    other = await stage.outlet()
    await desk.join(other, user.outlet_id)
    await stage.session(user)

    async def check(moved: object) -> None:
        assert isinstance(moved, UserMoved), moved
        assert await desk.where(user) == (other, moved.user_id, False)
        sql = "SELECT count(*) FROM outlet_user WHERE username = $1 AND status <> 'ended'"
        assert await count(stage, sql, user.username) == 1
        stage.clock.advance(DAY)
        assert await stage.session(await stage.reread(moved.user_id))

    return lambda: desk.move(user.id, other), check


async def a_settlement(stage: Stage, _: Photos, __: Path) -> tuple[Verb, Check]:
    desk = Numbers(stage)
    conflict, number, older, newer = await desk.conflict()

    async def check(_: object) -> None:
        assert (await desk.rs_of(older), await desk.rs_of(newer)) == (None, number)
        assert (await desk.settle(conflict, newer)).code == "CONFLICT_SETTLED"

    return lambda: desk.settle(conflict, newer), check


async def visits(stage: Stage, _: Photos, __: Path) -> tuple[Verb, Check]:
    outlet, budi = await stage.outlet(), await person(stage)
    await plan(stage, Visits(outlet_id=outlet, field_sales_id=budi, weekdays=(1, 2, 3, 4, 5, 6, 7)))
    once = filing(outlet, budi, uuid.uuid4())

    async def file() -> object:
        async with stage.pool.acquire() as connection:
            (visit,) = await file_visits(connection, [once], actor=SYSTEM, now=stage.now, ids=stage.ids)
        return visit

    async def check(visit: object) -> None:
        assert isinstance(visit, Visit), visit
        assert await file() == visit

    return file, check


async def a_new_user(stage: Stage, _: Photos, __: Path) -> tuple[Verb, Check]:
    new = await stage.new_user(await stage.outlet())

    async def check(user_id: object) -> None:
        assert isinstance(user_id, int), user_id
        (words,) = await stage.texts(new.nn_msisdn, "credentials")
        assert words["username"] == new.username

    return lambda: add_with_credentials(stage.pool, stage.passwords, new, actor=SYSTEM, **stage.given), check


async def a_new_partner_user(stage: Stage, _: Photos, __: Path) -> tuple[Verb, Check]:
    new = await stage.new_partner_user()

    async def check(user_id: object) -> None:
        assert isinstance(user_id, int), user_id
        (words,) = await stage.texts(new.msisdn, "credentials")
        assert words["username"] == new.username

    return lambda: add_with_partner_credentials(stage.pool, stage.passwords, new, actor=SYSTEM, **stage.given), check


SCENES = [
    *(approval, rejection, an_import, the_sweep, termination, a_lost_phone, a_move, a_settlement, visits),
    *(a_new_user, a_new_partner_user),
]


@pytest.mark.requirement("D-06", "D-32", "D-48", "D-66", "D-71")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_killed_at_any_table_it_did_nothing_and_again_it_is_done_once(
    own_stage: Stage, killer: Killer, photos: Photos, tmp_path: Path, scene: Scene
) -> None:
    first, check = await scene(own_stage, photos, tmp_path)
    tables = await killer.written(first)
    assert len(tables) > 1, tables
    verb, check = await scene(own_stage, photos, tmp_path)
    tables = [table for table in tables if table != "outlet_activity"]  # what a sweep has seen stays seen
    before = await killer.all_rows(tables)
    for table in tables:
        async with killer.at("die", table):
            with pytest.raises(BaseException) as died:
                await verb()
            assert is_gone(died.value), (table, died.value)
        assert await killer.all_rows(tables) == before, table
    await check(await verb())
