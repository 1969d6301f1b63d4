"""What one proposes and another decides, of every kind."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import JSONBody, PathParameter

from konter.access.four_eyes.decide import decide
from konter.access.four_eyes.model import REASON_CHARS_MAX, ProposalState
from konter.access.four_eyes.propose import propose, waiting_proposals
from konter.access.four_eyes.refusals import (
    PROPOSAL_DECIDED,
    PROPOSAL_EXPIRED,
    PROPOSAL_NOT_FOUND,
    PROPOSAL_SAME_EYES,
)
from konter.access.model import Principal
from konter.access.refusals import LAST_ADMIN, STAFF_NOT_FOUND, UNKNOWN_ROLE, UNKNOWN_STAFF_AREA, USERNAME_TAKEN
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff, step_of
from konter.api.v1.bodies import Body
from konter.conduct.refusals import BLACKLIST_ENTRY_LIFTED, BLACKLIST_ENTRY_NOT_FOUND
from konter.platform.ids import ProposalId
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal
from konter.sales.by_hand.refusals import OUTCOME_CONTRADICTED, OUTCOME_KNOWN, OUTCOME_NOT_FOR_PEOPLE
from konter.sales.refusals import REVERSAL_NOT_FOUND, SALE_NOT_FOUND

ID_MAX = 2**63 - 1
ProposalPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]


class RulingBody(Body, frozen=True):
    """The second pair of eyes says yes or no, and why."""

    approve: bool
    why: Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX, examples=["sesuai surat tugas"])] = ""


class ProposalIdView(msgspec.Struct, frozen=True):
    """The proposal that waits for somebody else now."""

    id: str


class ProposalView(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a second pair of eyes. `data` is what the kind needs."""

    id: str
    kind: str
    subject: str
    data: dict[str, Any]
    reason: str
    proposed_by: str
    own: bool
    proposed_at: datetime
    expires_at: datetime


class ProposalList(msgspec.Struct, frozen=True):
    """Oldest first, a hundred at most."""

    items: list[ProposalView]


class RulingView(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended. `result` may hold a first password: it is shown this once."""

    state: ProposalState
    result: dict[str, Any]


async def propose_for(
    request: AnyRequest,
    caller: Principal,
    kind: str,
    subject: int,
    data: dict[str, Any],
    reason: str,
) -> ProposalIdView:
    """Propose one of the kinds in the caller's name, or raise what is against it."""
    app = app_of(request)
    async with app.connection() as connection:
        step = await step_of(request, connection)
        made = await propose(
            connection,
            app.kinds,
            kind,
            subject,
            data,
            reason=reason,
            principal=caller,
            origin=origin_of(request),
            step=step,
        )
    return ProposalIdView(str(accepted(made)))


@get("/proposals", tags=["staff"], opt=says("staff"))
async def list_proposals(request: AnyRequest) -> ProposalList:
    """What waits for a second pair of eyes, as far as it is the caller's to see."""
    caller = require_staff(await principal(request))
    app = app_of(request)
    async with app.connection() as connection:
        waiting = await waiting_proposals(connection, app.kinds, caller, now=app.clock.now())
    return ProposalList(
        [
            ProposalView(
                id=str(each.id),
                kind=each.kind,
                subject=str(each.subject_id),
                data=each.data,
                reason=each.reason,
                proposed_by=each.proposer,
                own=caller.user_id in (each.proposed_by, each.subject_id),
                proposed_at=each.proposed_at,
                expires_at=each.expires_at,
            )
            for each in waiting
        ]
    )


# What the commands of the kinds may say besides.
_RULING_NO: tuple[Callable[..., Refusal], ...] = (
    *(PROPOSAL_NOT_FOUND, PROPOSAL_SAME_EYES, PROPOSAL_DECIDED, PROPOSAL_EXPIRED, TOO_MANY_REQUESTS),
    *(STAFF_NOT_FOUND, LAST_ADMIN, UNKNOWN_ROLE, UNKNOWN_STAFF_AREA, USERNAME_TAKEN),
    *(BLACKLIST_ENTRY_NOT_FOUND, BLACKLIST_ENTRY_LIFTED, SALE_NOT_FOUND, REVERSAL_NOT_FOUND),
    *(OUTCOME_KNOWN, OUTCOME_NOT_FOR_PEOPLE, OUTCOME_CONTRADICTED),
)


@post("/proposals/{proposal:int}/decision", status_code=200, tags=["staff"], opt=says("staff", *_RULING_NO))
async def post_ruling(proposal: ProposalPath, data: JSONBody[RulingBody], request: AnyRequest) -> RulingView:
    """Approve, which does it at once, or reject. Nobody decides on the own proposal."""
    caller = require_staff(await principal(request))
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        rules = await app.rules(connection, now)
    decision = await decide(
        app.pool,
        app.passwords,
        app.kinds,
        ProposalId(proposal),
        approve=data.approve,
        why=data.why,
        principal=caller,
        origin=origin_of(request),
        now=now,
        ids=app.ids,
        keys=app.keys,
        rules=rules,
    )
    ruled = accepted(decision)
    return RulingView(state=ruled.state, result=ruled.result)


PROPOSAL_ROUTES = [list_proposals, post_ruling]
