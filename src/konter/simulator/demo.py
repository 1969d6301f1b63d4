"""The demo: a synthetic operator on the embedded database, with the first log-ins ready."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import asyncpg
import msgspec

from konter.app import App, open_app
from konter.channel.credentials import issue_credentials
from konter.furnish import furnish
from konter.platform.audit import SYSTEM
from konter.platform.clock import business_day
from konter.platform.config import Settings
from konter.platform.db import Connection, WrongModeError, require_mode, speak_json
from konter.platform.ids import CELLS
from konter.platform.migrate import migrate
from konter.platform.outbox import work_once
from konter.platform.refusal import Refusal, Refused
from konter.platform.secrets import new_password
from konter.sales.activity.by_area import roll_up_districts
from konter.simulator.operator import queries
from konter.simulator.operator.build import Builder, Built
from konter.simulator.operator.model import Size
from konter.simulator.operator.phases import Step, Watcher, phase
from konter.simulator.operator.queues import fill_queues
from konter.simulator.operator.refusals import DEMO_DISK_FULL, DEMO_OTHER_SIZE
from konter.subscriber.msisdn import national
from konter.worker import handlers_of

T = TypeVar("T")
DRAIN_BATCH = 1_000
HALVES = (range(CELLS // 2), range(CELLS // 2, CELLS))
MB = 1_000_000
STAFF_PASSWORD = "petugas-nusantara"  # noqa: S105 - of synthetic staff in a demo


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A user of an outlet, ready to log in for the first time."""

    username: str
    password: str
    msisdn: str


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff."""

    username: str
    password: str


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's number."""

    msisdn: str


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """The demo's one line for scripts. `supervisor` is the second pair of eyes, `colleagues` are branch, admin and
    compliance; `partner` recommends, `field_sales` visit; `points` has some, from `merchant` codes are burnt;
    `handsets` are numbers: each has its page under /simulator/handsets/. Old demos have not all of them.
    """

    base_url: str
    outlet: Login
    customer: Customer
    staff: Staff
    supervisor: Staff
    colleagues: list[Staff]
    partner: Login | None
    field_sales: Login | None
    points: Customer | None
    merchant: Customer | None
    handsets: list[str]


async def prepare(
    settings: Settings, database_url: str, *, seed: int, size: Size | None = None, watcher: Watcher
) -> Ready:
    """Migrate, build the operator if there is none yet, and give the first user fresh credentials.

    What an interrupted start left half built is thrown away first. A database that is for something else is refused.
    Raises Refused for a size that cannot be, or that is not the size of what is there; without one any will do.
    """
    if size is not None and (refusal := size.refusal()) is not None:
        raise Refused(refusal)
    await migrate(database_url)
    await _as_owner(database_url, partial(require_mode, mode=settings.mode))
    if await _as_owner(database_url, queries.is_foreign):
        raise WrongModeError("this database holds somebody's data, and no demo is built over it")
    if await _as_owner(database_url, queries.is_begun):
        await _as_owner(database_url, queries.start_over)
        await migrate(database_url)
    facts = await _as_owner(database_url, queries.read_facts)
    if facts:
        built = msgspec.convert(facts, Built)
        if size not in (None, built.size):
            raise Refused(DEMO_OTHER_SIZE(**msgspec.structs.asdict(built.size)))
    else:
        built = await _build(settings, database_url, seed, size or Size(), watcher)
    async with open_app(settings, database_url) as app:
        async with app.pool.acquire() as connection:  # a newer release may bring rules that this demo has no value for
            await furnish(connection, now=app.clock.now(), ids=app.ids)
        return await _ready(app, built)


