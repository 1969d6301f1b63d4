"""The network port: an external charging system that makes what was sold usable, and must say so.

Konter's own ledger stays the record of what every customer was given; see `docs/adr/0015-the-network-port.md`.
"""

import re
from collections.abc import Awaitable, Sequence
from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from konter.platform.ids import Msisdn, TransferId

# done: the customer has it. refused: the network will never do it. voided: it will never do it because Konter asked so.
# taken_back: the customer has it no more, and never will. unknown: nobody knows yet; ask again. All others are final.
AnswerState = Literal["done", "refused", "voided", "taken_back", "unknown"]

# Why an answer is unknown. OTHER_AMOUNT alone does not become known by asking again: it is an item of work.
ACCEPTED = "ACCEPTED"  # taken by the network, its outcome comes later by callback or when asked
AWAY = "AWAY"  # no connection, or one that broke
TIMED_OUT = "TIMED_OUT"
CIRCUIT_OPEN = "CIRCUIT_OPEN"  # not called at all: the calls before failed one after the other
MALFORMED = "MALFORMED"  # an answer that is not in the protocol, or of another transfer
OTHER_AMOUNT = "OTHER_AMOUNT"  # done, but not what was ordered; `nominal_rp` says what the network claims
OTHER_REASON = "OTHER"  # of a network that gives none, or none that is a code

# Why nothing was there to take back: the network had never done it, and now never will.
NOT_DONE = "NOT_DONE"
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,47}")


class NetworkOrder(msgspec.Struct, frozen=True):
    """What the network is to give to whom. `transfer_id` makes it the same order however often it is sent."""

    transfer_id: TransferId
    msisdn: Msisdn
    product: str
    nominal_rp: int
    at: datetime


class TakeBackOrder(msgspec.Struct, frozen=True):
    """What the network is to take from the customer again: all that the transfer gave. `take_back_id` makes it the same
    order however often it is sent.
    """

    take_back_id: TransferId
    transfer_id: TransferId
    nominal_rp: int


class Answer(msgspec.Struct, frozen=True):
    """What the network says of an order. `reason` is a code: the network's own of a refusal, ours of an unknown."""

    state: AnswerState
    reason: str = ""
    nominal_rp: int | None = None


class Reply(msgspec.Struct, frozen=True):
    """What a network says on the wire, in an answer or of its own accord. It need not be true, nor ours."""

    state: Literal["done", "refused", "voided", "taken_back", "accepted"]
    transfer_id: str = ""  # decimal; an answer may leave it to its address
    take_back_id: str = ""  # the same, of a take-back
    reason: str = ""
    nominal_rp: int | None = None
    at: datetime | None = None


def judge(reply: Reply, *, transfer_id: TransferId, nominal_rp: int) -> Answer:
    """What a reply means for a transfer of that amount. Pure."""
    if reply.transfer_id not in {"", str(transfer_id)} or reply.state == "taken_back":
        return Answer("unknown", MALFORMED)
    reason = reply.reason if _CODE.fullmatch(reply.reason) else OTHER_REASON
    match reply.state:
        case "accepted":
            return Answer("unknown", ACCEPTED)
        case "refused" | "voided":  # the latter is what Konter asked for, whatever the network calls that
            return Answer(reply.state, reason if reply.state == "refused" else "VOIDED")
        case "done" if reply.nominal_rp is None:
            return Answer("unknown", MALFORMED)
        case "done" if reply.nominal_rp != nominal_rp:
            return Answer("unknown", OTHER_AMOUNT, reply.nominal_rp)
        case "done":
            return Answer("done", nominal_rp=nominal_rp)


def judge_take_back(reply: Reply, order: TakeBackOrder) -> Answer:
    """What a reply means for what is to be taken back. Pure."""
    ours = reply.transfer_id in {"", str(order.transfer_id)} and reply.take_back_id in {"", str(order.take_back_id)}
    match reply.state:
        case "accepted" if ours:
            return Answer("unknown", ACCEPTED)
        case "refused" if ours:
            return Answer("refused", reply.reason if _CODE.fullmatch(reply.reason) else OTHER_REASON)
        case "taken_back" if ours and reply.nominal_rp == order.nominal_rp:
            return Answer("taken_back", nominal_rp=reply.nominal_rp)
        case "taken_back" if ours and reply.nominal_rp == 0 and reply.reason == NOT_DONE:
            return Answer("taken_back", NOT_DONE, 0)
        case "taken_back" if ours and reply.nominal_rp is not None:
            return Answer("unknown", OTHER_AMOUNT, reply.nominal_rp)
    return Answer("unknown", MALFORMED)


class Network(Protocol):
    """Calls never raise for a network that is away: they answer `unknown` and why; one answer per order, in order.

    `void` of what was delivered before answers `done`; the answer `voided` holds for ever, whatever arrives later.
    """

    def deliver(self, orders: Sequence[NetworkOrder]) -> Awaitable[list[Answer]]:
        """Have the orders done, each at most once per transfer id."""
        ...

    def void(self, orders: Sequence[NetworkOrder]) -> Awaitable[list[Answer]]:
        """Have the orders never done, unless they are done already."""
        ...

    def take_back(self, orders: Sequence[TakeBackOrder]) -> Awaitable[list[Answer]]:
        """Have what was done taken from the customers again, whole or not at all, each once per take-back id.

        Answers `taken_back` or `refused`, both for ever; what was never done is taken back, and never will be done.
        """
        ...

    def statement(self, day: date) -> Awaitable[bytes]:
        """The network's own file of a WIB day: CSV whose last line tells a whole file. Empty when there is none now."""
        ...
