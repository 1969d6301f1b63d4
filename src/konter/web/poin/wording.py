"""Rewards in few words for customers: to whom, how often, and why not. [P-21..P-24]"""

from datetime import datetime

from konter.loyalty.rewards.catalogue.model import Offer
from konter.loyalty.tiers.model import rank_of
from konter.loyalty.tiers.read import tier_name
from konter.loyalty.vintages import last_day
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.web.poin.views import VintageLine
from konter.web.reward_words import brand_names
from konter.web.words import Words


def vintage_line(points: int, expires_at: datetime, rules: Rules) -> VintageLine:
    """Points by the year in which they were collected."""
    day = last_day(expires_at, rules.poin)
    return VintageLine(year=day.year - 1, points=points, last_day=day)


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


def limit_text(offer: Offer, words: Words) -> str:
    """How many a person may have; empty for any number."""
    return words.t(f"poin.limit.{offer.quota_per}", n=offer.quota) if offer.quota and offer.quota_per else ""


def cannot_text(refusal: Refusal, words: Words) -> str:
    """Why not, in few words; the whole sentence stands on the reward's own page."""
    return words.t(f"poin.cannot.{refusal.code}", **refusal.data)
