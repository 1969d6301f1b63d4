"""Accounts of staff, and what one proposes and another decides."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import FromQuery, JSONBody, PathParameter

from konter.access.four_eyes.decide import decide
from konter.access.four_eyes.kinds import Kinds
from konter.access.four_eyes.model import REASON_CHARS_MAX, ProposalState
from konter.access.four_eyes.propose import propose, waiting_proposals
from konter.access.four_eyes.refusals import (
    ALREADY_PROPOSED,
    PROPOSAL_DECIDED,
    PROPOSAL_EXPIRED,
    PROPOSAL_NOT_FOUND,
    PROPOSAL_SAME_EYES,
)
from konter.access.model import Principal
from konter.access.refusals import (
    LAST_ADMIN,
    STAFF_NOT_FOUND,
    UNKNOWN_ROLE,
    UNKNOWN_STAFF_AREA,
    USERNAME_TAKEN,
)
from konter.access.staff.accounts import STAFF_KINDS, check_account, end_staff, find_staff, staff_lines
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff, step_of
from konter.api.v1.bodies import Body, Reason
from konter.channel.model import name_refusal, username_refusal
from konter.platform.ids import ProposalId, StaffId, make_id, spread_cell
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal, Refused

ID_MAX = 2**63 - 1
StaffPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
ProposalPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
RoleName = Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["care"])]
RoleNames = Annotated[list[RoleName], msgspec.Meta(max_length=10, examples=[["care"]])]
AreaCode = Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["JBJB"])]

# Everything that takes two pairs of eyes, of all domains.
KINDS: Kinds = {**STAFF_KINDS}


class NewStaffBody(Body, frozen=True):
    """A new account; without an area it acts for the whole operator."""

    username: Annotated[str, msgspec.Meta(min_length=3, max_length=32, examples=["dewi.care"])]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80, examples=["Dewi Lestari"])]
    roles: RoleNames
    reason: Reason
    area: AreaCode | None = None


class AccountBody(Body, frozen=True):
    """All roles and the area from now on."""

    roles: RoleNames
    reason: Reason
    area: AreaCode | None = None


class ReasonBody(Body, frozen=True):
    """Why."""

    reason: Reason


class RulingBody(Body, frozen=True):
    """The second pair of eyes says yes or no, and why."""

    approve: bool
    why: Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX, examples=["sesuai surat tugas"])] = ""


class StaffLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff. `enrolled_at`: since when there is an authenticator app."""

    id: str
    username: str
    name: str
    roles: tuple[str, ...]
    area: str | None
    status: str
    enrolled_at: datetime | None
    opened_at: datetime


class StaffList(msgspec.Struct, frozen=True):
    """By id, a hundred at most; the next page begins `after` the last one's id."""

    items: list[StaffLineView]


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


async def _propose(
    request: AnyRequest,
    caller: Principal,
    kind: str,
    subject: int,
    data: dict[str, Any],
    reason: str,
) -> ProposalIdView:
    app = app_of(request)
    async with app.connection() as connection:
        step = await step_of(request, connection)
        made = await propose(
            connection,
            KINDS,
            kind,
            subject,
            data,
            reason=reason,
            principal=caller,
            origin=origin_of(request),
            step=step,
        )
    return ProposalIdView(str(accepted(made)))


async def _known(request: AnyRequest, staff: int) -> None:
    async with app_of(request).connection() as connection:
        accepted(await find_staff(connection, staff))


@get("/staff", tags=["staff"], opt=says("staff"))
async def list_staff(
    request: AnyRequest, after: FromQuery[Annotated[int, msgspec.Meta(ge=0, le=ID_MAX)]] = 0
) -> StaffList:
    """All accounts of staff."""
    require_staff(await principal(request), "staff.look")
    async with app_of(request).connection() as connection:
        lines = await staff_lines(connection, after=after)
    return StaffList([StaffLineView(**{**msgspec.structs.asdict(line), "id": str(line.id)}) for line in lines])


