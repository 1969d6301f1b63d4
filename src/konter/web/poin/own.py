"""A customer's own points: what moved them and why, tiers, and redemptions with their codes. [P-25, P-30, P-41]"""

from collections.abc import Sequence
from datetime import datetime

from litestar import get
from litestar.params import FromPath, FromQuery

from konter.access.customers.model import Customer
from konter.loyalty.history import HistoryLine, points_history
from konter.loyalty.rewards.catalogue.model import GivesProvided, Offer
from konter.loyalty.rewards.catalogue.read import offers_by_reward
from konter.loyalty.rewards.redemption.model import GotBuckets, GotCode, Redemption, RedemptionId
from konter.loyalty.rewards.redemption.read import Voucher, redemption_of, redemptions_of, vouchers_of
from konter.loyalty.rewards.refusals import REDEMPTION_NOT_FOUND
from konter.loyalty.tiers.read import TierChange, tier_history, tier_name
from konter.loyalty.vintages import last_day
from konter.platform.cursor import cursor_of, cursor_text
from konter.platform.db import Connection
from konter.platform.refusal import Refusal, Refused
from konter.rules.keys_loyalty import Poin
from konter.rules.model import Rules
from konter.sales.codes import sale_of_code
from konter.web.app import AnyRequest, app_of
from konter.web.delivered import gains, reload_after_s
from konter.web.me.visit import customer
from konter.web.pages import AnyPage, page, words
from konter.web.poin.panel import own_points
from konter.web.poin.views import (
    HistoryView,
    MoveLine,
    RedemptionLine,
    RedemptionsView,
    RedemptionView,
    TierChangeLine,
)
from konter.web.poin.wording import vintage_line
from konter.web.visit import Visit, visit
from konter.web.words import Words

PAGE = 30
NEWEST = 3
CODE_CHARS_MAX = 40


