"""An outcome by hand: of a sale whose network never answered, and of a take-back that came out otherwise."""

from typing import Annotated

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody, PathParameter

from konter.access.four_eyes.refusals import ALREADY_PROPOSED
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, principal, require_staff
from konter.api.v1.bodies import Body, Reason
from konter.api.v1.proposals import ProposalIdView, propose_for
from konter.api.v1.sales import ID_MAX, sale_id_of
from konter.channel.scope import scope_of
from konter.platform.ids import ReversalId
from konter.platform.refusal import Refused
from konter.sales.by_hand.outcome import SALE, TAKE_BACK, check_outcome, check_take_back
from konter.sales.by_hand.refusals import OUTCOME_KNOWN, OUTCOME_NOT_FOR_PEOPLE
from konter.sales.reach import out_of_reach
from konter.sales.refusals import REVERSAL_NOT_FOUND, SALE_NOT_FOUND

ReversalPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
Evidence = Annotated[str, msgspec.Meta(min_length=3, max_length=300, examples=["berita acara jaringan 12/2026"])]


class OutcomeBody(Body, frozen=True):
    """Whether the customer has it, and where the evidence is."""

    delivered: bool
    evidence: Evidence
    reason: Reason


class TakeBackOutcomeBody(Body, frozen=True):
    """Whether it was taken from the customer, and where the evidence is."""

    taken_back: bool
    evidence: Evidence
    reason: Reason


@post(
    "/sales/{sale:str}/outcome",
    tags=["reconciliation"],
    opt=says("staff", SALE_NOT_FOUND, OUTCOME_KNOWN, OUTCOME_NOT_FOR_PEOPLE, ALREADY_PROPOSED),
)
async def propose_outcome(sale: FromPath[str], data: JSONBody[OutcomeBody], request: AnyRequest) -> ProposalIdView:
    """Propose how a sale ended that is left to people; another member of staff decides, and then its money moves."""
    staff = require_staff(await principal(request), "outcomes.propose")
    sale_id = sale_id_of(sale)
    async with app_of(request).connection() as connection:
        if (refusal := await out_of_reach(connection, "sale", sale_id, scope=scope_of(staff))) is not None:
            raise Refused(refusal)
        found = accepted(await check_outcome(connection, sale_id))
    said = {"code": found.code, "delivered": data.delivered, "evidence": data.evidence}
    return await propose_for(request, staff, SALE, sale_id, said, data.reason)


@post(
    "/reversals/{reversal:int}/outcome",
    tags=["reversals"],
    opt=says("staff", REVERSAL_NOT_FOUND, OUTCOME_KNOWN, OUTCOME_NOT_FOR_PEOPLE, ALREADY_PROPOSED),
)
async def propose_take_back_outcome(
    reversal: ReversalPath, data: JSONBody[TakeBackOutcomeBody], request: AnyRequest
) -> ProposalIdView:
    """Propose how a take-back ended that is left to people; another member of staff decides."""
    staff = require_staff(await principal(request), "outcomes.propose")
    async with app_of(request).connection() as connection:
        if (refusal := await out_of_reach(connection, "reversal", reversal, scope=scope_of(staff))) is not None:
            raise Refused(refusal)
        found = accepted(await check_take_back(connection, ReversalId(reversal)))
    said = {"code": found.sale.code, "taken_back": data.taken_back, "evidence": data.evidence}
    return await propose_for(request, staff, TAKE_BACK, reversal, said, data.reason)


OUTCOME_ROUTES = [propose_outcome, propose_take_back_outcome]
