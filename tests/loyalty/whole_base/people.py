"""Generated recharges, bills and members, what the pure rules make of them, and what the expressions do."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import msgspec
from tests.loyalty.shipped import shipped_rules

from konter.loyalty.earning.model import Bill, Programme, Recharge, multiplier_of, worth_of_bill, worth_of_month
from konter.loyalty.tiers.model import (
    EVER,
    Evaluation,
    Standing,
    average,
    earned_tier,
    evaluate,
    full_months,
    lowest,
    month_of,
)
from konter.loyalty.whole_base.tables import COLUMNS, Base, base_of
from konter.platform.clock import day_start
from konter.rules.model import Rules

BRANDS = ("nusa", "kita", "prima", "prima-flex", "other")
KINDS = ("electronic", "voucher", "bonus", "transfer", "reward")
Rows = list[dict]


def altered(rules: Rules, *, poin=None, prepaid=None, postpaid=None, hybrid=None, tier=None, brand=None) -> Rules:
    """The same rules with other values of some keys."""
    replace = msgspec.structs.replace
    groups = {"prepaid": prepaid, "postpaid": postpaid, "hybrid": hybrid}
    changed = {name: replace(getattr(rules.poin, name), **values) for name, values in groups.items() if values}
    return replace(
        rules,
        poin=replace(rules.poin, **changed, **(poin or {})),
        tier=replace(rules.tier, **(tier or {})),
        brand=replace(rules.brand, **(brand or {})),
    )


OLD, NEW = shipped_rules("id-2014"), shipped_rules("id-2026")
PROGRAMMES: Mapping[str, Rules] = {
    "2014": OLD,
    "2026": NEW,
    "each recharge rounded": altered(OLD, prepaid={"rounding_on": "recharge", "per_step": 3}),
    "no backfill": altered(OLD, prepaid={"backfill_on_minimum": False}),
    "no backfill, each rounded, east": altered(
        NEW,
        prepaid={"backfill_on_minimum": False, "rounding_on": "recharge", "min_idr": 0},
        poin={"time_zone": "Asia/Jayapura", "start_date": date(2026, 5, 15)},
    ),
    "hybrids earn and do not count": altered(
        OLD, hybrid={"reload_earns": True}, prepaid={"backfill_on_minimum": False, "rounding_on": "recharge"}
    ),
    "hybrids count and do not earn": altered(
        OLD,
        hybrid={"reload_counts": True},
        poin={"time_zone": "Asia/Makassar", "step_idr": 7_000, "corporate_segments": ()},
        tier={"downgrade_to": "one_below", "upgrade_restarts_validity": False, "migration_basis": "both"},
    ),
    "brands multiply": altered(
        NEW,
        poin={"brand_multipliers": {"nusa": 2, "prima": 3}},
        prepaid={"counts": ("voucher",)},
        postpaid={"basis_with_tax": False, "on": "issue", "vintage_by": "issue", "min_idr": 0},
        tier={"window_months": 2, "average_divisor": 5, "min_tenure_months": (0, 3, 0, 9), "downgrade_to": "one_below"},
    ),
    "nothing earns": altered(OLD, brand={"earns_points": ()}, prepaid={"counts": ()}),
}


class People(msgspec.Struct, frozen=True):
    """Rows by table, as in files."""

    recharges: Rows
    bills: Rows
    members: Rows
    tiers: Rows
    plans: Rows

    def base(self, *, with_members: bool = True) -> Base:
        """The same as Ibis tables."""
        tables = {
            name: ibis.memtable(getattr(self, name), schema=ibis.schema(dict(columns)))
            for name, columns in COLUMNS.items()
            if with_members or name != "members"
        }
        made = base_of(tables)
        assert isinstance(made, Base), made
        return made


def naive(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC).replace(tzinfo=None) if at is not None else None


def aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None else None


def seeded(seed: int, *, count: int, names: Sequence[str]) -> People:
    """So many customers with eight months before July 2026, amounts and moments near all borders."""
    chance = random.Random(seed)
    made = People([], [], [], [], [])
    for subscription in range(1, count + 1):
        _add(made, subscription, chance, names)
    for rows in (made.recharges, made.bills, made.tiers, made.plans):
        chance.shuffle(rows)  # files have no order
    return made


def _moment(chance: random.Random) -> datetime:
    """Often at a midnight of one of the three zones, at a month's end."""
    if chance.random() < 0.4:
        border = datetime(2026, chance.randint(1, 7), 1, tzinfo=UTC) - timedelta(hours=chance.choice([0, 7, 7, 8, 9]))
        return border + timedelta(seconds=chance.choice([-1, 0, 0, 1]))
    return datetime(2025, 11, 20, tzinfo=UTC) + timedelta(seconds=chance.randrange(230 * 86_400))


