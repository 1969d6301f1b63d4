"""When a sale whose outcome is not known is looked at again, and what is done about it then. Pure. [D-46, G-D12]"""

from datetime import datetime, timedelta
from enum import Enum

from konter.rules.keys import Sale as SaleRules
from konter.sales.delivery.model import BY_HAND, DEADLINE
from konter.sales.model import Sale

VOID_EVERY = timedelta(minutes=10)
CIRCUIT_EVERY = timedelta(seconds=30)  # a sale of which the network was not asked, because it answers nobody
FOLLOWED_AFTER = timedelta(seconds=15)  # a refund without the network's promise: when it is asked for it again
FOLLOWED_FOR = timedelta(days=31)  # and how long past the deadline
OVERDUE_EVERY = timedelta(seconds=5)  # a sale that must end now, where somebody else holds its row


class Ask(Enum):
    """What a look does."""

    DELIVER = "deliver"  # ask again; the receiver delivers once per transfer, however often it is asked
    VOID = "void"  # have the receiver promise that it never will
    GIVE_UP = "give_up"  # the deadline has come: void once more, then refund whatever the answer


def first_due(sale: Sale, rules: SaleRules) -> datetime:
    """When a new sale is looked at for the first time, if nobody has brought it to an end by then.

    What is held back for the seller is due when the hold ends: nothing was sent yet.
    """
    return sale.hold_until or next_due(sale, 0, rules, now=sale.at)


def next_due(sale: Sale, checks: int, rules: SaleRules, *, now: datetime) -> datetime:
    """When to look again after so many looks: 30 s, 2 min, 10 min, 1 h after the sale, then every ten minutes.

    Not later than the deadline while that is to come. A look that comes late (a worker that slept) does not make the
    next ones come in a row.
    """
    assert sale.deadline is not None
    if now >= sale.deadline:
        return now + (OVERDUE_EVERY if _refunds_by_itself(sale, rules) else VOID_EVERY)
    later = [_begin(sale) + timedelta(seconds=second) for second in rules.pending_checks_s[checks:]]
    due = next((moment for moment in later if moment > now), now + VOID_EVERY)
    return min(due, sale.deadline)


def ask(sale: Sale, checks: int, rules: SaleRules, *, now: datetime) -> Ask:
    """What the look after so many others does. Before money goes back the receiver must promise not to deliver.

    Who could not be asked in all that time is asked to call it off too: a seller is not to find, hours later, that a
    sale went out after all.

    Where the rules leave what is open at the deadline to people, nothing but that promise brings the money back. A sale
    that was refunded is looked at again when its network never promised, or claims to have delivered it all the same.
    """
    assert sale.deadline is not None
    if sale.status != "checking":
        return Ask.VOID
    if now >= sale.deadline:
        return Ask.GIVE_UP if _refunds_by_itself(sale, rules) else Ask.VOID
    asked_until = _begin(sale) + timedelta(seconds=max(rules.pending_checks_s, default=0)) + VOID_EVERY
    return Ask.DELIVER if checks < len(rules.pending_checks_s) and now < asked_until else Ask.VOID


def is_followed(sale: Sale) -> bool:
    """Whether money went back without the network's promise: it may still deliver, and is asked until it says."""
    return sale.route == "network" and sale.status == "refunded" and sale.reason in (BY_HAND, DEADLINE)


def is_forgotten(sale: Sale, checks: int, *, now: datetime) -> bool:
    """Whether nobody asks about an ended sale any more: it was done, or the network has kept silent for a month.

    A claim puts it on the list anew, with no looks so far: however late it comes, it is asked about once.
    """
    assert sale.deadline is not None
    silent = sale.status == "refunded" and now >= sale.deadline + FOLLOWED_FOR
    return sale.status == "done" or (silent and checks > 0)


def is_escalated(sale: Sale, rules: SaleRules, *, now: datetime) -> bool:
    """Whether a sale of unknown outcome is for people now."""
    assert sale.deadline is not None
    return sale.status == "checking" and now >= sale.deadline and not _refunds_by_itself(sale, rules)


def _begin(sale: Sale) -> datetime:
    return sale.hold_until or sale.at


def _refunds_by_itself(sale: Sale, rules: SaleRules) -> bool:
    return sale.status == "checking" and rules.pending_at_deadline == "reverse"