@get("/saya/poin", include_in_schema=False)
async def points_page(request: AnyRequest, sebelum: FromQuery[str] = "") -> AnyPage:
    """Points and tier, then what moved them, newest first, each grant with its sentence."""
    speech = words(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = await customer(request, connection, here)
        given = cursor_of(sebelum)
        history = await points_history(connection, who.subscription_id, before=given, now=here.now, limit=PAGE)
        newest = await redemptions_of(connection, who.subscription_id, limit=NEWEST) if given is None else []
        names = await reward_names(connection, here, newest)
        lines = await redemption_lines(connection, here, newest, names, speech)
        changes = await tier_history(connection, who.subscription_id) if given is None else []
        panel = await own_points(connection, here, who)
    view = HistoryView(
        panel=panel,
        grant_h=here.rules.poin.prepaid.grant_h if who.kind == "prepaid" else here.rules.poin.postpaid.grant_h,
        grants_key=_grants_key(who, here.rules),
        rules=_rules_of(history.lines, changes),
        moves=tuple(_move(each, here.rules.poin, speech) for each in history.lines),
        redemptions=tuple(lines),
        tiers=tuple(_change(each, speech) for each in changes),
        before=cursor_text(*history.last) if history.last else "",
        first=given is None,
    )
    return page(request, "poin/history.html", view)


@get("/saya/penukaran", include_in_schema=False)
async def redemptions_page(request: AnyRequest, sebelum: FromQuery[str] = "") -> AnyPage:
    """All redemptions with their states, and codes for nobody else's eyes."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = await customer(request, connection, here)
        found = await redemptions_of(connection, who.subscription_id, before=cursor_of(sebelum), limit=PAGE + 1)
        shown = found[:PAGE]
        names = await reward_names(connection, here, shown)
        lines = await redemption_lines(connection, here, shown, names, words(request))
    last = cursor_text(shown[-1].at, shown[-1].id) if len(found) > PAGE else ""
    return page(request, "poin/redemptions.html", RedemptionsView(redemptions=tuple(lines), before=last))


@get("/saya/penukaran/{code:str}", include_in_schema=False)
async def redemption_page(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """What became of one. Another customer's is not found."""
    speech = words(request)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        who = await customer(request, connection, here)
        redemption = await _own_redemption(connection, who, code)
        names = await reward_names(connection, here, [redemption])
        (line,) = await redemption_lines(connection, here, [redemption], names, speech)
    return page(request, "poin/redemption.html", _redemption_view(here, redemption, line, names, speech))


async def _own_redemption(connection: Connection, who: Customer, code: str) -> Redemption:
    id_ = sale_of_code(code[:CODE_CHARS_MAX])
    if id_ is None:
        raise Refused(REDEMPTION_NOT_FOUND())
    found = await redemption_of(connection, RedemptionId(id_), subscription_id=who.subscription_id)
    if isinstance(found, Refusal):
        raise Refused(found)
    return found


async def reward_names(connection: Connection, here: Visit, redemptions: Sequence[Redemption]) -> dict[str, Offer]:
    """What was redeemed, as it is offered now or was last."""
    return await offers_by_reward(connection, (each.reward for each in redemptions), now=here.now)


async def redemption_lines(
    connection: Connection, here: Visit, redemptions: Sequence[Redemption], names: dict[str, Offer], speech: Words
) -> list[RedemptionLine]:
    """A customer's own redemptions as lists show them."""
    vouchers = await vouchers_of(connection, redemptions, keys=here.app.keys)
    return [_line(each, names, vouchers.get(each.id), here.now, speech) for each in redemptions]


def _line(
    redemption: Redemption, names: dict[str, Offer], voucher: Voucher | None, now: datetime, speech: Words
) -> RedemptionLine:
    got = redemption.delivery
    return RedemptionLine(
        trx=redemption.code,
        name=_name(redemption.reward, names, speech),
        points=redemption.points,
        status=redemption.status,
        at=redemption.at,
        now=now,
        deadline=redemption.deadline,
        voucher=voucher.code if voucher else "",
        until=got.expires_at if isinstance(got, GotCode) else None,
        burnt_at=voucher.burnt_at if voucher else None,
    )


def _name(reward: str, names: dict[str, Offer], speech: Words) -> str:
    return names[reward].name(speech.locale) if reward in names else reward


def _redemption_view(
    here: Visit, redemption: Redemption, line: RedemptionLine, names: dict[str, Offer], speech: Words
) -> RedemptionView:
    got, gives = redemption.delivery, redemption.why.gives
    waits = redemption.status == "checking"
    buckets = got.delivery if isinstance(got, GotBuckets) else None
    return RedemptionView(
        line=line,
        code=redemption.reward,
        points_before=redemption.points_after + redemption.points,
        points_after=redemption.points_after,
        paid_by=tuple(vintage_line(each.points, each.expires_at, here.rules) for each in redemption.why.vintages),
        gains=gains(buckets) if buckets else (),
        active_until=buckets.active_after if buckets and buckets.days else None,
        days=gives.days if isinstance(gives, GivesProvided) else 0,
        terms=names[redemption.reward].terms(speech.locale) if redemption.reward in names else "",
        rule=redemption.rule,
        reload_s=reload_after_s(redemption.at, here.now) if waits else 0,
    )


def _move(line: HistoryLine, poin: Poin, speech: Words) -> MoveLine:
    """A grant says its sentence and its end, a redemption leads to its own page."""
    move = line.move
    held = "_held" if line.redemption is not None and move.state == "pending" else ""
    return MoveLine(
        at=move.at,
        points=move.points,
        title=speech.t(f"poin.move.{move.kind}{held}", name=line.what(speech.locale)),
        why=line.grant.plain(speech.locale) if line.grant is not None else "",
        href=f"/saya/penukaran/{line.redemption.code}" if line.redemption is not None else "",
        last_day=last_day(move.expires_at, poin) if line.grant is not None and move.expires_at else None,
    )


def _grants_key(who: Customer, rules: Rules) -> str:
    """After what new points come: a postpaid customer has no recharges. [P-14, P-15]"""
    if who.kind == "prepaid":
        return "poin.grants_in"
    return "poin.grants_in_bill" if rules.poin.postpaid.on == "issue" else "poin.grants_in_paid"


def _rules_of(lines: Sequence[HistoryLine], changes: Sequence[TierChange]) -> tuple[str, ...]:
    """Each rule once, in the order in which the page has it."""
    grants = (line.grant.rule for line in lines if line.grant is not None)
    return tuple(dict.fromkeys((*grants, *(change.rule for change in changes))))


def _change(change: TierChange, speech: Words) -> TierChangeLine:
    standing = change.standing
    return TierChangeLine(
        name=tier_name(standing.tier, speech.locale),
        since=standing.since,
        last_day=change.last_day,
        why=speech.t(f"poin.cause.{change.cause}", amount=change.spent_rp),
    )


OWN_ROUTES = [points_page, redemptions_page, redemption_page]