def _add(made: People, subscription: int, chance: random.Random, names: Sequence[str]) -> None:
    moments = [_moment(chance) for _ in range(8)]  # so few that some are the same
    for _ in range(chance.randint(0, 12)):
        made.recharges.append(
            {
                "id": len(made.recharges),
                "subscription_id": subscription,
                "brand": chance.choice(BRANDS),
                "at": naive(chance.choice(moments)),
                "face_rp": chance.choice([0, 1, 4_999, 5_000, 20_000, 49_999, 50_000, 123_456, 900_000, 7_000_000]),
                "kind": chance.choice((*KINDS, "electronic", "electronic")),
                "reversed": chance.random() < 0.1,
            }
        )
    for _ in range(chance.randint(0, 9)):
        issued, total = chance.choice(moments), chance.choice([49_999, 50_000, 123_456, 600_000, 6_000_000])
        ends = (issued - timedelta(days=chance.randint(0, 5))).date()
        made.bills.append(
            {
                "bill_id": len(made.bills),
                "subscription_id": subscription,
                "brand": chance.choice(BRANDS),
                "period_begin": ends - timedelta(days=30),
                "period_end": ends,
                "issued_at": naive(issued),
                "paid_at": naive(_moment(chance)) if chance.random() < 0.7 else None,
                "total_rp": total,
                "net_rp": total * 100 // 111,
                "segment": chance.choice(["", "", "corporate_business", "corporate_personal_paid"]),
                "cancelled": chance.random() < 0.1,
            }
        )
    _add_member(made, subscription, chance, names)


def _add_member(made: People, subscription: int, chance: random.Random, names: Sequence[str]) -> None:
    held = None
    for seq in range(1, chance.randint(0, 4) + 1):
        held = chance.choice([*names, "older"])
        since = date(2026, chance.randint(1, 6), chance.choice([1, 1, 10]))
        row = {"seq": seq, "tier": held, "since": since, "cause": chance.choice(["entry", "upgrade"])}
        made.tiers.append({"subscription_id": subscription, **row})
    until = chance.choice([date(2026, 7, 1), date(2026, 7, 2), date(2026, 6, 1), None])
    made.members.append(
        {
            "subscription_id": subscription,
            "kind": chance.choice(["prepaid", "postpaid"]),
            "activated_on": date(2025, chance.randint(1, 12), chance.randint(1, 28)),
            "tier": held,
            "since": None if held is None else date(2026, 2, 1),
            "until": None if held in (None, names[0]) else until,
            "counted_from": None if held is None else chance.choice([EVER, date(2026, 5, 1), date(2026, 4, 10)]),
        }
    )
    ends = sorted(naive(_moment(chance)) for _ in range(chance.randint(0, 2)))
    for end in (*sorted(set(ends)), None):
        made.plans.append({"subscription_id": subscription, "brand": chance.choice(BRANDS), "until": end})


def _tier_on(people: People, subscription: int, day: date) -> str:
    rows = [row for row in people.tiers if row["subscription_id"] == subscription]
    before = [row for row in rows if row["since"] < day or (row["since"] == day and row["cause"] != "entry")]
    return max(before, key=lambda row: row["seq"])["tier"] if before else "none"


def _brand_on(people: People, subscription: int, at: datetime) -> str:
    rows = [row for row in people.plans if row["subscription_id"] == subscription]
    after = [row for row in rows if row["until"] is None or aware(row["until"]) > at]
    return min(after, key=lambda row: aware(row["until"]) or datetime.max.replace(tzinfo=UTC))["brand"]


def _recharge(row: dict) -> Recharge:
    return Recharge(id=row["id"], at=aware(row["at"]), face_rp=row["face_rp"], brand=row["brand"], kind=row["kind"])


def _bill(row: dict) -> Bill:
    fields = {name: row[name] for name in ("period_end", "total_rp", "net_rp", "brand", "segment", "cancelled")}
    return Bill(issued_at=aware(row["issued_at"]), paid_at=aware(row["paid_at"]), **fields)


