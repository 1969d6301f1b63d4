"""Where the money of a sale is: every fact with its moment, oldest first. Pure. [D-43, D-44, D-46]"""

from datetime import datetime
from typing import Literal

import msgspec

from konter.sales.delivery.model import CANCELLED
from konter.sales.model import Sale
from konter.sales.network.model import ACCEPTED, OTHER_AMOUNT

# Rows of the audit that are looks at a sale: the reconciler's, and those that its seller asked for.
CHECKED, ASKED = "check_sale", "refresh_sale"
LOOK_ACTIONS = [CHECKED, ASKED]
LOOKS_SHOWN = 8  # the newest; a day of checking has more than a hundred

# accepted, paid: the sale began, the wallet was charged. transit: charged, and kept until the end is known. held: not
# sent yet, the seller may take it back. sent: on its way to who receives. looked, working, amount: a look found no
# answer, the network still at work, or a network that claims another amount. asked: the seller asked for a look. more:
# so many looks before. delivered, refunded, cancelled: the end. reversed: taken back by staff afterwards. adjusted: it
# was refunded and delivered all the same, and staff have put that right.
What = Literal[
    "accepted",
    "paid",
    "transit",
    "held",
    "sent",
    "more",
    "looked",
    "working",
    "amount",
    "asked",
    "delivered",
    "refunded",
    "cancelled",
    "reversed",
    "adjusted",
]
PRIVATE: frozenset[What] = frozenset({"paid", "transit", "asked"})  # of the outlet's wallet and people
_FOUND: dict[str | None, What] = {ACCEPTED: "working", OTHER_AMOUNT: "amount"}


class Look(msgspec.Struct, frozen=True):
    """A look at a sale while its outcome was not known. `answer`: the code of what came, None of a seller's wish."""

    at: datetime
    action: str
    answer: str | None


class Looks(msgspec.Struct, frozen=True):
    """The newest looks, oldest first, and how many came before them."""

    shown: tuple[Look, ...] = ()
    before: int = 0


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `until` of what is held; `count` of looks that are not shown one by one."""

    at: datetime
    what: What
    until: datetime | None = None
    count: int = 0


def timeline(
    sale: Sale, looks: Looks, *, reversed_at: datetime | None, adjusted_at: datetime | None = None, now: datetime
) -> list[Event]:
    """What has happened so far, in order of time; what is held says until when, also afterwards."""
    two_steps = sale.route != "direct"
    events = [Event(at=sale.at, what="accepted"), Event(at=sale.at, what="transit" if two_steps else "paid")]
    if sale.hold_until is not None:
        events.append(Event(at=sale.at, what="held", until=sale.hold_until))
    begins = sale.hold_until or sale.at
    if two_steps and sale.reason != CANCELLED and begins <= now:
        events.append(Event(at=begins, what="sent"))
    if looks.before:
        events.append(Event(at=looks.shown[0].at, what="more", count=looks.before))
    events += [Event(at=look.at, what=_found(look)) for look in looks.shown]
    if sale.resolved_at is not None:
        events.append(Event(at=sale.resolved_at, what=_end(sale)))
    if reversed_at is not None:
        events.append(Event(at=reversed_at, what="reversed"))
    if adjusted_at is not None:
        events.append(Event(at=adjusted_at, what="adjusted"))
    return sorted(events, key=lambda event: event.at)


def for_anybody(events: list[Event]) -> list[Event]:
    """The same without what concerns the outlet alone."""
    return [event for event in events if event.what not in PRIVATE]


def _found(look: Look) -> What:
    return "asked" if look.action == ASKED else _FOUND.get(look.answer, "looked")


def _end(sale: Sale) -> What:
    if sale.status == "done":
        return "delivered"
    return "cancelled" if sale.reason == CANCELLED else "refunded"