@post("/staff", tags=["staff"], opt=says("staff", UNKNOWN_ROLE, UNKNOWN_STAFF_AREA, USERNAME_TAKEN, ALREADY_PROPOSED))
async def propose_staff(data: JSONBody[NewStaffBody], request: AnyRequest) -> ProposalIdView:
    """Propose a new account; whoever approves it is shown its first password."""
    caller = require_staff(await principal(request), "staff.propose")
    if (refusal := username_refusal(data.username) or name_refusal("name", data.name)) is not None:
        raise Refused(refusal)
    app = app_of(request)
    async with app.connection() as connection:
        refusal = await check_account(connection, roles=data.roles, area=data.area, username=data.username)
        if refusal is not None:
            raise Refused(refusal)
        seq = next((await app.ids.reserve(connection, 1)).take(1))
    account = {"username": data.username, "name": data.name, "roles": data.roles, "area": data.area}
    return await _propose(request, caller, "staff.add", make_id(seq, spread_cell(seq)), account, data.reason)


@post(
    "/staff/{staff:int}/account",
    tags=["staff"],
    opt=says("staff", STAFF_NOT_FOUND, UNKNOWN_ROLE, UNKNOWN_STAFF_AREA, ALREADY_PROPOSED),
)
async def propose_account(staff: StaffPath, data: JSONBody[AccountBody], request: AnyRequest) -> ProposalIdView:
    """Propose other roles or another area for somebody."""
    caller = require_staff(await principal(request), "staff.propose")
    await _known(request, staff)
    async with app_of(request).connection() as connection:
        refusal = await check_account(connection, roles=data.roles, area=data.area)
    if refusal is not None:
        raise Refused(refusal)
    return await _propose(
        request, caller, "staff.account", staff, {"roles": data.roles, "area": data.area}, data.reason
    )


@post("/staff/{staff:int}/totp-reset", tags=["staff"], opt=says("staff", STAFF_NOT_FOUND, ALREADY_PROPOSED))
async def propose_totp_reset(staff: StaffPath, data: JSONBody[ReasonBody], request: AnyRequest) -> ProposalIdView:
    """Propose that somebody sets up another authenticator app, as after a lost phone."""
    caller = require_staff(await principal(request), "staff.propose")
    await _known(request, staff)
    return await _propose(request, caller, "staff.totp_reset", staff, {}, data.reason)


@post("/staff/{staff:int}/password-reset", tags=["staff"], opt=says("staff", STAFF_NOT_FOUND, ALREADY_PROPOSED))
async def propose_password_reset(staff: StaffPath, data: JSONBody[ReasonBody], request: AnyRequest) -> ProposalIdView:
    """Propose another first password for somebody; whoever approves is shown it."""
    caller = require_staff(await principal(request), "staff.propose")
    await _known(request, staff)
    return await _propose(request, caller, "staff.password_reset", staff, {}, data.reason)


@post("/staff/{staff:int}/end", status_code=204, tags=["staff"], opt=says("staff", STAFF_NOT_FOUND, LAST_ADMIN))
async def post_staff_end(staff: StaffPath, data: JSONBody[ReasonBody], request: AnyRequest) -> None:
    """Somebody leaves: sessions end at once, and nobody can log in under the name again."""
    caller = require_staff(await principal(request), "staff.propose")
    app = app_of(request)
    async with app.connection() as connection:
        outcome = await end_staff(
            connection,
            StaffId(staff),
            reason=data.reason,
            principal=caller,
            origin=origin_of(request),
            step=await step_of(request, connection),
        )
    if outcome is not None:
        raise Refused(outcome)


@get("/proposals", tags=["staff"], opt=says("staff"))
async def list_proposals(request: AnyRequest) -> ProposalList:
    """What waits for a second pair of eyes, as far as it is the caller's to see."""
    caller = require_staff(await principal(request))
    app = app_of(request)
    async with app.connection() as connection:
        waiting = await waiting_proposals(connection, KINDS, caller, now=app.clock.now())
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
        KINDS,
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


STAFF_ROUTES = [
    list_staff,
    propose_staff,
    propose_account,
    propose_totp_reset,
    propose_password_reset,
    post_staff_end,
    list_proposals,
    post_ruling,
]
