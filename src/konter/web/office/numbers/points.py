"""A customer's points as the call centre sees them: what there is, why, and redeeming for the customer. [P-27, P-30]

Codes of vouchers are the customer's own: staff read that there is one, never which.
"""

from uuid import uuid4

from litestar import get, post
from litestar.params import FromPath, FromQuery

from konter.loyalty.history import points_history
from konter.loyalty.points.view import PointsView, points_of
from konter.loyalty.rewards.catalogue.model import RewardLine
from konter.loyalty.rewards.catalogue.read import offers_by_reward, rewards_for
from konter.loyalty.rewards.redemption.model import RedeemRequest
from konter.loyalty.rewards.redemption.quote import Quote, quote_reward
from konter.loyalty.rewards.redemption.read import burnt_of, redemptions_of
from konter.loyalty.rewards.refusals import REWARD_NOT_FOUND
from konter.loyalty.tiers.read import tier_history, tier_name
from konter.platform.cursor import Cursor, cursor_of, cursor_text
from konter.platform.db import Connection
from konter.platform.money import rupiah, thousands
from konter.platform.refusal import Refused
from konter.subscriber.model import SubscriberView
from konter.subscriber.msisdn import pretty
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, notice
from konter.web.desk.errors import BACK
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.tables import address
from konter.web.desk.views import Action, Badge, Fact, Facts, Field, ThingView
from konter.web.offer_shown import Shown, shown_of
from konter.web.office.numbers.point_tables import (
    catalogue_table,
    left_word,
    moves_story,
    redemptions_table,
    tiers_table,
)
from konter.web.office.numbers.seen import seen_number
from konter.web.office.places import NUMBERS, OFFICE, REDEEM_FOR
from konter.web.pages import AnyPage, go, ref_of
from konter.web.reward_words import gives_text

MOVES = 50
REWARD_CHARS_MAX = 30


def points_href(seen: SubscriberView) -> str:
    """The page of a number's points."""
    return f"{NUMBERS.href}/{seen.msisdn}/poin"


def points_facts(found: Member, seen: SubscriberView, points: PointsView) -> Facts:
    """What a number's page says of points: how many, the tier, what ends next. [P-28, P-30, P-41]"""
    words = found.words
    return Facts(
        title=words.t("office.points.title"),
        facts=(
            Fact(
                label=words.t("office.points.balance"),
                text=thousands(points.points),
                href=points_href(seen),
                note=words.t("office.points.owed", n=points.debt) if points.debt else "",
            ),
            Fact(
                label=words.t("office.points.tier"),
                text=tier_name(points.tier, words.locale),
                note=words.t("office.points.tier_until", day=words.date(points.tier_last_day))
                if points.tier_last_day
                else "",
            ),
            Fact(label=words.t("office.points.ends"), text=_ends(found, points)),
        ),
    )


def _ends(found: Member, points: PointsView) -> str:
    words = found.words
    if not points.vintages:
        return words.t("desk.none")
    first = points.vintages[0]
    return words.t("office.points.ends_on", n=first.points, day=words.date(first.last_day))


@get("/office/nomor/{number:str}/poin", include_in_schema=False)
async def points_page(
    request: AnyRequest, number: FromPath[str], sebelum: FromQuery[str] = "", pesan: FromQuery[str] = ""
) -> AnyPage:
    """All of a number's points with their why, its tier, what it redeemed and what it can have. [P-27, P-30, P-42]"""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, NUMBERS)
        seen = await seen_number(connection, found, number)
        view = await _points_view(connection, found, seen, before=cursor_of(sebelum))
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


async def _points_view(
    connection: Connection, found: Member, seen: SubscriberView, *, before: Cursor | None
) -> ThingView:
    words, now, rules = found.words, found.here.now, found.here.rules
    points = await points_of(connection, seen.id, kind=seen.kind, brand=seen.brand, now=now, rules=rules)
    history = await points_history(connection, seen.id, before=before, now=now, limit=MOVES)
    lines = await rewards_for(connection, seen.id, now=now, rules=rules)
    redemptions = await redemptions_of(connection, seen.id, limit=MOVES)
    offers = await offers_by_reward(connection, (each.reward for each in redemptions), now=now)
    burnt = await burnt_of(connection, redemptions)
    changes = await tier_history(connection, seen.id)
    href = points_href(seen)
    return ThingView(
        title=words.t("office.points.of", number=pretty(seen.msisdn)),
        kind=words.t("office.number.title"),
        back_href=f"{NUMBERS.href}/{seen.msisdn}",
        back_name=pretty(seen.msisdn),
        badges=(Badge(text=tier_name(points.tier, words.locale), tone="info"),),
        facts=_facts(found, seen, points),
        story=moves_story(words, history.lines, rules.poin),
        story_next=address(href, sebelum=cursor_text(*history.last)) if history.last else "",
        actions=(_call(found, seen),),
        tables=(
            redemptions_table(words, redemptions, offers, burnt=burnt, now=now),
            tiers_table(words, changes),
            catalogue_table(words, lines, href if found.may(*REDEEM_FOR.rights) else ""),
        ),
        note=words.t("office.number.logged"),
    )


