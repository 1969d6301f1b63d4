"""The evaluation of the whole base as one Ibis expression: `tiers.model.evaluate` for everybody, and what if."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import ibis  # type: ignore[import-untyped]

from konter.loyalty.earning.model import Programme
from konter.loyalty.tiers.model import EVER, Evaluation, month_of
from konter.loyalty.whole_base.points import counted_recharges, counted_rp, moment, with_why
from konter.loyalty.whole_base.tables import MEMBERS, Base, Table
from konter.platform.clock import day_start

Column = Any


def averages(base: Base, evaluation: Evaluation) -> Table:
    """Everybody with what the last months came to and its average: the columns of members, `spent_rp` and `average_rp`.

    Prepaid: the full calendar months before the evaluation's; postpaid: the last bills issued before it. Only what came
    from `counted_from` on counts, for prepaid from its month on. [P-33, P-40, G-P12, G-P16, G-P26, G-P28]
    """
    members = _members(base)
    recharged = _recharged(base, evaluation)
    billed = _billed(base, evaluation)
    known = members.left_join(recharged, "subscription_id").left_join(billed, "subscription_id")
    spent = recharged.recharged_rp.fill_null(0) + billed.billed_rp.fill_null(0)
    rows = known.select(*(members[name] for name in members.columns), spent_rp=spent.cast("int64"))
    return rows.mutate(average_rp=rows.spent_rp // evaluation.rules.tier.average_divisor)


def _members(base: Base) -> Table:
    """Everybody with what they hold; nothing where it is not known."""
    if base.members is not None:
        return base.members
    everybody = base.recharges.select("subscription_id").union(base.bills.select("subscription_id"), distinct=True)
    return everybody.mutate(
        **{name: ibis.null(type_) for name, type_ in MEMBERS.items() if name != "subscription_id"}
    ).select(*MEMBERS)


def _recharged(base: Base, evaluation: Evaluation) -> Table:
    """(subscription_id, recharged_rp) of the full months that count."""
    programme = Programme(evaluation.rules)
    zone = ZoneInfo(evaluation.rules.poin.time_zone)
    recharges = base.recharges
    recharges = recharges.filter(
        recharges["at"] >= moment(day_start(evaluation.first_month, zone)),
        recharges["at"] < moment(day_start(month_of(evaluation.on), zone)),
    )
    rows = counted_recharges(recharges, programme)
    amount = counted_rp(rows, programme)
    if base.members is None:
        return rows.group_by("subscription_id").agg(recharged_rp=amount.sum())
    by_month = rows.group_by("subscription_id", "month").agg(recharged_rp=amount.sum())
    members = base.members
    counted_from = members.counted_from.fill_null(ibis.literal(EVER))
    # Of postpaid numbers only months count that began after they became so, on the first of a month too.
    after = (counted_from + ibis.interval(days=1)).cast("date")
    begin = (members.kind == "prepaid").ifelse(counted_from.truncate("M"), after)
    limits = members.select("subscription_id", begin=begin)
    counted = by_month.join(limits, "subscription_id")
    return (
        counted.filter(counted.month >= counted.begin)
        .group_by("subscription_id")
        .agg(recharged_rp=counted.recharged_rp.sum())
    )


def _billed(base: Base, evaluation: Evaluation) -> Table:
    """(subscription_id, billed_rp) of the last bills that count."""
    rules = evaluation.rules
    rows = with_why(base.bills, rules)
    conditions = [rows.why.isin(["earned", "below_minimum"]), rows.issued_at < moment(evaluation.begin)]
    if rules.poin.postpaid.on == "payment":
        conditions.append(rows.paid_at < moment(evaluation.begin))
    counted = rows.filter(*conditions)
    if base.members is not None:
        members = base.members
        limits = members.select("subscription_id", "kind", begin=members.counted_from.fill_null(ibis.literal(EVER)))
        counted = counted.join(limits, "subscription_id")
        counted = counted.filter(counted.period_end >= counted.begin)
        if rules.tier.migration_basis == "postpaid_only":
            counted = counted.filter(counted.kind == "postpaid")
    newest_first = ibis.window(
        group_by="subscription_id", order_by=[ibis.desc(counted.issued_at), ibis.desc(counted.bill_id)]
    )
    placed = counted.mutate(place=ibis.row_number().over(newest_first))
    last = placed.filter(placed.place < rules.tier.window_months)
    return last.group_by("subscription_id").agg(billed_rp=last.basis_rp.sum())


def evaluated(base: Base, evaluation: Evaluation) -> Table:
    """Everybody with the tier now, that which the average earns, and that which the evaluation gives: (subscription_id,
    average_rp, tier_before, earned, target, since, until, counted_from, cause). `cause` is null where nothing changes.
    [P-32, P-35, P-36, G-P11, G-P13, G-P14, G-P26]
    """
    rules = evaluation.rules.tier
    rows = averages(base, evaluation)
    ranked = rows.mutate(held_rank=_rank(rows, rules.names), earned_rank=_earned(rows, base, evaluation))
    held, earned, on = ranked.held_rank, ranked.earned_rank, ibis.literal(evaluation.on)
    over = (ranked.until <= on).fill_null(False)  # noqa: FBT003 - Ibis' signature
    lowered = ibis.greatest(earned, held - 1) if rules.downgrade_to == "one_below" else earned
    decided = ranked.mutate(
        target_rank=ibis.cases((held.isnull() | (earned >= held), earned), (over, lowered), else_=held),
        cause=ibis.cases(
            (held.isnull(), "programme"),
            (earned > held, "upgrade"),
            (over & (lowered == held), "renewal"),
            (over, "downgrade"),
            else_=ibis.null("string"),
        ),
    )
    goes_on = (decided.cause == "upgrade") & decided.until.notnull() & (decided.until > on)
    if rules.upgrade_restarts_validity:
        goes_on = ibis.literal(False)  # noqa: FBT003
    changes = decided.cause.notnull()
    new_end = ibis.cases(
        (decided.target_rank == 0, ibis.null("date")),
        (goes_on, decided.until),
        else_=ibis.literal(evaluation.until),
    )
    names = rules.names
    return decided.select(
        "subscription_id",
        average_rp=decided.average_rp,
        tier_before=decided.tier.fill_null(names[0]),
        earned=_named(decided.earned_rank, names),
        target=_named(decided.target_rank, names),
        since=changes.ifelse(on, decided.since),
        until=changes.ifelse(new_end, decided.until),
        counted_from=decided.counted_from.fill_null(ibis.literal(EVER)),
        cause=decided.cause,
    )


def _rank(rows: Table, names: Sequence[str]) -> Column:
    """The place of the tier held, from 0; null for one that the rules do not name any more."""
    places = [(rows.tier.isnull(), 0), *((rows.tier == name, place) for place, name in enumerate(names))]
    return ibis.cases(*places, else_=ibis.null("int64")).cast("int64")


def _earned(rows: Table, base: Base, evaluation: Evaluation) -> Column:
    """The place of the highest tier whose threshold the average meets and whose tenure the customer has."""
    tier = evaluation.rules.tier
    enough = []
    for place, (name, tenure) in enumerate(zip(tier.names[1:], tier.min_tenure_months[1:], strict=True), start=1):
        reached = rows.average_rp >= tier.threshold[f"{name}_idr"]
        if tenure and base.members is not None:
            reached &= _tenure_months(rows, evaluation) >= tenure
        enough.append((reached, place))
    none = ibis.literal(0, "int64")
    return ibis.cases(*reversed(enough), else_=none).cast("int64") if enough else none


def _tenure_months(rows: Table, evaluation: Evaluation) -> Column:
    """Whole months since the activation, as `full_months` counts them."""
    since, on = rows.activated_on, evaluation.on
    months = (on.year - since.year()) * 12 + on.month - since.month()
    return months - (since.day() > on.day).ifelse(1, 0)


def _named(rank: Column, names: Sequence[str]) -> Column:
    return ibis.cases(*((rank == place, name) for place, name in enumerate(names)))


def changes(everybody: Table) -> Table:
    """Of `evaluated` those whose tier changes or is renewed: (subscription_id, tier_before, tier, since, until,
    counted_from, cause, average_rp).
    """
    moved = everybody.filter(everybody.cause.notnull())
    return moved.select(
        "subscription_id",
        "tier_before",
        tier=moved.target,
        since=moved.since,
        until=moved.until,
        counted_from=moved.counted_from,
        cause=moved.cause,
        average_rp=moved.average_rp,
    )


def flows(everybody: Table) -> Table:
    """How many of a tier earn which, and come to which: (tier, earned, target, customers), as `evaluate.Flow`."""
    return everybody.group_by(tier=everybody.tier_before, earned=everybody.earned, target=everybody.target).agg(
        customers=everybody.count()
    )
