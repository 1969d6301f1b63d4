"""Sellers who neither sell nor buy, and the pure decision on what follows. [D-71, D-72, D-73, D-74, G-D15, G-D16]"""

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from konter.platform.ids import OutletId
from konter.rules.keys import InactivityPolicy
from konter.rules.keys import Seller as SellerRules

State = Literal["warned", "review", "terminated", "spared", "resumed"]
LastKind = Literal["sale", "purchase", "opened", "spared"]
REASON = "inactivity"
DAY = timedelta(days=1)


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """The newest event that counts; `open` is a sale whose outcome is not known yet, which keeps judgement off."""

    at: datetime
    kind: LastKind
    id: int
    open: bool = False


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A text that told of it: for which day, when, to which users."""

    day: int
    at: datetime
    to: tuple[str, ...]


class Countdown(msgspec.Struct, frozen=True, kw_only=True):
    """A row of evidence; see the table `inactivity`."""

    id: int
    outlet_id: OutletId
    policy: Literal["auto", "review"]
    state: State
    since: datetime
    last_kind: LastKind
    last_id: int
    noticed_day: int
    noticed_at: datetime | None
    notices: tuple[Notice, ...]
    opened_at: datetime
    due_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""

    def evidence(self) -> dict[str, Any]:
        """What the audit keeps of it."""
        return {
            "since": self.since,
            "last": self.last_kind,
            "last_id": str(self.last_id),
            "notices": [msgspec.to_builtins(notice) for notice in self.notices],
            "inactivity": str(self.id),
        }


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet as far as its inactivity needs it; `live` is its countdown that is not over."""

    outlet_id: OutletId
    name: str
    kind: Literal["outlet", "individual"]
    segment: str
    status: str
    zone: str
    opened_at: datetime
    spared_at: datetime | None
    spared_id: int | None
    live: Countdown | None

    def last(self, activity: Activity | None) -> Activity:
        """From when days are counted: the newest of activity, opening and sparing."""
        base = Activity(at=self.opened_at, kind="opened", id=self.outlet_id)
        if self.spared_at is not None and self.spared_at > base.at:
            base = Activity(at=self.spared_at, kind="spared", id=self.spared_id or 0)
        return activity if activity is not None and activity.at >= base.at else base


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done with a seller now; `day` is that of a notice."""

    act: Literal["notice", "review", "terminate", "none"]
    policy: Literal["auto", "review"]
    last: Activity
    resumed: bool  # the live countdown is over, as there was activity since
    day: int = 0


def policy_of(seller: Seller, rules: SellerRules) -> InactivityPolicy:
    """By segment where it is named, else by kind. [D-73]"""
    return rules.inactivity_policy.get(seller.segment, rules.inactivity_policy[seller.kind])


def ends_at(last: datetime, rules: SellerRules) -> datetime:
    """From when access may end. [D-71: last sale 1 Nov 10:00, eligible 1 Dec 10:00]"""
    return last + rules.inactivity_days * DAY


def judge(seller: Seller, activity: Activity | None, *, now: datetime, rules: SellerRules) -> Verdict | None:
    """What follows for a seller, or None. Pure. [D-71, D-72, D-73, G-D15]"""
    if seller.status != "active" or (activity is not None and activity.open):
        return None
    last, live = seller.last(activity), seller.live
    resumed = live is not None and last.at > live.since
    counted = None if resumed else live
    policy = policy_of(seller, rules)
    if policy != "exempt":
        act, day = _step(counted, last.at, now, rules)
        if act != "none":
            end: Literal["terminate", "review"] = "terminate" if policy == "auto" else "review"
            return Verdict(act="notice" if act == "notice" else end, policy=policy, last=last, resumed=resumed, day=day)
    kept = policy if policy != "exempt" else "auto"
    return Verdict(act="none", policy=kept, last=last, resumed=True) if resumed else None


def _step(
    live: Countdown | None, last: datetime, now: datetime, rules: SellerRules
) -> tuple[Literal["notice", "end", "none"], int]:
    """The next thing that is due: a notice for a day, the end, or nothing."""
    if live is not None and live.state == "review":
        return "none", 0
    idle, noticed = now - last, live.noticed_day if live is not None else 0
    due = max((day for day in rules.inactivity_notice_days if idle >= day * DAY), default=0)
    if due > noticed:
        return "notice", due
    if idle < rules.inactivity_days * DAY:
        return "none", 0
    if live is not None and live.noticed_at is not None:
        room = (rules.inactivity_days - max(rules.inactivity_notice_days, default=rules.inactivity_days)) * DAY
        if now < live.noticed_at + room:
            return "none", 0
    return "end", 0
