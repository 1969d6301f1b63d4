"""Reseller numbers found at two outlets, and the pure decision on who keeps one. [D-32, G-D07]"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal, NewType

import msgspec

from konter.channel.conflicts.refusals import CONFLICT_ELSEWHERE, CONFLICT_NOT_FOUND, CONFLICT_SETTLED, OUTLET_HAS_RS
from konter.channel.numbers.model import Number, Numbers, Outlets
from konter.platform.ids import Msisdn, OutletId
from konter.platform.refusal import INVALID_INPUT, Refusal
from konter.rules.model import Rules

ConflictId = NewType("ConflictId", int)
ConflictState = Literal["open", "settled"]


class NewConflict(msgspec.Struct, frozen=True, kw_only=True):
    """A number that one outlet has and a file says to be another's. `source`: where that was said."""

    msisdn: Msisdn
    older_outlet_id: OutletId
    older_at: datetime
    newer_outlet_id: OutletId
    newer_at: datetime
    source: str


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """An item of work. open: the older registration holds, the newer outlet waits without; due, the rule settles it."""

    id: ConflictId
    msisdn: Msisdn
    older_outlet_id: OutletId
    older_at: datetime
    newer_outlet_id: OutletId
    newer_at: datetime
    source: str
    found_at: datetime
    due_at: datetime
    state: ConflictState
    kept_outlet_id: OutletId | None
    settled_at: datetime | None
    settled_by: str | None
    settled_why: str | None

    def by_rule(self, rules: Rules, *, ended: Collection[OutletId] = ()) -> OutletId:
        """Who keeps the number when nobody chooses: the rule disables the newest, or the oldest, registration. An
        outlet that has `ended` for good keeps nothing from one that has not.
        """
        kept = self.older_outlet_id if rules.outlet.rs_conflict_disable == "newest" else self.newer_outlet_id
        return self.other(kept) if kept in ended and self.other(kept) not in ended else kept

    def other(self, outlet_id: OutletId) -> OutletId:
        """The outlet of the two that is not this one."""
        return self.newer_outlet_id if outlet_id == self.older_outlet_id else self.older_outlet_id


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet of a conflict as people know it."""

    id: OutletId
    code: str
    name: str
    status: str


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """Who shall keep the number, and why; `keeps` None: as the rule says."""

    conflict_id: ConflictId
    keeps: OutletId | None = None
    reason: str


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A settled conflict: who keeps the number, and what moves for it.

    `takes`: the loser has the number and loses it. `gives`: the winner has none and gets it; `number` is what is known
    of it between the two.
    """

    conflict: Conflict
    kept: OutletId
    lost: OutletId
    takes: bool
    gives: bool
    number: Number


def decide_settlement(
    wanted: Settlement,
    conflicts: Mapping[int, Conflict],
    outlets: Outlets,
    reached: Collection[int],
    state: Numbers,
    *,
    now: datetime,
    rules: Rules,
) -> Refusal | Settled:
    """Settle one conflict, once. That the older keeps it is always possible, whatever happened in the meantime. Whoever
    settles must reach both outlets, because one of them may lose its number for it. [D-32, D-57]
    """
    conflict = conflicts.get(wanted.conflict_id)
    if conflict is None:
        return CONFLICT_NOT_FOUND()
    if conflict.state == "settled" or not {conflict.older_outlet_id, conflict.newer_outlet_id} <= set(reached):
        return CONFLICT_SETTLED() if conflict.state == "settled" else CONFLICT_ELSEWHERE()
    kept = wanted.keeps if wanted.keeps is not None else conflict.by_rule(rules, ended=_ended(conflict, outlets))
    if kept not in (conflict.older_outlet_id, conflict.newer_outlet_id):
        return INVALID_INPUT(field="keeps", reason=f"{conflict.older_outlet_id}, {conflict.newer_outlet_id}")
    lost = conflict.other(kept)
    takes = state.of(conflict.msisdn).reseller_at == lost
    if takes:
        state.take_reseller(conflict.msisdn)
    number = state.of(conflict.msisdn)
    winner = outlets[kept]
    if kept == conflict.older_outlet_id:
        gives = takes and winner.rs_msisdn is None and winner.status != "terminated"
        return Settled(conflict=conflict, kept=kept, lost=lost, takes=takes, gives=gives, number=number)
    if winner.rs_msisdn not in (None, conflict.msisdn) or winner.status == "terminated":
        return OUTLET_HAS_RS()
    refusal = state.reseller_refusal(conflict.msisdn, kept, now=now, rules=rules)
    gives = winner.rs_msisdn is None
    return refusal or Settled(conflict=conflict, kept=kept, lost=lost, takes=takes, gives=gives, number=number)


def _ended(conflict: Conflict, outlets: Outlets) -> set[OutletId]:
    """Those of the two that have ended, where the newer one still wants the number."""
    newer = outlets[conflict.newer_outlet_id]
    if newer.rs_msisdn not in (None, conflict.msisdn):
        return set()
    return {
        outlet_id
        for outlet_id in (conflict.older_outlet_id, conflict.newer_outlet_id)
        if outlets[outlet_id].status == "terminated"
    }
