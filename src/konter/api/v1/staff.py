"""Accounts of staff: the list, and what is proposed for them."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from konter.access.four_eyes.refusals import ALREADY_PROPOSED
from konter.access.refusals import (
    LAST_ADMIN,
    STAFF_NOT_FOUND,
    UNKNOWN_ROLE,
    UNKNOWN_STAFF_AREA,
    USERNAME_TAKEN,
)
from konter.access.staff.accounts import check_account, end_staff, find_staff, staff_lines
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff, step_of
from konter.api.v1.bodies import Body, Reason
from konter.api.v1.proposals import ProposalIdView, propose_for
from konter.channel.model import name_refusal, username_refusal
from konter.platform.ids import StaffId, make_id, spread_cell
from konter.platform.refusal import Refused

ID_MAX = 2**63 - 1
StaffPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
RoleName = Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["care"])]
RoleNames = Annotated[list[RoleName], msgspec.Meta(max_length=10, examples=[["care"]])]
AreaCode = Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["JBJB"])]


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


async def _known(request: AnyRequest, staff: int) -> None:
    async with app_of(request).connection() as connection:
        accepted(await find_staff(connection, staff))


@get("/staff", tags=["staff"], opt=says("staff"))
async def list_staff(request: AnyRequest, after: Annotated[int, QueryParameter(ge=0, le=ID_MAX)] = 0) -> StaffList:
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
    return await propose_for(request, caller, "staff.add", make_id(seq, spread_cell(seq)), account, data.reason)


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
    return await propose_for(
        request, caller, "staff.account", staff, {"roles": data.roles, "area": data.area}, data.reason
    )


@post("/staff/{staff:int}/totp-reset", tags=["staff"], opt=says("staff", STAFF_NOT_FOUND, ALREADY_PROPOSED))
async def propose_totp_reset(staff: StaffPath, data: JSONBody[ReasonBody], request: AnyRequest) -> ProposalIdView:
    """Propose that somebody sets up another authenticator app, as after a lost phone."""
    caller = require_staff(await principal(request), "staff.propose")
    await _known(request, staff)
    return await propose_for(request, caller, "staff.totp_reset", staff, {}, data.reason)


@post("/staff/{staff:int}/password-reset", tags=["staff"], opt=says("staff", STAFF_NOT_FOUND, ALREADY_PROPOSED))
async def propose_password_reset(staff: StaffPath, data: JSONBody[ReasonBody], request: AnyRequest) -> ProposalIdView:
    """Propose another first password for somebody; whoever approves is shown it."""
    caller = require_staff(await principal(request), "staff.propose")
    await _known(request, staff)
    return await propose_for(request, caller, "staff.password_reset", staff, {}, data.reason)


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


STAFF_ROUTES = [
    list_staff,
    propose_staff,
    propose_account,
    propose_totp_reset,
    propose_password_reset,
    post_staff_end,
]
