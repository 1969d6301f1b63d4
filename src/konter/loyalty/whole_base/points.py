"""What months of recharges and bills are worth, as one Ibis expression each: `earning.model` over the whole base.

Rules become constants of the expression. It has only operations that Ibis has for every engine, and its shape follows
the rules: with those that ship each recharge is looked at once, in one aggregation, and all else is done with its sums.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis  # type: ignore[import-untyped]

from konter.loyalty.earning.model import Programme
from konter.loyalty.whole_base.refusals import HISTORY_NEEDED
from konter.loyalty.whole_base.tables import Base, Table
from konter.platform.clock import day_start
from konter.platform.refusal import Refusal
from konter.rules.keys_loyalty import Poin
from konter.rules.model import Rules

Column = Any  # an Ibis column
KEYS = ("subscription_id", "month")
FAR = datetime(9999, 1, 1)  # noqa: DTZ001 - tables hold moments in UTC without a zone
SINCE_ZONES_ARE_FIXED = datetime(1970, 1, 1, tzinfo=UTC)


def missing_history(base: Base, rules: Rules) -> Refusal | None:
    """HISTORY_NEEDED where the rules multiply by tiers or brands of the past and no table tells of them."""
    if _by_tier(rules) and base.tiers is None:
        return HISTORY_NEEDED(table="tiers", key="poin.tier_multipliers")
    if _by_brand(rules) and base.plans is None:
        return HISTORY_NEEDED(table="plans", key="poin.brand_multipliers")
    return None


def months(base: Base, rules: Rules) -> Table:
    """One row for each subscription and month in which anything counted: (subscription_id, month, vintage, counted_rp,
    basis_rp, steps, multiplier, points), as `worth_of_month` says. [P-03, P-05, P-07, P-09, P-12, G-P01..G-P04, G-P28]
    """
    poin, prepaid = rules.poin, rules.poin.prepaid
    summed = _summed(base.recharges, Programme(rules))
    reached = summed.earned_rp >= prepaid.min_idr
    basis, steps = summed.earned_rp, None
    if prepaid.rounding_on == "recharge":
        steps = summed.single_steps
    if not prepaid.backfill_on_minimum:
        basis = reached.ifelse(summed.late_rp, basis)
        steps = None if steps is None else reached.ifelse(summed.late_steps, steps)
    worth = _multiplied(
        summed.mutate(basis_rp=basis, steps=basis // poin.step_idr if steps is None else steps, reached=reached),
        base,
        rules,
        day="month",
        brand=lambda rows: _brand_multiplier_of_plans(rows, base, poin),
    )
    return worth.select(
        "subscription_id",
        "month",
        vintage=worth.month.year().cast("int64"),
        counted_rp=worth.counted_rp,
        basis_rp=worth.basis_rp,
        steps=worth.steps,
        multiplier=worth.multiplier,
        points=worth.reached.ifelse(worth.steps * prepaid.per_step * worth.multiplier, 0).cast("int64"),
    )


def counted_recharges(recharges: Table, programme: Programme) -> Table:
    """The recharges that earn points or count for the tier, with the first day of their month. [P-07, P-10, G-P02]"""
    poin = programme.rules.poin
    rows = recharges.filter(
        ~recharges.reversed.fill_null(False),  # noqa: FBT003 - Ibis' signature
        one_of(recharges.kind, poin.prepaid.counts),
        one_of(recharges.brand, programme.earning_brands | programme.counting_brands),
        recharges["at"] >= moment(day_start(poin.start_date, ZoneInfo(poin.time_zone))),
    )
    return rows.mutate(month=local(rows["at"], poin).truncate("M").date())


def counted_rp(rows: Table, programme: Programme) -> Column:
    """What of each recharge counts for the tier. [G-P10, G-P28]"""
    return _of_brands(rows, rows.face_rp, programme.counting_brands, programme)


def _of_brands(rows: Table, amount: Column, brands: frozenset[str], programme: Programme) -> Column:
    """An amount where the brand is one of these, 0 elsewhere; by itself where the rows have no other brand."""
    if brands == programme.earning_brands | programme.counting_brands:
        return amount
    return one_of(rows.brand, brands).ifelse(amount, 0)


def _summed(recharges: Table, programme: Programme) -> Table:
    poin, prepaid = programme.rules.poin, programme.rules.poin.prepaid
    rows = counted_recharges(recharges, programme)
    earned = _of_brands(rows, rows.face_rp, programme.earning_brands, programme)
    if not prepaid.backfill_on_minimum:
        in_order = ibis.window(group_by=KEYS, order_by=["at", "id"], preceding=None, following=0)
        rows = rows.mutate(late_rp=(earned.sum().over(in_order) >= prepaid.min_idr).ifelse(earned, 0))
        earned = _of_brands(rows, rows.face_rp, programme.earning_brands, programme)
    sums = {"earned_rp": earned.sum(), "counted_rp": counted_rp(rows, programme).sum()}
    if not prepaid.backfill_on_minimum:
        sums["late_rp"] = rows.late_rp.sum()
    if prepaid.rounding_on == "recharge":
        sums["single_steps"] = (earned // poin.step_idr).sum()
        if not prepaid.backfill_on_minimum:
            sums["late_steps"] = (rows.late_rp // poin.step_idr).sum()
    if programme.earning_brands == programme.counting_brands:
        del sums["counted_rp"]
        summed = rows.group_by(*KEYS).agg(**sums)
        return summed.mutate(counted_rp=summed.earned_rp)
    return rows.group_by(*KEYS).agg(**sums)


def bills(base: Base, rules: Rules) -> Table:
    """One row for each bill: (bill_id, subscription_id, vintage, counted_rp, basis_rp, steps, multiplier, points, why),
    as `worth_of_bill` says. [P-02, P-04, P-06, P-08, P-11, G-P05..G-P07, G-P09]
    """
    poin, rule = rules.poin, rules.poin.postpaid
    reckoned = with_why(base.bills, rules)
    rows = _multiplied(
        reckoned.mutate(steps=reckoned.basis_rp // poin.step_idr),
        base,
        rules,
        day="period_begin",
        brand=lambda rows: (rows, _brand_multiplier(rows.brand, poin)),
    )
    year = local(rows.issued_at, poin).year() if rule.vintage_by == "issue" else rows.period_end.year()
    return rows.select(
        "bill_id",
        "subscription_id",
        vintage=year.cast("int64"),
        counted_rp=rows.why.isin(["earned", "below_minimum"]).ifelse(rows.basis_rp, 0),
        basis_rp=rows.basis_rp,
        steps=rows.steps,
        multiplier=rows.multiplier,
        points=(rows.why == "earned").ifelse(rows.steps * rule.per_step * rows.multiplier, 0).cast("int64"),
        why=rows.why,
    )


def with_why(rows: Table, rules: Rules) -> Table:
    """Bills with the amount that counts, `basis_rp`, and why they earn or not, `why`."""
    poin, rule = rules.poin, rules.poin.postpaid
    segment = rows.segment.fill_null("")
    cases = [
        (rows.cancelled.fill_null(False), "cancelled"),  # noqa: FBT003 - Ibis' signature
        (~one_of(rows.brand.fill_null(""), rules.brand.earns_points), "brand"),
        (~one_of(segment, ["", *poin.corporate_segments]), "segment"),
        (rows.period_end < ibis.literal(poin.start_date), "before_start"),
    ]
    if rule.on == "payment":
        cases.append((rows.paid_at.isnull(), "not_paid"))
    cases.append((rows.total_rp < rule.min_idr, "below_minimum"))
    return rows.mutate(
        basis_rp=rows.total_rp if rule.basis_with_tax else rows.net_rp, why=ibis.cases(*cases, else_="earned")
    )


def one_of(column: Column, values: Iterable[str]) -> Column:
    """Whether a column is among some values, also among none."""
    known = sorted(values)
    return column.isin(known) if known else ibis.literal(False)  # noqa: FBT003 - Ibis' signature


def moment(at: datetime) -> Column:
    """A moment as the tables have it."""
    return ibis.literal(at.astimezone(UTC).replace(tzinfo=None))


def _offset(poin: Poin) -> timedelta:
    """How far the programme's clock is before UTC: Indonesia's zones keep one offset, the whole year and since 1964."""
    offset = SINCE_ZONES_ARE_FIXED.astimezone(ZoneInfo(poin.time_zone)).utcoffset()
    assert offset is not None
    return offset


def local(at: Column, poin: Poin) -> Column:
    """What the clock showed at a moment where the programme is at home."""
    return at + ibis.interval(seconds=int(_offset(poin).total_seconds()))


def _by_tier(rules: Rules) -> bool:
    return len(set(rules.poin.tier_multipliers)) > 1


def _by_brand(rules: Rules) -> bool:
    return any(multiplier != 1 for multiplier in rules.poin.brand_multipliers.values())


def _multiplied(
    rows: Table, base: Base, rules: Rules, *, day: str, brand: Callable[[Table], tuple[Table, Column]]
) -> Table:
    """Rows with their `multiplier`: by the tier with which a day began, and by the brand."""
    factor = ibis.literal(rules.poin.tier_multipliers[0], "int64")
    if _by_tier(rules):
        rows = _with_tier(rows, base, day)
        named = zip(rules.tier.names, rules.poin.tier_multipliers, strict=True)
        factor = ibis.cases(*((rows.tier == name, multiplier) for name, multiplier in named), else_=factor).cast(
            "int64"
        )
        rows = rows.mutate(by_tier=factor)
        factor = rows.by_tier
    if _by_brand(rules):
        rows, by_brand = brand(rows)
        return rows.mutate(multiplier=(by_brand * factor).cast("int64"))
    return rows.mutate(multiplier=factor)


def _with_tier(rows: Table, base: Base, day: str) -> Table:
    """The tier with which a day began: who entered one on that day had the lowest, which is none here."""
    assert base.tiers is not None, "asked before: missing_history"
    days = rows.select("subscription_id", day=rows[day]).distinct()
    changes = base.tiers
    before = days.join(
        changes,
        [
            days.subscription_id == changes.subscription_id,
            (changes.since < days.day) | ((changes.since == days.day) & (changes.cause != "entry")),
        ],
    )
    held = before.group_by("subscription_id", "day").agg(tier=before.tier.argmax(before.seq))
    joined = rows.left_join(held, [rows.subscription_id == held.subscription_id, rows[day] == held.day])
    return joined.select(*(rows[name] for name in rows.columns), held.tier)


def _brand_multiplier_of_plans(rows: Table, base: Base, poin: Poin) -> tuple[Table, Column]:
    """By the brand with which a month began."""
    assert base.plans is not None, "asked before: missing_history"
    plans = base.plans.mutate(until=base.plans.until.fill_null(ibis.literal(FAR)))
    begin = rows.month.cast("timestamp") - ibis.interval(seconds=int(_offset(poin).total_seconds()))
    starts = rows.select("subscription_id", "month", begin=begin)
    after = starts.join(plans, [starts.subscription_id == plans.subscription_id, plans.until > starts.begin])
    began = after.group_by("subscription_id", "month").agg(begun_as=after.brand.argmin(after.until))
    joined = rows.left_join(began, [rows.subscription_id == began.subscription_id, rows.month == began.month])
    known = joined.select(*(rows[name] for name in rows.columns), began.begun_as)
    return known, _brand_multiplier(known.begun_as, poin)


def _brand_multiplier(brand: Column, poin: Poin) -> Column:
    return ibis.cases(*((brand == code, multiplier) for code, multiplier in poin.brand_multipliers.items()), else_=1)
