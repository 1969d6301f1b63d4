"""Who works for the first partner: its admin, and field sales with a plan of visits and the last week's surveys."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from konter.app import App
from konter.channel.directory.find import partner_card, search_outlets
from konter.channel.partner_users.add import add_partner_users
from konter.channel.partner_users.model import NewPartnerUser, PartnerRole
from konter.channel.scope import EVERYWHERE, Scope
from konter.channel.visits.file import file_visits
from konter.channel.visits.model import DISPLAYS, SUNDAY, Filing, Visits
from konter.channel.visits.plan import assign_visits
from konter.platform.audit import SYSTEM
from konter.platform.db import Connection
from konter.platform.ids import OutletId, PartnerId, UserId
from konter.rules.load import read_rulebook
from konter.simulator.operator import model
from konter.simulator.operator.model import Size
from konter.simulator.operator.people import must

ADMIN, FIELD_SALES = ("mitra1", "Yanto Mitra"), ("sales1", "Dedi Lapangan")
OUTLETS_VISITED = 42  # six a day, so that there is a round whatever day it is
DAYS_BEFORE = 7
MISSED = 0.15  # of the planned visits nobody made
NOTES = ("", "", "Minta spanduk baru", "Voucher hampir habis", "Pemilik sedang keluar")
MORNING = time(10, tzinfo=ZoneInfo("Asia/Jakarta"))


async def staff_the_partner(app: App, size: Size, *, password_hash: str, at: datetime) -> tuple[PartnerId, UserId]:
    """The admin, who recommends applications, and field sales, with the password that all of the demo's staff have;
    returns the partner and the latter.
    """
    async with app.pool.acquire() as connection:
        partner = must(await partner_card(connection, model.PARTNERS[0][0], scope=EVERYWHERE))
        roles: tuple[tuple[tuple[str, str], PartnerRole], ...] = (
            (ADMIN, "SBP_ADMIN"),
            (FIELD_SALES, "SBP_FIELD_SALES"),
        )
        people = [
            NewPartnerUser(
                partner_id=partner.id,
                username=username,
                name=name,
                role=role,
                msisdn=model.synthetic_msisdn(size.partner_place + place),
                password_hash=password_hash,
                password_initial=False,
            )
            for place, ((username, name), role) in enumerate(roles)
        ]
        rules = (await read_rulebook(connection)).at(at)
        _, field_sales = await add_partner_users(connection, people, actor=SYSTEM, now=at, ids=app.ids, rules=rules)
    return partner.id, must(field_sales)


async def visit_for_a_week(app: App, partner_id: PartnerId, person: UserId, *, seed: int, now: datetime) -> None:
    """A plan made a week ago, and the visits since: most of what was planned, so that some of it is overdue."""
    random = Random(f"{seed}/visits")  # noqa: S311 - synthetic visits, not secrets
    first = now - timedelta(days=DAYS_BEFORE)
    async with app.pool.acquire() as connection:
        scope = Scope(partner_id=partner_id)
        found = await search_outlets(connection, scope=scope, status="active", limit=OUTLETS_VISITED)
        outlets = [each.id for each in found.outlets]
        plan = [
            Visits(outlet_id=outlet, field_sales_id=person, weekdays=(1 + place % SUNDAY,))
            for place, outlet in enumerate(outlets)
        ]
        for outcome in await assign_visits(connection, plan, actor=SYSTEM, now=first, ids=app.ids):
            must(outcome)
        for n in range(DAYS_BEFORE):
            at = datetime.combine((first + timedelta(days=n)).astimezone(MORNING.tzinfo).date(), MORNING)
            if first < at < now:
                await _visit(connection, app, plan, random, at=at)


async def _visit(connection: Connection, app: App, plan: Sequence[Visits], random: Random, *, at: datetime) -> None:
    filings = [
        Filing(
            outlet_id=each.outlet_id,
            field_sales_id=each.field_sales_id,
            client_ref=_ref(each.outlet_id, at.date()),
            display=random.choices(DISPLAYS, weights=(6, 3, 1))[0],
            starter_packs=random.randint(0, 40),
            vouchers=random.randint(0, 80),
            note=random.choice(NOTES),
        )
        for each in plan
        if at.isoweekday() in each.weekdays and random.random() > MISSED
    ]
    for outcome in await file_visits(connection, filings, actor=SYSTEM, now=at, ids=app.ids):
        must(outcome)


def _ref(outlet_id: OutletId, day: date) -> UUID:
    return UUID(int=outlet_id << 32 | day.toordinal(), version=4)