def _facts(found: Member, seen: SubscriberView, points: PointsView) -> tuple[Facts, ...]:
    words = found.words
    months = []
    if points.minimum_rp:
        months.append(
            Fact(
                label=words.t("office.points.month"),
                text=rupiah(points.month_rp),
                note=words.t("office.points.missing", missing=points.minimum_rp - points.month_rp)
                if points.month_rp < points.minimum_rp
                else words.t("office.points.reached", minimum=points.minimum_rp),
            )
        )
    since = (
        [Fact(label=words.t("office.points.since"), text=words.date(points.tier_since))] if points.tier_since else []
    )
    whole = points_facts(found, seen, points)
    about = Facts(title=whole.title, facts=(*whole.facts[:2], *since, *months))
    vintages = tuple(
        Fact(
            label=words.t("office.points.vintage", year=each.year),
            text=thousands(each.points),
            note=words.t("office.points.until", day=words.date(each.last_day)),
        )
        for each in points.vintages
    )
    debt = (Fact(label=words.t("office.points.debt"), text=thousands(-points.debt)),) if points.debt else ()
    none = (Fact(label=words.t("office.points.balance"), text=words.t("desk.none")),)
    return about, Facts(title=words.t("office.points.vintages"), facts=(*debt, *vintages) or none)


def _call(found: Member, seen: SubscriberView) -> Action:
    """Which number the customer calls, and whether the agent may redeem. [P-27]"""
    words, call = found.words, found.here.rules.call
    number = call.postpaid_number if seen.kind == "postpaid" else call.prepaid_number
    note = words.t(f"office.points.call_{seen.kind}", number=number)
    if not found.may(*REDEEM_FOR.rights):
        return Action(title=words.t("office.points.redeem"), why_not=words.t("office.points.may_not"))
    return Action(title=words.t("office.points.choose"), note=note, href="#rewards", tone="plain")


@get("/office/nomor/{number:str}/poin/{reward:str}", include_in_schema=False)
async def redeem_page(request: AnyRequest, number: FromPath[str], reward: FromPath[str]) -> AnyPage:
    """What the customer would get and pay, to be read out before it is done. [P-27]"""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REDEEM_FOR)
        seen = await seen_number(connection, found, number)
        here = found.here
        asked = await quote_reward(connection, seen.id, reward, now=here.now, rules=here.rules)
    if asked is None:
        request.scope["state"][BACK] = points_href(seen)
        raise Refused(REWARD_NOT_FOUND(reward=reward[:REWARD_CHARS_MAX]))
    return desk_page(request, OFFICE, "desk/thing.html", _confirm(found, seen, asked))


def _confirm(found: Member, seen: SubscriberView, asked: Quote) -> ThingView:
    words, line, offer = found.words, asked.line, asked.line.offer
    return ThingView(
        title=offer.name(words.locale),
        kind=words.t("office.points.reward"),
        back_href=points_href(seen),
        back_name=words.t("office.points.of", number=pretty(seen.msisdn)),
        badges=left_word(words, line.left),
        facts=(
            Facts(
                title=words.t("office.points.check"),
                facts=(
                    Fact(label=words.t("office.number.title"), text=pretty(seen.msisdn)),
                    Fact(label=words.t("office.rewards.gives"), text=gives_text(offer.gives, words)),
                    Fact(label=words.t("office.points.price"), text=words.t("office.points.n", n=offer.points)),
                    Fact(
                        label=words.t("office.points.balance"),
                        text=thousands(asked.points)
                        if line.refusal
                        else f"{thousands(asked.points)} → {thousands(asked.points_after)}",
                    ),
                    Fact(label=words.t("office.points.terms"), text=offer.terms(words.locale)),
                ),
            ),
        ),
        story=None,
        actions=(_redeem_action(found, seen, line),),
        note=words.t("office.number.logged"),
    )


def _redeem_action(found: Member, seen: SubscriberView, line: RewardLine) -> Action:
    words, offer = found.words, line.offer
    title = words.t("office.points.redeem")
    if line.refusal is not None:
        return Action(title=title, why_not=words.sentence(line.refusal))
    return Action(
        title=title,
        note=words.t("office.points.redeem_note"),
        post=f"{points_href(seen)}/{offer.reward}",
        fields=(
            Field(name="ref", label="", kind="hidden", value=str(uuid4())),
            *(
                Field(name=name, label="", kind="hidden", value=value)
                for name, value in shown_of(offer).fields().items()
            ),
        ),
        button=words.t("office.points.redeem_for", n=offer.points),
    )


@post("/office/nomor/{number:str}/poin/{reward:str}", include_in_schema=False)
async def redeem_post(request: AnyRequest, number: FromPath[str], reward: FromPath[str]) -> AnyPage:
    """Redeem for the customer, under the agent's name; the same form twice redeems once. [P-27, P-29, P-30]"""
    form = await desk_form(request, OFFICE)
    ref, shown = ref_of(form.text("ref")), Shown.in_form(form)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REDEEM_FOR)
        seen = await seen_number(connection, found, number)
    where = points_href(seen)
    if ref is None or shown is None or "\0" in reward:
        return go(f"{where}?pesan=isian")
    outcome = await found.here.app.redeeming.redeem(
        RedeemRequest(
            subscription_id=seen.id,
            client_ref=ref,
            reward=reward[:REWARD_CHARS_MAX],
            channel="care",
            actor=found.actor,
            points=shown.points,
            offer_from=shown.offer_from,
        )
    )
    done = "tukar_tunggu" if outcome.redemption is not None and outcome.redemption.status == "checking" else "tukar"
    return asked_for(request, outcome.refusal or outcome.redemption, where, done)


NUMBER_POINT_ROUTES = [points_page, redeem_page, redeem_post]
