"""The work list of sales whose outcome is not known, and what came of looking at one."""

from datetime import datetime
from typing import Literal

import msgspec

from konter.platform.clock import business_day
from konter.platform.ids import SaleId
from konter.rules.keys import Sale as SaleRules
from konter.sales.checking.schedule import Ask, is_escalated
from konter.sales.delivery.model import LOCKED, NotKnown, Settled
from konter.sales.model import Sale
from konter.sales.network.model import CIRCUIT_OPEN, OTHER_AMOUNT, Answer
from konter.sales.reconciliation.model import Kind, NewItem

UNAVAILABLE = "UNAVAILABLE"  # the database was away, or the process had too much to do
FAILED = "FAILED"  # the look itself failed, by a mistake of ours
UNHEARD = frozenset({LOCKED.reason, UNAVAILABLE, FAILED, CIRCUIT_OPEN})


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the work list that a worker holds until its lease ends, and the sale as it was when it was taken.

    There is one for each sale that is checking, and for a while one for a refunded sale that its receiver claims to
    have delivered. `checks` is the number of looks so far.
    """

    sale: Sale
    checks: int
    due_at: datetime
    taken_until: datetime

    @property
    def is_first_sending(self) -> bool:
        """Whether a sale that was held for the seller goes out for the first time; that is not a look."""
        return self.due_at == self.sale.hold_until


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One look at one sale, and what came of it."""

    check: Check
    how: Ask
    answer: Settled | NotKnown

    @property
    def word(self) -> str:
        """For the audit and the figures: done, refunded, late, or why it is still not known."""
        if isinstance(self.answer, NotKnown):
            return self.answer.reason
        return "late" if self.answer.late else self.answer.sale.status

    @property
    def is_over(self) -> bool:
        """Whether the sale leaves the list: its outcome is known, or people have to find it out."""
        return isinstance(self.answer, Settled) or (
            self.check.sale.status != "checking" and self.answer.reason == OTHER_AMOUNT
        )

    @property
    def checks(self) -> int:
        """How many looks there were with this one. What did not reach who was asked is none."""
        return self.check.checks + (not self.check.is_first_sending and self.word not in UNHEARD)


def items_of(look: Look, rules: SaleRules, *, now: datetime) -> list[NewItem]:
    """What no further look can find out: another amount than ordered, and what the rules leave to people. Pure."""
    sale = look.check.sale
    assert sale.transfer_id is not None
    if not isinstance(look.answer, NotKnown):
        return []
    kinds = [Kind.OTHER_AMOUNT] if look.word == OTHER_AMOUNT else []
    if is_escalated(sale, rules, now=now):
        kinds.append(Kind.ESCALATED)
    story = {"answer": look.word, "checks": look.checks, "nominal_rp": sale.nominal_rp}
    if look.answer.claimed_rp is not None:
        story["claimed_rp"] = look.answer.claimed_rp
    day = business_day(sale.at)
    return [NewItem(kind=kind, transfer_id=sale.transfer_id, day=day, sale_id=sale.id, story=story) for kind in kinds]


# taken: it is asked what is true, at once. known: the sale ended so before. Everything else is an item of work.
# other_amount: another nominal than ordered. contradicts: it was done, and now it was not. not_sent: nobody was asked
# to do it yet. unknown_transfer: Konter never ordered it.
Word = Literal["taken", "known", "other_amount", "contradicts", "not_sent", "unknown_transfer"]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim of the network means for a sale. `look`: ask what is true of it as soon as may be."""

    word: Word
    sale_id: SaleId | None = None
    look: bool = False


def judge_claim(sale: Sale | None, claim: Answer, *, now: datetime) -> Told:
    """What a network's claim, told of its own accord, means for the sale that it names. Pure.

    A claim moves no money: whatever it says, the network is asked, and its answer is what counts. Hence a claim that
    comes twice, late or from a liar does no harm, and there is one way only by which a sale ends.
    """
    if sale is None:
        return Told(word="unknown_transfer")
    if sale.route != "network" or (sale.status == "checking" and sale.hold_until is not None and now < sale.hold_until):
        return Told(word="not_sent", sale_id=sale.id)
    done = claim.state == "done"
    word: Word = "other_amount" if done and claim.nominal_rp not in (None, sale.nominal_rp) else "taken"
    if sale.status == "checking":
        return Told(word=word, sale_id=sale.id, look=True)
    if sale.status == "refunded":
        # Done after all? Then the customer has it and the outlet its money, and settlement will find that out.
        return Told(word=word if done else "known", sale_id=sale.id, look=done)
    if done:
        return Told(word="known" if word == "taken" else word, sale_id=sale.id)
    return Told(word="contradicts", sale_id=sale.id)