async def _build(settings: Settings, database_url: str, seed: int, size: Size, watcher: Watcher) -> Built:
    """Build without waiting for the disk at every commit: until it is noted as ready, all of it can be made again.

    That note waits for the disk, and with it everything before.
    """
    free_bytes = shutil.disk_usage(settings.data).free
    if free_bytes < size.disk_bytes:
        raise Refused(DEMO_DISK_FULL(needed_mb=size.disk_bytes // MB, free_mb=free_bytes // MB))
    analyze = partial(_as_owner, database_url, queries.analyze)
    async with open_app(settings, database_url, synchronous_commit="off") as app:
        now = app.clock.now()
        async with app.pool.acquire() as connection:
            await queries.note_begun(connection, mode=settings.mode, seed=seed, at=now)
        builder = Builder(app, seed=seed, size=size, now=now, watcher=watcher, analyze=analyze)
        built = await builder.build(await app.passwords.hash(STAFF_PASSWORD))
        async with app.pool.acquire() as connection:
            waiting = await queries.count_outbox(connection)
        async with phase(app.pool, watcher, "texts", waiting) as step:
            await asyncio.gather(*(_deliver_texts(app, cells, step) for cells in HALVES))
        async with app.pool.acquire() as connection:
            await _roll_up(connection, now, built.size.days)
        await fill_queues(app, partial(_deliver_all, app), behind=built.field_sales_number, quiet=size.quiet_outlets)
    await analyze()
    facts = msgspec.to_builtins(built)
    await _as_owner(database_url, partial(queries.note_ready, facts=facts, at=now))
    return built


async def _roll_up(connection: Connection, now: datetime, days: int) -> None:
    """Add up each day that is over, as its night's job would have, for the office's charts of sales."""
    for ago in range(1, days + 1):
        await roll_up_districts(connection, business_day(now) - timedelta(days=ago))


async def _deliver_all(app: App) -> None:
    """Put whatever waits on the handsets."""
    handlers = handlers_of(app)
    while await work_once(app.pool, clock=app.clock, handlers=handlers, batch=DRAIN_BATCH):
        pass


async def _deliver_texts(app: App, cells: range, step: Step) -> None:
    """Put the month's texts on the handsets now, so that the first OTP does not queue behind them.

    One half of the cells is written by the database while those of the other half are put into words.
    """
    handlers = handlers_of(app)
    while taken := await work_once(app.pool, clock=app.clock, handlers=handlers, batch=DRAIN_BATCH, cells=cells):
        step.advance(taken)


async def _ready(app: App, built: Built) -> Ready:
    """Fresh credentials at every start, because initial passwords lapse and the demo must let people in.

    They are of the first seller who has not yet chosen a password: whoever has keeps it over every start.
    """
    chosen: list[str] = []

    def choose() -> str:
        chosen.append(new_password())
        return chosen[-1]

    now = app.clock.now()
    async with app.pool.acquire() as connection:
        rules = await app.rules(connection, now)
        newcomer = await queries.read_newcomer(connection, first=built.first_user)
    (issued,) = await issue_credentials(
        app.pool,
        app.passwords,
        [newcomer.user_id],
        actor=SYSTEM,
        now=now,
        ids=app.ids,
        keys=app.keys,
        rules=rules,
        new=choose,
    )
    assert not isinstance(issued, Refusal), issued
    base, staff = app.settings.address, [Staff(username=name, password=STAFF_PASSWORD) for name in built.staff]
    partner = None
    if built.partner_admin:
        partner = Login(username=built.partner_admin, password=STAFF_PASSWORD, msisdn=str(built.partner_number))
    field_sales = None
    if built.field_sales:
        field_sales = Login(username=built.field_sales, password=STAFF_PASSWORD, msisdn=str(built.field_sales_number))
    return Ready(
        base_url=base,
        outlet=Login(username=newcomer.username, password=chosen[0], msisdn=str(newcomer.msisdn)),
        customer=Customer(msisdn=str(built.first_customer)),
        staff=staff[0],
        supervisor=staff[1],
        colleagues=staff[2:],
        partner=partner,
        field_sales=field_sales,
        points=Customer(msisdn=str(built.points_number)) if built.points_number else None,
        merchant=Customer(msisdn=str(built.merchant_number)) if built.merchant_number else None,
        handsets=[str(number) for number in (newcomer.msisdn, built.first_customer)],
    )


async def _as_owner(database_url: str, work: Callable[[Connection], Awaitable[T]]) -> T:
    """What the application's own role may not do."""
    connection = await asyncpg.connect(database_url)
    try:
        await speak_json(connection)
        return await work(connection)
    finally:
        await connection.close()


def lines_for_people(ready: Ready) -> list[tuple[str, str]]:
    """What to open and type first, as (key of the label, value)."""
    seller, customer = ready.outlet.msisdn, ready.customer.msisdn
    lines = [
        ("demo.outlet", f"{ready.base_url}/outlet"),
        ("demo.login", f"{ready.outlet.username}  {ready.outlet.password}"),
        ("demo.handsets", f"{ready.base_url}/simulator?h={seller}&h={customer}"),
        ("demo.customer", national(int(customer))),
        ("demo.network", f"{ready.base_url}/simulator/network"),
        ("demo.apply", f"{ready.base_url}/install"),
    ]
    staff = [each.username for each in (ready.staff, ready.supervisor, *ready.colleagues)]
    lines += [
        ("demo.office", f"{ready.base_url}/office"),
        ("demo.staff", f"{', '.join(staff)}  {ready.staff.password}"),
    ]
    if ready.partner is not None:
        phone = f"{ready.base_url}/simulator/handsets/{ready.partner.msisdn}"
        lines += [
            ("demo.console", f"{ready.base_url}/partner"),
            ("demo.partner", f"{ready.partner.username}  {ready.partner.password}"),
            ("demo.partner_phone", phone),
        ]
    if ready.field_sales is not None:
        phone = f"{ready.base_url}/simulator/handsets/{ready.field_sales.msisdn}"
        lines += [
            ("demo.field_sales", f"{ready.field_sales.username}  {ready.field_sales.password}"),
            ("demo.field_sales_phone", phone),
        ]
    if ready.points is not None:
        lines += [
            ("demo.points", f"{national(int(ready.points.msisdn))}  *700#, POIN > 777"),
            ("demo.points_phone", f"{ready.base_url}/simulator/handsets/{ready.points.msisdn}"),
            ("demo.points_office", f"{ready.base_url}/office/nomor/{ready.points.msisdn}/poin"),
        ]
    if ready.merchant is not None:
        lines.append(("demo.merchant", f"{ready.base_url}/simulator/handsets/{ready.merchant.msisdn}"))
    return [*lines, ("demo.api", f"{ready.base_url}/api/v1")]
