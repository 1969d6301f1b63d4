"""What the simulated network decides: what becomes of an order, and which fault it meets on the way."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from konter.platform.forms import whole

State = Literal["accepted", "done", "refused", "voided"]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Rupiah = Annotated[int, msgspec.Meta(ge=0, le=10**12)]

REFUSED_REASON = "NUMBER_BARRED"
VOIDED_REASON = "VOIDED"
NOT_DONE_REASON = "NOT_DONE"
SPENT_REASON = "SPENT"
TAKEN_REASON = "TAKEN_BACK"  # by another take-back
AMOUNT_REASON = "OTHER_AMOUNT"  # not what was given
OTHER_AMOUNT_RP = 1_000  # what a fault gives too much


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong, each by its own chance of a hundred; any of them may meet in one call.

    A call's faults follow from seed, start of the process, transfer and attempt alone, so that a run can be repeated
    whatever comes in between.
    """

    seed: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 1
    delay: Percent = 0  # answers late by `delay_ms`
    delay_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = 500
    refuse: Percent = 0
    silent_before: Percent = 0  # does nothing and never answers
    silent_after: Percent = 0  # does it and never answers
    twice: Percent = 0  # answers, and calls back with the same
    late: Percent = 0  # answers "accepted"; does it after `late_s` and calls back
    late_s: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 5
    die: Percent = 0  # the process ends hard, before doing it or after
    other_amount: Percent = 0
    stranger: Percent = 0  # calls back about a transfer that nobody ordered
    cut_file: Percent = 0  # half the statement
    refuse_take_back: Percent = 0  # the customer has spent it

    @property
    def quiet(self) -> bool:
        """Whether nothing goes wrong."""
        return not any(getattr(self, name) for name in FAULT_NAMES)


FAULT_NAMES = tuple(name for name in Faults.__struct_fields__ if name != "seed" and not name.endswith(("_ms", "_s")))


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be given to whom. `at` is the orderer's moment: the demo's clock may be moved, and only it knows."""

    msisdn: Annotated[str, msgspec.Meta(pattern=whole(r"[0-9]{5,15}"))]
    product: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    nominal_rp: Rupiah
    at: Annotated[datetime, msgspec.Meta(tz=True)]


class TakeBackOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That what a transfer gave is to be taken from the customer again. The id is decimal."""

    take_back_id: Annotated[str, msgspec.Meta(pattern=whole(r"[1-9][0-9]{0,18}"))]
    nominal_rp: Rupiah


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer as the network knows it. A voided one that was never ordered is a tombstone: it has no order."""

    transfer_id: int
    msisdn: str = ""
    product: str = ""
    ordered_rp: int = 0
    nominal_rp: int = 0
    state: State
    reason: str = ""
    at: datetime | None = None

    @property
    def final(self) -> bool:
        """Whether it stays as it is for ever."""
        return self.state != "accepted"

    def is_of(self, order: Order) -> bool:
        """Whether it was ordered so. A tombstone takes any order: it is never done."""
        ordered = (self.msisdn, self.product, self.ordered_rp)
        return not self.msisdn or ordered == (order.msisdn, order.product, order.nominal_rp)

    def on_the_wire(self) -> dict[str, Any]:
        """The answer to a caller, and the body of a callback."""
        return {
            "transfer_id": str(self.transfer_id),
            "state": self.state,
            "reason": self.reason,
            "nominal_rp": self.nominal_rp,
            "at": self.at and self.at.astimezone(UTC),
        }


class Taking(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a take-back, for ever. `nominal_rp`: what was taken."""

    take_back_id: int
    transfer_id: int
    ordered_rp: int
    nominal_rp: int = 0
    state: Literal["taken_back", "refused"]
    reason: str = ""

    def on_the_wire(self) -> dict[str, Any]:
        """The answer to a caller."""
        return {
            "take_back_id": str(self.take_back_id),
            "transfer_id": str(self.transfer_id),
            "state": self.state,
            "reason": self.reason,
            "nominal_rp": self.nominal_rp,
        }


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """The faults that one call meets. Dying or falling silent happens before or after the deed."""

    delay_ms: int = 0
    refuse: bool = False
    silent: Literal["", "before", "after"] = ""
    twice: bool = False
    late: bool = False
    dies: Literal["", "before", "after"] = ""
    other_amount: bool = False
    stranger: bool = False
    cut_file: bool = False
    refuse_take_back: bool = False


def fate(faults: Faults, *call: object) -> Fate:
    """What one call meets; `call` names it (start of the process, kind, transfer, attempt)."""
    if faults.quiet:
        return Fate()
    dice = random.Random("/".join(map(str, (faults.seed, *call))))  # noqa: S311 - a simulator, to be repeated
    met = {name: dice.randrange(100) < getattr(faults, name) for name in FAULT_NAMES}
    dies_before = dice.random() < 0.5  # noqa: PLR2004 - one half
    return Fate(
        delay_ms=faults.delay_ms if met["delay"] else 0,
        refuse=met["refuse"],
        silent="before" if met["silent_before"] else "after" if met["silent_after"] else "",
        twice=met["twice"],
        late=met["late"],
        dies="" if not met["die"] else "before" if dies_before else "after",
        other_amount=met["other_amount"],
        stranger=met["stranger"],
        cut_file=met["cut_file"],
        refuse_take_back=met["refuse_take_back"],
    )


class Put(msgspec.Struct, frozen=True):
    """Do it, once."""

    transfer_id: int
    order: Order
    fate: Fate


class Void(msgspec.Struct, frozen=True):
    """Never do it, unless it is done."""

    transfer_id: int


class Complete(msgspec.Struct, frozen=True):
    """Do what was only accepted."""

    transfer_id: int
    fate: Fate


