"""Rewards in few words: what they give, to whom, how often, and why not. [P-21..P-24]"""

from datetime import datetime

from konter.loyalty.rewards.catalogue.model import GivesBuckets, GivesCode, GivesProvided, Offer
from konter.loyalty.tiers.model import rank_of
from konter.loyalty.tiers.read import tier_name
from konter.loyalty.vintages import last_day
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.web.poin.views import VintageLine
from konter.web.views import Gain
from konter.web.words import Words


def vintage_line(points: int, expires_at: datetime, rules: Rules) -> VintageLine:
    """Points by the year in which they were collected."""
    day = last_day(expires_at, rules.poin)
    return VintageLine(year=day.year - 1, points=points, last_day=day)


def gains_of(offer: Offer) -> tuple[Gain, ...]:
    """The quotas that a reward gives, if it gives some."""
    if not isinstance(offer.gives, GivesBuckets):
        return ()
    return tuple(
        Gain(asset=each.asset, amount=each.amount, source=each.source, days=each.validity_days)
        for each in offer.gives.buckets
    )


def gives_text(offer: Offer, words: Words) -> str:
    """`500 MB + 20 menit, 7 hari`; how long a code or an activation is good."""
    gives = offer.gives
    if isinstance(gives, GivesProvided):
        return words.t("poin.active_days", span=days_text(gives.days, words))
    if isinstance(gives, GivesCode):
        if not gives.days:
            return words.t("poin.gives_code")
        return words.t("poin.code_days", span=days_text(gives.days, words))
    amounts = " + ".join(words.amount(gain) for gain in gains_of(offer))
    days = max((each.validity_days for each in gives.buckets), default=0)
    return words.t("poin.for_days", what=amounts, span=days_text(days, words)) if days else amounts


def days_text(days: int, words: Words) -> str:
    """`1 day`, `30 days`."""
    return words.t("poin.one_day") if days == 1 else words.t("poin.days", n=days)


def who_text(offer: Offer, words: Words, rules: Rules) -> str:
    """For which tiers, kinds and brands; empty for everybody."""
    said = []
    if rank_of(offer.tier, rules) > 0:
        said.append(words.t("poin.from_tier", tier=tier_name(offer.tier, words.locale)))
    if len(set(offer.kinds)) == 1:
        said.append(words.t("poin.for_prepaid" if offer.kinds[0] == "prepaid" else "poin.for_postpaid"))
    if offer.brands:
        said.append(words.t("poin.for_brands", brands=brand_names(offer.brands, rules)))
    return " · ".join(said)


def brand_names(codes: tuple[str, ...], rules: Rules) -> str:
    """`Nusa, Kita`."""
    names = {each.code: each.name for each in rules.brand.table}
    return ", ".join(names.get(code, code) for code in codes)


def limit_text(offer: Offer, words: Words) -> str:
    """How many a person may have; empty for any number."""
    return words.t(f"poin.limit.{offer.quota_per}", n=offer.quota) if offer.quota and offer.quota_per else ""


def cannot_text(refusal: Refusal, words: Words) -> str:
    """Why not, in few words; the whole sentence stands on the reward's own page."""
    return words.t(f"poin.cannot.{refusal.code}", **refusal.data)
