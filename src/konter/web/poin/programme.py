"""How points are earned and what tiers take: every number is of the rules in force. [P-01..P-20, P-31..P-37]"""

from datetime import datetime

from konter.loyalty.tiers.read import tier_name
from konter.loyalty.vintages import expires_at, last_day, vintage_of
from konter.rules.model import Rules
from konter.web.poin.views import TierLine
from konter.web.reward_words import brand_names
from konter.web.words import Words


def earning(words: Words, *, rules: Rules, now: datetime) -> tuple[str, ...]:
    """What gives points, from which minimum on, and how long they are good."""
    poin = rules.poin
    year = vintage_of(now, poin)
    said = [
        words.t(
            "poin.earn_prepaid",
            step=poin.step_idr,
            n=poin.prepaid.per_step,
            minimum=poin.prepaid.min_idr,
            hours=poin.prepaid.grant_h,
        ),
        words.t(
            "poin.earn_postpaid" if poin.postpaid.on == "issue" else "poin.earn_paid",
            step=poin.step_idr,
            n=poin.postpaid.per_step,
            minimum=poin.postpaid.min_idr,
            hours=poin.postpaid.grant_h,
        ),
    ]
    if poin.postpaid.basis_with_tax:
        said.append(words.t("poin.earn_tax"))
    times = zip(rules.tier.names, poin.tier_multipliers, strict=True)
    if more := [f"{tier_name(name, words.locale)} x{factor}" for name, factor in times if factor > 1]:
        said.append(words.t("poin.earn_times", tiers=", ".join(more)))
    brands = [(code, factor) for code, factor in poin.brand_multipliers.items() if factor > 1]
    if brands:
        named = ", ".join(f"{brand_names((code,), rules)} x{factor}" for code, factor in brands)
        said.append(words.t("poin.earn_brand_times", brands=named))
    said.append(words.t("poin.earn_brands", brands=brand_names(rules.brand.earns_points, rules)))
    said.append(words.t("poin.earn_until", year=year, day=words.date(last_day(expires_at(year, poin), poin))))
    said.append(words.t("poin.earn_oldest"))
    return tuple(said)


def tiers(words: Words, *, rules: Rules) -> tuple[TierLine, ...]:
    """Each tier with what it takes, from low to high."""
    tier = rules.tier
    lines = []
    for place, name in enumerate(tier.names):
        if place == 0:
            takes = words.t("poin.tier_lowest")
        else:
            takes = words.t("poin.tier_takes", amount=tier.threshold[f"{name}_idr"], n=tier.window_months)
            if place == 1 and tier.red_entry_min_idr:
                takes += " " + words.t("poin.tier_entry", amount=tier.red_entry_min_idr)
            if months := tier.min_tenure_months[place]:
                takes += " " + words.t("poin.tier_tenure", n=months)
        lines.append(TierLine(name=tier_name(name, words.locale), takes=takes))
    return tuple(lines)


def tiers_how(words: Words, *, rules: Rules) -> str:
    """How long a tier lasts, and when it rises."""
    return words.t("poin.tier_how", n=rules.tier.validity_months, day=rules.tier.evaluation_day)
