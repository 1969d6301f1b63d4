"""The outcome of a sale or a take-back that no network will tell, by hand and with four eyes. [D-46, G-D12]

What two people agree on goes through the steps that an answer of the network's goes through: the receiver's cell acts
once per transfer and the payer's cell ends a sale once, so nothing is paid twice, and what the network says afterwards
is late: an item of work, as ever.
"""

from collections.abc import Sequence
from typing import Any

from konter.access.four_eyes.kinds import Approved, Kinds, ProposalKind
from konter.access.model import Principal
from konter.channel.scope import scope_of
from konter.ledger.read import lock_owners
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import ReversalId, SaleId
from konter.platform.refusal import Refusal
from konter.sales import queries
from konter.sales.by_hand.refusals import OUTCOME_CONTRADICTED, OUTCOME_KNOWN, OUTCOME_NOT_FOR_PEOPLE
from konter.sales.delivery.deliver import deliver
from konter.sales.delivery.model import BY_HAND, Order
from konter.sales.delivery.settle import settle
from konter.sales.history.read import sale_story
from konter.sales.model import Sale
from konter.sales.reconciliation.items import end_items, has_open_item
from konter.sales.reconciliation.model import Kind
from konter.sales.references import References
from konter.sales.refusals import REVERSAL_NOT_FOUND
from konter.sales.reversal import steps
from konter.sales.reversal.model import UnderWay

SALE, TAKE_BACK = "sale.outcome", "reversal.outcome"


async def check_outcome(connection: Connection, sale_id: SaleId) -> Refusal | Sale:
    """A sale that waits for people: its deadline is over and its item says so. SALE_NOT_FOUND, OUTCOME_KNOWN,
    OUTCOME_NOT_FOR_PEOPLE.
    """
    story = await sale_story(connection, sale_id, outlet_id=None)
    if isinstance(story, Refusal):
        return story
    if story.sale.status != "checking":
        return OUTCOME_KNOWN()
    return story.sale if await has_open_item(connection, Kind.ESCALATED, sale_id) else OUTCOME_NOT_FOR_PEOPLE()


async def check_take_back(connection: Connection, reversal_id: ReversalId) -> Refusal | UnderWay:
    """A take-back that waits for people. REVERSAL_NOT_FOUND, OUTCOME_KNOWN, OUTCOME_NOT_FOR_PEOPLE."""
    each = await steps.under_way(connection, reversal_id)
    if each is None:
        return REVERSAL_NOT_FOUND()
    if each.state != "approved":
        return OUTCOME_KNOWN()
    return each if await has_open_item(connection, Kind.TAKE_BACK_OPEN, each.sale.id) else OUTCOME_NOT_FOR_PEOPLE()


def outcome_kinds(clock: Clock, references: References) -> Kinds:
    """The two kinds of proposals; their data: `delivered`, or `taken_back`, and `evidence`."""

    async def run_sale(connection: Connection, approved: Approved) -> Refusal | dict[str, Any]:
        return await _end_sale(connection, approved, clock, references)

    async def run_take_back(connection: Connection, approved: Approved) -> Refusal | dict[str, Any]:
        return await _end_take_back(connection, approved, clock, references)

    return {
        name: ProposalKind(propose="outcomes.propose", decide="outcomes.decide", run=run, within=within)
        for name, run, within in (
            (SALE, run_sale, _sales_within),
            (TAKE_BACK, run_take_back, _reversals_within),
        )
    }


async def _sales_within(connection: Connection, who: Principal, ids: Sequence[int]) -> set[int]:
    return await queries.read_within(connection, "sale", ids, scope_of(who).parameters())


async def _reversals_within(connection: Connection, who: Principal, ids: Sequence[int]) -> set[int]:
    return await queries.read_within(connection, "reversal", ids, scope_of(who).parameters())


async def _end_sale(
    connection: Connection, approved: Approved, clock: Clock, references: References
) -> Refusal | dict[str, Any]:
    """Both owners are locked first, in order of id, as every sale locks them. What the receiver's cell knows already
    stands: whoever says the opposite is told so.
    """
    sale = await check_outcome(connection, SaleId(approved.proposal.subject_id))
    if isinstance(sale, Refusal):
        return sale
    await lock_owners(connection, owners=[sale.outlet_id, sale.subscription_id])
    again = await check_outcome(connection, sale.id)
    if isinstance(again, Refusal):
        return again
    delivered, ids = bool(approved.proposal.data["delivered"]), approved.step.ids
    order = Order(sale=sale, confirmed=True) if delivered else Order(sale=sale, not_given=BY_HAND)
    (result,) = await deliver(connection, [order], clock=clock, ids=ids, references=references)
    assert result is not None, "the customer's row is locked here"
    if (result.delivery is not None) is not delivered:
        return OUTCOME_CONTRADICTED()
    (settled,) = await settle(connection, [result], clock=clock, ids=ids, references=references, actor=approved.actor)
    assert settled is not None, "the outlet's row is locked here"
    await end_items(
        connection, sale.id, rule=BY_HAND, now=approved.step.now, kinds=[Kind.ESCALATED, Kind.PAST_DEADLINE]
    )
    return {"status": settled.sale.status}


async def _end_take_back(
    connection: Connection, approved: Approved, clock: Clock, references: References
) -> Refusal | dict[str, Any]:
    each = await check_take_back(connection, ReversalId(approved.proposal.subject_id))
    if isinstance(each, Refusal):
        return each
    await lock_owners(connection, owners=[each.sale.outlet_id, each.sale.subscription_id])
    again = await check_take_back(connection, each.id)
    if isinstance(again, Refusal):
        return again
    rulebook, catalogue = await references.current(connection)
    refuse = "" if approved.proposal.data["taken_back"] else BY_HAND
    ended = await steps.refund(
        connection, again, refuse=refuse, catalogue=catalogue, clock=clock, ids=approved.step.ids
    )
    assert ended is not None, "nobody else decides under these locks"
    await steps.finish(connection, ended, rulebook=rulebook, catalogue=catalogue, clock=clock, ids=approved.step.ids)
    await steps.leave_list(connection, ended.id)
    return {"state": ended.state}