def pure_months(people: People, rules: Rules) -> list[tuple]:
    """Months in which anything counted, by `worth_of_month`."""
    poin, programme, zone = rules.poin, Programme(rules), ZoneInfo(rules.poin.time_zone)
    by_month: dict[tuple[int, date], list[Recharge]] = defaultdict(list)
    for row in people.recharges:
        if not row["reversed"]:
            made = _recharge(row)
            by_month[row["subscription_id"], month_of(made.at.astimezone(zone).date())].append(made)
    found = []
    for (subscription, month), made in by_month.items():
        brand = _brand_on(people, subscription, day_start(month, zone))
        tier = _tier_on(people, subscription, month)
        multiplier = multiplier_of(tier, brand, names=rules.tier.names, poin=poin)
        worth = worth_of_month(made, month=month, multiplier=multiplier, poin=poin, brands=rules.brand)
        counts = [
            each
            for each in made
            if each.brand in programme.earning_brands | programme.counting_brands
            and each.kind in poin.prepaid.counts
            and each.at.astimezone(zone).date() >= poin.start_date
        ]
        if counts:
            said = (worth.counted_rp, worth.basis_rp, worth.steps, worth.multiplier, worth.points)
            found.append((subscription, month, worth.vintage, *said))
    return sorted(found)


def pure_bills(people: People, rules: Rules) -> list[tuple]:
    """Every bill by `worth_of_bill`."""
    found = []
    for row in people.bills:
        tier = _tier_on(people, row["subscription_id"], row["period_begin"])
        multiplier = multiplier_of(tier, row["brand"], names=rules.tier.names, poin=rules.poin)
        worth = worth_of_bill(_bill(row), multiplier=multiplier, poin=rules.poin, brands=rules.brand)
        said = (worth.counted_rp, worth.basis_rp, worth.steps, worth.multiplier, worth.points, worth.why)
        found.append((row["bill_id"], row["subscription_id"], worth.vintage, *said))
    return sorted(found)


def pure_evaluation(people: People, evaluation: Evaluation) -> list[tuple]:
    """Everybody by `evaluate`: (subscription, average, tier before, earned, standing after, cause or None)."""
    rules = evaluation.rules
    counted: dict[int, dict[date, int]] = defaultdict(dict)
    for subscription, month, _, counted_rp, *_ in pure_months(people, rules):
        counted[subscription][month] = counted_rp
    found = []
    for member in people.members:
        subscription, standing = member["subscription_id"], lowest(rules.tier)
        if member["tier"] is not None:
            known = {name: member[name] for name in ("tier", "since", "until", "counted_from")}
            standing = Standing(**known, cause="upgrade")
        begin = standing.counted_from
        first = month_of(begin) if member["kind"] == "prepaid" else begin + timedelta(days=1)
        running = month_of(evaluation.on)
        months = [month_of(running, -back) for back in range(rules.tier.window_months, 0, -1)]
        recharged = [counted[subscription].get(month, 0) if month >= first else 0 for month in months]
        billed = _last_bills(people, member, evaluation, begin)
        spent = [sum(recharged) + sum(billed)]
        tenure = full_months(member["activated_on"], evaluation.on)
        made = evaluate(standing, spent, on=evaluation.on, tenure_months=tenure, tier=rules.tier)
        after, cause = made or standing, made.cause if made else None
        mean = average(spent, rules.tier)
        found.append((subscription, mean, standing.tier, earned_tier(mean, tenure, rules.tier), after, cause))
    return found


def _last_bills(people: People, member: dict, evaluation: Evaluation, begin: date) -> list[int]:
    rules = evaluation.rules
    if rules.tier.migration_basis == "postpaid_only" and member["kind"] != "postpaid":
        return []
    rows = [row for row in people.bills if row["subscription_id"] == member["subscription_id"]]
    counting = []
    for row in sorted(rows, key=lambda row: (row["issued_at"], row["bill_id"]), reverse=True):
        bill = _bill(row)
        worth = worth_of_bill(bill, multiplier=1, poin=rules.poin, brands=rules.brand)
        paid = rules.poin.postpaid.on == "issue" or (bill.paid_at is not None and bill.paid_at < evaluation.begin)
        known = worth.why in ("earned", "below_minimum") and bill.issued_at < evaluation.begin
        if known and paid and bill.period_end >= begin:
            counting.append(worth.counted_rp)
    return counting[: rules.tier.window_months]
