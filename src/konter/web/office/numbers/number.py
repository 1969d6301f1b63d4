"""A number as staff see it: state, balance, quotas. Every look is written to the audit. [D-58, D-81]"""

from urllib.parse import quote

from litestar import get
from litestar.params import FromPath, FromQuery

from konter.channel.numbers.read import NumberStory, number_story
from konter.channel.scope import scope_of
from konter.loyalty.points.view import PointsView, points_of
from konter.platform.audit import audit_of
from konter.platform.money import rupiah
from konter.platform.refusal import Refused
from konter.subscriber.agreement import Agreement, agreement_of
from konter.subscriber.model import State, SubscriberView
from konter.subscriber.msisdn import parse_msisdn, pretty
from konter.subscriber.refusals import BAD_MSISDN
from konter.terms.model import CUSTOMER_TERMS
from konter.web.app import AnyRequest, app_of
from konter.web.desk.finding import find_view
from konter.web.desk.frame import Member, desk_page, member
from konter.web.desk.number_stories import in_channel, registered
from konter.web.desk.story import audit_story, names_in
from konter.web.desk.views import Badge, BadgeTone, Cell, Column, Fact, Facts, StoryLine, Table, ThingView, Way
from konter.web.office.numbers.points import points_facts, points_href
from konter.web.office.numbers.seen import NUMBER_CHARS_MAX, seen_number
from konter.web.office.places import CONFLICTS, NUMBERS, OFFICE
from konter.web.pages import AnyPage, go
from konter.web.reward_words import brand_names
from konter.web.views import Gain

TONES: dict[State, BadgeTone] = {State.ACTIVE: "ok", State.GRACE: "warn", State.EXPIRED: "error"}


@get("/office/nomor", include_in_schema=False)
async def find_page(request: AnyRequest, nomor: FromQuery[str] = "") -> AnyPage:
    """A number, as somebody reads it out."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, NUMBERS)
    if nomor:
        msisdn = parse_msisdn(nomor[:NUMBER_CHARS_MAX])
        if msisdn is None:
            raise Refused(BAD_MSISDN(msisdn=nomor[:NUMBER_CHARS_MAX]))
        return go(f"{NUMBERS.href}/{msisdn}")
    return desk_page(request, OFFICE, "desk/find.html", find_view(found, "office.number.", NUMBERS.href, "nomor"))


@get("/office/nomor/{number:str}", include_in_schema=False)
async def number_page(request: AnyRequest, number: FromPath[str]) -> AnyPage:
    """One number with its story."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, NUMBERS)
        seen = await seen_number(connection, found, number)
        channel = await number_story(connection, seen.msisdn, scope=scope_of(found.who))
        agreement = await agreement_of(connection, seen.id, now=found.here.now)
        points = await points_of(
            connection, seen.id, kind=seen.kind, brand=seen.brand, now=found.here.now, rules=found.here.rules
        )
        lines = await audit_of(connection, [seen.id])
        names = await names_in(connection, lines)
    story = channel if isinstance(channel, NumberStory) else None
    told = [*audit_story(lines, found.words, names), *registered(found.words, story, OFFICE.root)]
    view = _thing(found, seen, sorted(told, key=lambda line: line.at, reverse=True), story, agreement, points)
    return desk_page(request, OFFICE, "desk/thing.html", view)


def _agreed(found: Member, agreement: Agreement | None) -> tuple[Fact, ...]:
    """On which version of the terms the number was activated, and which counts now. [T-01, T-02]"""
    if agreement is None or agreement.version is None:
        return ()
    words, day = found.words, found.words.date(agreement.formed_at)
    other = agreement.binding not in (None, agreement.version)
    return (
        Fact(
            label=words.t("office.number.agreement"),
            text=words.t("office.number.agreed", version=agreement.version),
            href=f"/dokumen/{CUSTOMER_TERMS}?versi={quote(agreement.version)}",
            note=words.t("office.number.binding", day=day, version=agreement.binding)
            if other
            else words.t("office.number.agreed_on", day=day),
        ),
    )


def _thing(
    found: Member,
    seen: SubscriberView,
    story: list[StoryLine],
    channel: NumberStory | None,
    agreement: Agreement | None,
    points: PointsView,
) -> ThingView:
    words = found.words
    facts = (
        Fact(label=words.t("office.number.brand"), text=brand_names((seen.brand,), found.here.rules)),
        Fact(label=words.t("office.number.kind"), text=words.t(f"office.number.{seen.kind}")),
        Fact(label=words.t("office.number.balance"), text=rupiah(seen.balance_rp)),
        Fact(label=words.t("office.number.active_until"), text=words.last_day(seen.active_until)),
        Fact(label=words.t("office.number.grace_until"), text=words.last_day(seen.grace_until)),
        *_agreed(found, agreement),
    )
    quotas = Table(
        id="quotas",
        title=words.t("office.number.quotas"),
        columns=(
            Column(name=words.t("office.number.quota")),
            Column(name=words.t("office.number.left"), num=True),
            Column(name=words.t("office.number.until")),
        ),
        rows=tuple(
            (
                Cell(text=words.gain_name(Gain(asset=each.asset, amount=each.balance, source=each.source))),
                Cell(text=words.amount(Gain(asset=each.asset, amount=each.balance))),
                Cell(text=words.last_day(each.expires_at) if each.expires_at else words.t("desk.none")),
            )
            for each in seen.buckets
        ),
        empty=words.t("office.number.no_quota"),
    )
    return ThingView(
        title=pretty(seen.msisdn),
        kind=words.t("office.number.title"),
        back_href=NUMBERS.href,
        back_name=words.t("office.number.find"),
        badges=(Badge(text=words.t(f"office.state.{seen.state.value}"), tone=TONES[seen.state]),),
        facts=(
            Facts(title=words.t("office.items.about"), facts=facts),
            points_facts(found, seen, points),
            in_channel(words, channel, OFFICE.root, conflicts_href=CONFLICTS.href),
        ),
        story=tuple(story),
        actions=(),
        tables=(quotas,),
        ways=(Way(name=words.t("office.points.see", n=points.points), href=points_href(seen)),),
        note=words.t("office.number.logged"),
    )


NUMBER_ROUTES = [find_page, number_page]
