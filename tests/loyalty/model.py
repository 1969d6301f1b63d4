"""The programme once more, as small and naive as it can be: one customer, everything reckoned anew from all facts."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from konter.platform.clock import WIB

OLD = {"step": 5_000, "bill": 2, "times": [1, 1, 1, 1], "names": ["mass", "red", "gold", "priority"], "paid": False}
OLD |= {"at": [50_000, 300_000, 1_000_000], "months": 6, "valid": 6, "entry": 50_000, "tenure": [0, 0, 0]}
NEW = {
    "step": 10_000,
    "bill": 1,
    "times": [1, 2, 3, 4],
    "names": ["silver", "gold", "platinum", "diamond"],
    "paid": True,
}
NEW |= {"at": [100_000, 300_000, 1_000_000], "months": 3, "valid": 1, "entry": 0, "tenure": [0, 0, 6]}


def first_of(day: date, months: int = 0) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def local(at: datetime) -> date:
    return at.astimezone(WIB).date()


@dataclass
class Customer:
    """What happened, what was granted, and where it led."""

    opened: date
    changes_on: date = date.max  # from when on the new programme holds
    postpaid: bool = False
    recharges: dict[int, tuple[datetime, int]] = field(default_factory=dict)  # those that earn and stand
    bills: dict[str, dict] = field(default_factory=dict)
    granted: dict[date | str, int] = field(default_factory=dict)
    vintages: dict[int, int] = field(default_factory=dict)
    debt: int = 0
    tier: str = "mass"
    until: date | None = None
    since: date = date.min
    counted_from: date = date.min
    history: list[tuple[date, str, str]] = field(default_factory=list)  # since, tier, cause

    def rules(self, day: date) -> dict:
        return NEW if day >= self.changes_on else OLD

    def live(self, now: datetime) -> list[int]:
        return [year for year in sorted(self.vintages) if local(now) < date(year + 2 - 1, 4, 1)]

    def points(self, now: datetime) -> int:
        return sum(self.vintages[year] for year in self.live(now)) - self.debt

    def times(self, day: date, rules: dict) -> int:
        held = [tier for since, tier, cause in self.history if since < day or (since == day and cause != "entry")]
        return rules["times"][rules["names"].index(held[-1]) if held and held[-1] in rules["names"] else 0]

    def run(self, now: datetime) -> None:
        """Grant what differs, oldest month first, then bills."""
        running = first_of(local(now))
        for month in sorted({first_of(local(at)) for at, _ in self.recharges.values()} | set(self.months())):
            made = [(at, rp) for at, rp in self.recharges.values() if first_of(local(at)) == month]
            total, rules = sum(rp for _, rp in made), self.rules(month)
            worth = total // rules["step"] * self.times(month, rules) if total >= 50_000 else 0
            self.grant(month, worth, month.year, now)
            if month >= first_of(running, -1) and made:
                self.enter(total, local(max(made)[0]), local(now))
        for number, bill in sorted(self.bills.items(), key=lambda each: each[1]["issued"]):
            rules = self.rules(local(bill["issued"]))
            counts = not bill["cancelled"] and (bill["paid"] or not rules["paid"])
            steps = bill["rp"] // rules["step"] if counts and bill["rp"] >= 50_000 else 0
            worth = steps * rules["bill"] * self.times(bill["begin"], rules)
            self.grant(number, worth, bill["end"].year, now)
            newest = max((each["issued"] for each in self.bills.values() if not each["cancelled"]), default=None)
            if counts and bill["issued"] == newest and bill["new"]:
                self.enter(bill["rp"], local(bill["issued"]), local(now))
            bill["new"] = False

    def months(self) -> list[date]:
        return [key for key in self.granted if isinstance(key, date)]

    def grant(self, key: date | str, worth: int, year: int, now: datetime) -> None:
        difference = worth - self.granted.get(key, 0)
        if local(now) >= date(year + 1, 4, 1):
            return  # closed
        self.granted[key] = worth
        if difference > 0:
            repaid = min(self.debt, difference)
            self.debt -= repaid
            self.vintages[year] = self.vintages.get(year, 0) + difference - repaid
        for one in sorted(self.live(now), key=lambda each: each != year):
            part = min(max(-difference, 0), self.vintages[one])
            self.vintages[one] -= part
            difference += part
        self.debt += max(-difference, 0)

    def spend(self, points: int, now: datetime) -> bool:
        if points > self.points(now):
            return False
        for year in self.live(now):
            part = min(points, self.vintages[year])
            self.vintages[year] -= part
            points -= part
        return True

    def enter(self, spent_rp: int, on: date, today: date) -> None:
        rules = self.rules(today)
        if self.tier == rules["names"][0] and 0 < rules["entry"] <= spent_rp and on >= self.since:
            self.become(rules["names"][1], on, rules["valid"], "entry")

    def become(self, tier: str, on: date, months: int, cause: str) -> None:
        lowest = tier in ("mass", "silver")
        self.tier, self.since, self.until = tier, on, None if lowest else first_of(on, months + (on.day > 1))
        self.history.append((on, tier, cause))

    def migrate(self, on: date) -> None:
        self.postpaid = not self.postpaid
        self.counted_from = on
        self.become(self.tier, on, self.rules(on)["valid"], "migration")

    def evaluate(self, on: date) -> None:
        rules = self.rules(on)
        if self.postpaid:
            bills = sorted((b for b in self.bills.values() if not b["cancelled"]), key=lambda b: b["issued"])
            bills = [b for b in bills if b["end"] >= self.counted_from and local(b["issued"]) < on]
            bills = [b for b in bills if not rules["paid"] or (b["paid"] and local(b["paid"]) < on)]
            spent = sum(bill["rp"] for bill in bills[-rules["months"] :])
        else:
            since = max(first_of(on, -rules["months"]), first_of(self.counted_from))
            spent = sum(rp for at, rp in self.recharges.values() if since <= local(at) < on)
        tenure = (on.year - self.opened.year) * 12 + on.month - self.opened.month - (self.opened.day > on.day)
        reached = [
            tenure >= months and spent // rules["months"] >= at
            for at, months in zip(rules["at"], rules["tenure"], strict=True)
        ]
        earned = max((place for place, yes in enumerate(reached, start=1) if yes), default=0)
        held = rules["names"].index(self.tier) if self.tier in rules["names"] else None
        if held is None or earned > held or (self.until is not None and on >= self.until):
            self.become(rules["names"][earned], on, rules["valid"], "evaluation")


def next_first(at: datetime) -> datetime:
    """Five past midnight on the first of the next month."""
    first = first_of(local(at), 1)
    return datetime(first.year, first.month, 1, 0, 5, tzinfo=WIB)


DAY = timedelta(days=1)
