"""An outlet's page: who and where it is, its people, its sales, its story. Staff see all of them, a partner its own."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec

from konter.channel.directory.find import outlet_card, outlet_of_code, outlet_people
from konter.channel.directory.model import OutletCard, OutletPerson, id_of
from konter.channel.partner_users.add import partner_user
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.channel.scope import Scope
from konter.channel.visits.rounds import visits_of
from konter.platform.audit import AuditLine, audit_of
from konter.platform.clock import business_day, day_start
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import OutletId
from konter.platform.money import rupiah
from konter.platform.refusal import Refusal, Refused
from konter.sales.history.model import SaleFilter
from konter.sales.history.read import HistoryLine, Total, history, totals, wallet
from konter.subscriber.msisdn import masked, pretty
from konter.web.desk.frame import Member
from konter.web.desk.outlet_lists import TONES
from konter.web.desk.story import audit_story, names_in
from konter.web.desk.tables import address
from konter.web.desk.views import (
    Action,
    Badge,
    BadgeTone,
    Bar,
    Cell,
    Chart,
    Column,
    Fact,
    Facts,
    StoryLine,
    Table,
    ThingView,
)
from konter.web.desk.words import DeskWords
from konter.web.outlet.home import product_name

PEOPLE_MAX = 200  # as many as the directory gives
DAYS_SHOWN = 14
SALES_SHOWN = 10
STORY_PAGE = 50


class OutletThing(msgspec.Struct, frozen=True, kw_only=True):
    """What was read for the page."""

    card: OutletCard
    people: Sequence[OutletPerson]
    balance_rp: int
    visits: str
    lately: Sequence[HistoryLine]
    by_day: Sequence[Total]
    lines: Sequence[AuditLine]
    names: dict[int, str]


async def read_outlet(
    connection: Connection,
    found: Member,
    text: str,
    *,
    scope: Scope,
    before: Cursor | None,
) -> OutletThing | OutletId:
    """Everything about the outlet whose id stands in an address; only the id where its code stands there, by which
    people know it. Raises Refused(OUTLET_NOT_FOUND), also for one outside the scope.
    """
    id_ = id_of(text)
    card = await outlet_card(connection, OutletId(id_), scope=scope) if id_ is not None else OUTLET_NOT_FOUND()
    if isinstance(card, Refusal):
        meant = await outlet_of_code(connection, text, scope=scope)
        if isinstance(meant, Refusal):
            raise Refused(meant)
        return meant
    outlet_id = card.id
    people = await outlet_people(connection, outlet_id)
    zone, now = ZoneInfo(card.zone), found.here.now
    begin = day_start(business_day(now, zone) - timedelta(days=DAYS_SHOWN - 1), zone)
    where = SaleFilter(outlet_id=outlet_id, begin=begin, end=now + timedelta(days=1))
    lines = await audit_of(connection, [outlet_id, *(each.id for each in people)], before=before, limit=STORY_PAGE)
    return OutletThing(
        card=card,
        people=people,
        balance_rp=(await wallet(connection, outlet_id)).balance_rp,
        visits=await _visits(connection, found, outlet_id),
        lately=await history(connection, where, limit=SALES_SHOWN),
        by_day=(await totals(connection, where, zone=card.zone)).by_day,
        lines=lines,
        names=await names_in(connection, lines),
    )


async def _visits(connection: Connection, found: Member, outlet_id: OutletId) -> str:
    plan = (await visits_of(connection, [outlet_id])).get(outlet_id)
    if plan is None:
        return found.words.t("desk.outlet.no_visits")
    person = await partner_user(connection, plan.field_sales_id)
    return found.words.t(
        "desk.outlet.visited", name=person.name if person else "-", days=days_text(found.words, plan.weekdays)
    )


def days_text(words: DeskWords, weekdays: Sequence[int]) -> str:
    """`Senin, Kamis`."""
    names = words.t("desk.weekdays").split()
    return ", ".join(names[day - 1] for day in weekdays)


def outlet_view(
    found: Member, read: OutletThing, root: str, *, actions: tuple[Action, ...] = (), sale_href: str = ""
) -> ThingView:
    """The page. `sale_href`: where sales have pages, empty where the reader may not open them."""
    card, words = read.card, DeskWords(found.words.locale, read.card.zone)
    people: dict[int, str] = {each.id: each.name for each in read.people}
    last = read.lines[-1] if len(read.lines) == STORY_PAGE else None
    opened = StoryLine(at=card.opened_at, what=words.t("desk.outlet.was_opened"), tone="ok")
    told = audit_story(read.lines, words, {**read.names, **people}, subject_names=people)
    if last is None and not any(line.action == "outlet.opened" for line in read.lines):
        told.append(opened)
    place = f"{(last.at.timestamp() * 1_000_000):.0f}-{last.id}" if last else ""
    return ThingView(
        title=card.name,
        kind=words.t("desk.outlet.title"),
        back_href=root,
        back_name=words.t("desk.outlet.list"),
        badges=(Badge(text=words.t(f"desk.outlet_status.{card.status}"), tone=TONES.get(card.status, "plain")),),
        facts=(
            Facts(title=words.t("desk.outlet.about"), facts=_about(found, words, card, read.visits)),
            Facts(title=words.t("desk.outlet.numbers_and_money"), facts=_numbers(words, read)),
        ),
        story=tuple(told),
        story_next=address(f"{root}/{card.id}", dari=place) if place else "",
        actions=actions,
        charts=(_activity(found, words, read.by_day, card.zone),),
        tables=(_people(words, read.people), _sales(found, words, read.lately, sale_href)),
    )


def _about(found: Member, words: DeskWords, card: OutletCard, visits: str) -> tuple[Fact, ...]:
    partner = f"/office/mitra/{card.partner_id}" if found.who.kind == "staff" else ""
    return (
        Fact(label=words.t("desk.outlet.code"), text=card.code),
        Fact(label=words.t("desk.partner.title"), text=card.partner_name, href=partner, note=card.partner_code),
        Fact(
            label=words.t("desk.outlet.kind"),
            text=words.known(f"desk.outlet_kind.{card.kind}", card.kind),
            note=words.segment(card.segment),
        ),
        Fact(label=words.t("desk.outlet.area"), text=card.area_name),
        Fact(label=words.t("desk.outlet.address"), text=card.address, note=card.place),
        Fact(label=words.t("desk.outlet.zone"), text=words.zone_name),
        Fact(label=words.t("desk.outlet.opened"), text=words.long(card.opened_at)),
        Fact(label=words.t("desk.outlet.visits"), text=visits),
    )


def _numbers(words: DeskWords, read: OutletThing) -> tuple[Fact, ...]:
    numbers = ", ".join(pretty(each) for each in read.card.numbers) or words.t("desk.none")
    hold = words.t("desk.outlet.hold_s", n=read.card.hold_s) if read.card.hold_s else words.t("desk.none")
    sold = read.by_day
    return (
        Fact(label=words.t("desk.outlet.reseller"), text=numbers),
        Fact(label=words.t("outlet.balance"), text=rupiah(read.balance_rp)),
        Fact(label=words.t("desk.outlet.hold"), text=hold),
        Fact(
            label=words.t("desk.outlet.sold", n=DAYS_SHOWN),
            text=words.t("desk.outlet.sold_text", n=sum(each.sales for each in sold)),
            note=rupiah(sum(each.price_rp for each in sold)),
        ),
    )


def _people(words: DeskWords, people: Sequence[OutletPerson]) -> Table:
    tones: dict[str, BadgeTone] = {"active": "ok", "blocked": "error", "ended": "plain"}
    return Table(
        id="people",
        title=words.t("desk.outlet.people"),
        columns=tuple(
            Column(name=words.t(key))
            for key in (
                "desk.account.name",
                "outlet.login.username",
                "desk.outlet.nn",
                "desk.account.roles",
                "desk.column.state",
            )
        ),
        rows=tuple(
            (
                Cell(text=each.name),
                Cell(text=each.username),
                Cell(text=pretty(each.nn_msisdn)),
                Cell(text=words.known(f"desk.user_role.{each.role}", each.role)),
                Cell(
                    text=words.t(f"desk.user_status.{each.status}"),
                    badge=tones.get(each.status, "plain"),
                    sub=words.t("desk.outlet.pin_locked") if each.pin_locked_at else "",
                ),
            )
            for each in people
        ),
        empty=words.t("desk.outlet.no_people"),
        note=words.t("lists.first_only", n=len(people)) if len(people) >= PEOPLE_MAX else "",
    )


def _sales(found: Member, words: DeskWords, lately: Sequence[HistoryLine], sale_href: str) -> Table:
    tones: dict[str, BadgeTone] = {"done": "ok", "checking": "warn", "refunded": "info"}
    rows = []
    for line in lately:
        sale = line.sale
        name = product_name(found.here.catalogue.product(sale.product), sale.product, sale.nominal_rp, words.locale)
        state = "reversed" if line.reversed_at else sale.status
        rows.append(
            (
                Cell(text=sale.code, href=f"{sale_href}/{sale.code}" if sale_href else "", sub=words.long(sale.at)),
                Cell(text=name, sub=masked(sale.msisdn)),
                Cell(text=line.user_name),
                Cell(text=rupiah(sale.cost_rp)),
                Cell(text=words.t(f"outlet.status.{state}"), badge=tones.get(state, "plain")),
            )
        )
    return Table(
        id="sales",
        title=words.t("desk.outlet.lately"),
        columns=(
            Column(name=words.t("desk.outlet.sale")),
            Column(name=words.t("desk.outlet.product")),
            Column(name=words.t("desk.outlet.seller")),
            Column(name=words.t("outlet.cost"), num=True),
            Column(name=words.t("desk.column.state")),
        ),
        rows=tuple(rows),
        empty=words.t("desk.outlet.no_sales", n=DAYS_SHOWN),
    )


def _activity(found: Member, words: DeskWords, by_day: Sequence[Total], zone: str) -> Chart:
    """Done sales per day, days without any among them."""
    counted = {each.label: each for each in by_day}
    today = business_day(found.here.now, ZoneInfo(zone))
    days = [today - timedelta(days=back) for back in reversed(range(DAYS_SHOWN))]
    most = max((each.sales for each in by_day), default=0) or 1
    sales = {day: counted[str(day)].sales if str(day) in counted else 0 for day in days}
    prices = {day: counted[str(day)].price_rp if str(day) in counted else 0 for day in days}
    title = words.t("desk.outlet.activity")
    return Chart(
        id="activity",
        title=title,
        upright=True,
        bars=tuple(
            Bar(label=words.day(day), value=sales[day], text=str(sales[day]), share=1000 * sales[day] // most)
            for day in days
        ),
        table=Table(
            id="activity-table",
            title=title,
            columns=(
                Column(name=words.t("desk.outlet.day")),
                Column(name=words.t("desk.column.count"), num=True),
                Column(name=words.t("outlet.price"), num=True),
            ),
            rows=tuple(
                (Cell(text=words.date(day)), Cell(text=str(sales[day])), Cell(text=rupiah(prices[day]))) for day in days
            ),
            empty="",
        ),
    )
