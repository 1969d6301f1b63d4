"""The menu of points by USSD: balance, what ends, the catalogue of every channel, redeeming. [P-26, P-30, P-42]"""

from datetime import datetime

from konter.loyalty.dialogue.words import (
    ending_words,
    has_more_terms,
    kinds_of,
    line_words,
    offer_words,
    points_words,
    refusal_words,
)
from konter.loyalty.points.view import points_of
from konter.loyalty.rewards.catalogue.model import RewardLine
from konter.loyalty.rewards.catalogue.read import rewards_for
from konter.loyalty.rewards.redemption.model import GotCode, RedeemOutcome, RedeemRequest
from konter.loyalty.rewards.redemption.redeeming import Redeeming
from konter.loyalty.tiers.read import tier_name
from konter.messaging.ussd.model import Dialogue, Option, Screen, Turn
from konter.platform.audit import Actor
from konter.platform.db import Pool
from konter.platform.i18n import text
from konter.rules.model import Rules

POINTS, ENDING, REWARDS = "points", "ending", "rewards"  # what the first screen leads to
YES, TERMS = "yes", "terms"
PRICE, SINCE = "points", "since"  # the notes of what the screen said that a reward costs, and of which offer


def points_menu(pool: Pool, redeeming: Redeeming, *, rules: Rules) -> Dialogue:
    """The dialogue of `poin.ussd_code`. It redeems under the ref of its step, so that a repeated step is one."""

    async def dialogue(turn: Turn) -> Screen:
        match turn.path:
            case () | ("points",) | ("ending",):
                return await _standing(pool, turn, rules)
            case ("rewards",):
                return _kinds(await _lines(pool, turn, rules), turn)
            case ("rewards", kind):
                return await _choice(pool, turn, kind, rules)
            case ("rewards", _, reward, *deed):
                line = await _find(pool, turn, reward, rules)
                if deed == [YES]:
                    return await _redeem(redeeming, turn, reward, line)
                return _offer(line, turn, rules, whole=deed == [TERMS])
        return _gone(turn, rules)

    return dialogue


async def _standing(pool: Pool, turn: Turn, rules: Rules) -> Screen:
    """The first screen, and the two that tell of points."""
    locale = turn.locale
    async with pool.acquire() as connection:
        of = turn.subscription
        seen = await points_of(connection, of.id, kind=of.kind, brand=of.brand, now=turn.now, rules=rules)
    match turn.path:
        case ("points",):
            return Screen(text=points_words(seen, locale, rules=rules))
        case ("ending",):
            return Screen(text=ending_words(seen, locale, code=rules.poin.ussd_code))
    choices = (POINTS, ENDING, REWARDS)
    return Screen(
        text=text("dialogue.menu.root", locale, points=seen.points, tier=tier_name(seen.tier, locale)),
        options=tuple(Option(text(f"dialogue.menu.{each}", locale), each) for each in choices),
    )


async def _lines(pool: Pool, turn: Turn, rules: Rules) -> list[RewardLine]:
    async with pool.acquire() as connection:
        return await rewards_for(connection, turn.subscription.id, now=turn.now, rules=rules)


async def _find(pool: Pool, turn: Turn, reward: str, rules: Rules) -> RewardLine | None:
    """A reward as it stands now: since it was chosen it may have been closed."""
    return next((line for line in await _lines(pool, turn, rules) if line.offer.reward == reward), None)


def _kinds(lines: list[RewardLine], turn: Turn) -> Screen:
    if not lines:
        return Screen(text=text("dialogue.menu.no_rewards", turn.locale))
    options = tuple(Option(text(f"outlet.poin.kind.{kind}", turn.locale), kind) for kind in kinds_of(lines))
    return Screen(text=text("dialogue.menu.kinds", turn.locale), options=options)


async def _choice(pool: Pool, turn: Turn, kind: str, rules: Rules) -> Screen:
    """All rewards of a kind. Those that cannot be had are marked; choosing one says why in a sentence."""
    of = turn.subscription
    async with pool.acquire() as connection:
        lines = await rewards_for(connection, of.id, now=turn.now, rules=rules)
        seen = await points_of(connection, of.id, kind=of.kind, brand=of.brand, now=turn.now, rules=rules)
    options = tuple(
        Option(line_words(line, turn.locale), line.offer.reward) for line in lines if line.offer.kind == kind
    )
    if not options:
        return _gone(turn, rules)
    return Screen(text=text("dialogue.menu.choose", turn.locale, points=seen.points), options=options)


def _offer(line: RewardLine | None, turn: Turn, rules: Rules, *, whole: bool) -> Screen:
    """A reward with its price, to be confirmed where it can be had; offer and price are noted, so that they hold or are
    told.
    `whole`: nothing but all of its terms.
    """
    if line is None:
        return _gone(turn, rules)
    if whole:
        return Screen(text=line.offer.terms(turn.locale))
    options = []
    if line.refusal is None:
        options.append(Option(text("dialogue.menu.redeem", turn.locale, points=line.offer.points), YES))
    if line.refusal is not None or has_more_terms(line, turn.locale):
        options.append(Option(text("dialogue.menu.terms", turn.locale), TERMS))
    shown = {PRICE: line.offer.points, SINCE: line.offer.valid_from.isoformat()}
    return Screen(text=offer_words(line, turn.locale), options=tuple(options), notes=shown)


async def _redeem(redeeming: Redeeming, turn: Turn, reward: str, line: RewardLine | None) -> Screen:
    """Points for the reward, or why not; again with the same ref it says the same."""
    since = turn.notes.get(SINCE)
    outcome = await redeeming.redeem(
        RedeemRequest(
            subscription_id=turn.subscription.id,
            client_ref=turn.client_ref,
            reward=reward,
            points=turn.notes.get(PRICE),
            offer_from=datetime.fromisoformat(since) if since else None,
            channel="ussd",
            actor=Actor("customer", turn.subscription.id),
        )
    )
    name = line.offer.name(turn.locale) if line is not None else reward
    return Screen(text=_outcome_words(outcome, name, turn.locale), end=True)


def _outcome_words(outcome: RedeemOutcome, name: str, locale: str) -> str:
    if outcome.refusal is not None:
        return refusal_words(outcome.refusal, locale)
    redemption = outcome.redemption
    assert redemption is not None, "an outcome is a redemption or a refusal"
    given = "given_code" if isinstance(redemption.delivery, GotCode) else "given"
    key = given if redemption.status == "done" else redemption.status
    return text(
        f"dialogue.menu.{key}",
        locale,
        name=name,
        points=redemption.points,
        left=redemption.points_after,
        trx=redemption.code,
    )


def _gone(turn: Turn, rules: Rules) -> Screen:
    """What was chosen is no longer there."""
    return Screen(text=text("dialogue.menu.gone", turn.locale, code=rules.poin.ussd_code), end=True)