class TakeBack(msgspec.Struct, frozen=True):
    """Take what was given again, once, all or nothing. What was never done is from now on never done."""

    transfer_id: int
    take_back_id: int
    nominal_rp: int
    fate: Fate


class Count(msgspec.Struct, frozen=True):
    """Something to be counted that changes no transfer."""

    name: str


Command = Put | Void | Complete | TakeBack | Count


class OtherOrder(msgspec.Struct, frozen=True):
    """The id was used for another order."""

    known: Transfer | Taking


class Change(msgspec.Struct):
    """What a batch changes: transfers as they are afterwards, and what is counted."""

    transfers: dict[int, Transfer]
    given: list[tuple[str, int]]  # to whom, and how many rupiah
    counts: dict[str, int]
    takings: dict[int, Taking]
    taken: list[tuple[str, int]]  # from whom, and how many rupiah

    def count(self, name: str) -> None:
        """One more of them."""
        self.counts[name] = self.counts.get(name, 0) + 1


Outcome = Transfer | Taking | OtherOrder | None


def decide(
    known: dict[int, Transfer], commands: Iterable[Command], takings: Iterable[Taking] = ()
) -> tuple[list[Outcome], Change]:
    """Outcomes in order, each seeing those before it; and what to write. An outcome of `Count` is None.

    `takings`: those by the ids of the commands, and all of their transfers.
    """
    change = Change({}, [], {}, {}, [])
    taken = {each.take_back_id: each for each in takings}
    outcomes: list[Outcome] = []
    for command in commands:
        if isinstance(command, Count):
            change.count(command.name)
            outcomes.append(None)
            continue
        before = change.transfers.get(command.transfer_id) or known.get(command.transfer_id)
        if isinstance(command, TakeBack):
            outcomes.append(_take_back(before, command, taken, change))
            continue
        after = _decide(before, command)
        if isinstance(command, Put):
            change.count("ordered")
        if isinstance(after, Transfer) and after is not before:
            change.transfers[after.transfer_id] = after
            if after.final:
                change.count(after.state)
            if after.state == "done":
                change.given.append((after.msisdn, after.nominal_rp))
        outcomes.append(after)
    return outcomes, change


def _decide(known: Transfer | None, command: Put | Void | Complete) -> Outcome:
    match command:
        case Put(order=order):
            if known is not None:
                return known if known.is_of(order) else OtherOrder(known)
            ordered = Transfer(
                transfer_id=command.transfer_id,
                msisdn=order.msisdn,
                product=order.product,
                ordered_rp=order.nominal_rp,
                nominal_rp=order.nominal_rp,
                state="accepted",
                at=order.at,
            )
            return ordered if command.fate.late else _done(ordered, command.fate)
        case Void():
            if known is None:
                return Transfer(transfer_id=command.transfer_id, state="voided", reason=VOIDED_REASON)
            if known.final:
                return known
            return msgspec.structs.replace(known, state="voided", reason=VOIDED_REASON)
        case Complete():
            return known if known is None or known.final else _done(known, command.fate)


def _take_back(
    transfer: Transfer | None, command: TakeBack, taken: dict[int, Taking], change: Change
) -> Taking | OtherOrder:
    known = taken.get(command.take_back_id)
    if known is not None:
        same = (known.transfer_id, known.ordered_rp) == (command.transfer_id, command.nominal_rp)
        return known if same else OtherOrder(known)
    after = _decide(transfer, Void(command.transfer_id))
    assert isinstance(after, Transfer)
    if after is not transfer:
        change.transfers[after.transfer_id] = after
        change.count(after.state)
    state, reason = _taken_back(after, command, taken)
    nominal_rp = after.nominal_rp if (state, reason) == ("taken_back", "") else 0
    taking = Taking(
        take_back_id=command.take_back_id,
        transfer_id=command.transfer_id,
        ordered_rp=command.nominal_rp,
        nominal_rp=nominal_rp,
        state=state,
        reason=reason,
    )
    taken[taking.take_back_id] = change.takings[taking.take_back_id] = taking
    if (state, reason) == ("taken_back", ""):
        change.taken.append((after.msisdn, nominal_rp))
        change.count("taken_back")
    return taking


def _taken_back(
    transfer: Transfer, command: TakeBack, taken: dict[int, Taking]
) -> tuple[Literal["taken_back", "refused"], str]:
    if transfer.state != "done":
        return "taken_back", NOT_DONE_REASON
    if any(each.transfer_id == transfer.transfer_id and each.state == "taken_back" for each in taken.values()):
        return "refused", TAKEN_REASON
    if command.nominal_rp != transfer.nominal_rp:
        return "refused", AMOUNT_REASON
    return ("refused", SPENT_REASON) if command.fate.refuse_take_back else ("taken_back", "")


def _done(ordered: Transfer, fate: Fate) -> Transfer:
    if fate.refuse:
        return msgspec.structs.replace(ordered, state="refused", reason=REFUSED_REASON)
    if fate.other_amount:
        return msgspec.structs.replace(ordered, state="done", nominal_rp=ordered.ordered_rp + OTHER_AMOUNT_RP)
    return msgspec.structs.replace(ordered, state="done")


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Figures for a person: order calls heard, transfers by outcome, calls left without an answer, starts."""

    ordered: int = 0
    accepted: int = 0
    done: int = 0
    refused: int = 0
    voided: int = 0
    taken_back: int = 0
    unanswered: int = 0
    starts: int = 0


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer as it is listed for a person."""

    transfer_id: str
    msisdn: str
    product: str
    nominal_rp: int
    state: State
    reason: str
    at: datetime | None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """What the network tells a person who watches it."""

    tally: Tally
    faults: Faults
    last: list[Line]
