"""Points in words short enough for one text, and the same on a screen. Pure. [P-18, P-28, P-41]"""

from collections.abc import Sequence

from konter.loyalty.points.view import PointsView, Vintage
from konter.loyalty.rewards.catalogue.model import RewardLine
from konter.loyalty.tiers.read import tier_name
from konter.messaging.gsm7 import clip, to_gsm7
from konter.platform.i18n import text
from konter.platform.refusal import Refusal
from konter.rules.model import Rules

# What a list of rewards says of one that cannot be had.
MARKED = {
    "REWARD_NOT_FOR_SEGMENT",
    "REWARD_NOT_FOR_TIER",
    "REWARD_QUOTA_REACHED",
    "REWARD_QUOTA_USED",
    "REWARD_OUT_OF_STOCK",
}
TERMS_SEPTETS = 90  # of a reward's terms beside its price; the whole of them is one key away


def points_words(seen: PointsView, locale: str, *, rules: Rules) -> str:
    """`Poin Anda 48 (berlaku s.d. 31/03/2027), status RED`; two vintages are both named. [P-20, P-28, P-41]"""
    tier = tier_name(seen.tier, locale)
    if seen.points < 0:
        return text("dialogue.points.in_debt", locale, points=seen.points, tier=tier)
    if not seen.vintages:
        key = "none" if seen.minimum_rp else "none_by_bill" if seen.earns else "none_ever"
        return text(
            f"dialogue.points.{key}", locale, tier=tier, minimum=seen.minimum_rp, bill=rules.poin.postpaid.min_idr
        )
    if len(seen.vintages) == 1:
        (only,) = seen.vintages
        return text("dialogue.points.one", locale, points=seen.points, day=_day(only), tier=tier)
    parts = ", ".join(text("dialogue.points.part", locale, points=v.points, day=_day(v)) for v in seen.vintages)
    return text("dialogue.points.several", locale, points=seen.points, parts=parts, tier=tier)


def ending_words(seen: PointsView, locale: str, *, code: str) -> str:
    """Which points end when; `code` is where they can be spent. [P-17, P-18]"""
    if not seen.vintages or seen.points < 0:
        return text("dialogue.points.nothing_ends", locale, points=max(seen.points, 0))
    parts = ", ".join(text("dialogue.points.ends", locale, points=v.points, day=_day(v)) for v in seen.vintages)
    return text("dialogue.points.ending", locale, parts=parts, code=code)


def refusal_words(refusal: Refusal, locale: str) -> str:
    """Why not, in the words that every channel has."""
    return text(refusal.sentence_key, locale, **refusal.data)


def line_words(line: RewardLine, locale: str) -> str:
    """`Data 100 MB (20)`, and in two words why not: `Sesi spa (450, mulai GOLD)`. Too few points need no word: both
    numbers stand on the page.
    """
    offer, refusal = line.offer, line.refusal
    if refusal is None or refusal.code not in MARKED:
        return text("dialogue.menu.line", locale, name=offer.name(locale), points=offer.points)
    mark = text(f"dialogue.menu.not.{refusal.code}", locale, **refusal.data)
    return text("dialogue.menu.line_not", locale, name=offer.name(locale), points=offer.points, mark=mark)


def offer_words(line: RewardLine, locale: str) -> str:
    """A reward with its price, and its terms or why it cannot be had."""
    offer = line.offer
    if line.refusal is not None:
        return text(
            "dialogue.menu.not_now",
            locale,
            name=offer.name(locale),
            points=offer.points,
            why=refusal_words(line.refusal, locale),
        )
    return text("dialogue.menu.offer", locale, name=offer.name(locale), points=offer.points, terms=_short(line, locale))


def has_more_terms(line: RewardLine, locale: str) -> bool:
    """Whether the terms beside the price are not the whole of them."""
    return _short(line, locale) != to_gsm7(line.offer.terms(locale))


def kinds_of(lines: Sequence[RewardLine]) -> list[str]:
    """The kinds of rewards on offer, in the catalogue's order."""
    return list(dict.fromkeys(line.offer.kind for line in lines))


def _short(line: RewardLine, locale: str) -> str:
    return clip(to_gsm7(line.offer.terms(locale)), TERMS_SEPTETS)


def _day(vintage: Vintage) -> str:
    return f"{vintage.last_day:%d/%m/%Y}"
