"""The points programme as pictures: earned and spent, what is owed, tiers, rewards, and how long points wait.

Everything but the clocks is read from what each night has added up, so that a page costs the same for any base.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.params import FromQuery

from konter.access.staff.people import note_export
from konter.loyalty.earning.clocks import earning_clocks
from konter.loyalty.points.figures import liability, point_days
from konter.loyalty.rewards.redemption.figures import reward_figures
from konter.loyalty.tiers.figures import TierStanding, tier_flows, tier_standing
from konter.loyalty.tiers.model import month_of
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.web.app import AnyRequest, app_of
from konter.web.desk.frame import Member, desk_page, member
from konter.web.desk.tables import address, csv_answer
from konter.web.desk.views import Action, Chart, ListView, Table
from konter.web.office.places import OFFICE, POINTS, TRY
from konter.web.office.points import charts
from konter.web.office.points.clocks import clocks_table
from konter.web.office.points.tier_charts import flows_charts, flows_table, standing_chart
from konter.web.office.rewards.charts import merchants_chart, rewards_chart

DAYS, MONTHS = 14, 12
REWARD_DAYS = 30


@get("/office/poin", include_in_schema=False)
async def programme_page(
    request: AnyRequest, per: FromQuery[str] = "", tabel: FromQuery[str] = "", bentuk: FromQuery[str] = ""
) -> Response[bytes]:
    """How the programme does: by day, or by month. [P-14, P-15, P-17, P-32]"""
    monthly = per == "bulan"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, POINTS)
        yesterday = business_day(found.here.now, ZoneInfo(found.here.rules.poin.time_zone)) - timedelta(days=1)
        standing = await tier_standing(connection, rules=found.here.rules)
        # Days after the newest night that was added up would show as days on which nothing happened.
        last = yesterday if standing is None else min(yesterday, standing.day)
        pictures, tables = await _figures(connection, found, last, standing, monthly=monthly)
        exported = next((each for each in (*tables, *(one.table for one in pictures)) if each.id == tabel), None)
        if bentuk == "csv" and exported is not None and found.may("lists.export"):
            here, rows = found.here, exported.rows
            await note_export(connection, exported.id, len(rows), actor=found.actor, now=here.now, ids=here.app.ids)
            return csv_answer(exported.id, exported.columns, rows)
    words = found.words
    other = Action(
        title=words.t("office.programme.by_day" if monthly else "office.programme.by_month"),
        href=address(POINTS.href, per="" if monthly else "bulan"),
        tone="plain",
    )
    what_if = Action(title=words.t("office.programme.what_if"), href=TRY.href, tone="plain")
    view = ListView(
        title=words.t("office.programme.title"),
        note=words.t("office.programme.note", day=words.date(last)),
        tables=tables,
        charts=pictures,
        actions=(other, what_if) if found.may(*TRY.rights) else (other,),
    )
    return desk_page(request, OFFICE, "desk/list.html", view)


async def _figures(
    connection: Connection, found: Member, last: date, standing: TierStanding | None, *, monthly: bool
) -> tuple[tuple[Chart, ...], tuple[Table, ...]]:
    """Five queries: moves of points, what is owed, flows of tiers, rewards, clocks."""
    words, rules = found.words, found.here.rules
    first = month_of(last, 1 - MONTHS) if monthly else last - timedelta(days=DAYS - 1)
    days = await point_days(connection, first=first, last=last)
    owed = await liability(connection, last=last)
    begin = month_of(last, 1 - MONTHS)
    flows = await tier_flows(connection, first=begin, last=last)
    rewards = await reward_figures(connection, first=last - timedelta(days=REWARD_DAYS - 1), last=last)
    clocks = await earning_clocks(connection, now=found.here.now, rules=rules)
    per = "bulan" if monthly else ""
    csv = _csv(found, per)
    moved = charts.moves_by_period(days, first, last, monthly=monthly)
    pictures: list[Chart | None] = [
        *charts.moves_charts(words, moved),
        charts.liability_chart(words, owed, found.here.now, rules.poin, csv("liability")),
    ]
    if standing is not None:
        pictures.append(standing_chart(words, standing, csv("tiers-now")))
    pictures += [
        *flows_charts(words, flows, begin, last, rules),
        rewards_chart(words, rewards, REWARD_DAYS, csv("redemptions")),
        merchants_chart(words, rewards, REWARD_DAYS, csv("by-merchant")),
    ]
    tables = (
        charts.moves_table(words, moved, csv("moves")),
        flows_table(words, flows, csv("tier-flows")),
        clocks_table(words, clocks, csv("clocks")),
    )
    return tuple(each for each in pictures if each is not None), tables


def _csv(found: Member, per: str) -> charts.CsvOf:
    """The address of a table as a file; none for whoever may not take one away."""
    if not found.may("lists.export"):
        return lambda _: ""
    return lambda table: address(POINTS.href, per=per, tabel=table, bentuk="csv")


PROGRAMME_ROUTES = [programme_page]
