"""Outlets over HTTP: search, stop, let go on, end for good."""

from typing import Annotated, Literal

import msgspec
from litestar import get, put
from litestar.params import JSONBody, QueryParameter

from konter.access.refusals import PIN_NOT_SET
from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff
from konter.api.v1.bodies import Body, Reason
from konter.api.v1.numbers import OutletPath, acts_on
from konter.api.v1.sales import ID_MAX
from konter.channel.directory.find import search_outlets
from konter.channel.numbers.refusals import OUTLET_NEEDS_RS
from konter.channel.refusals import OUTLET_NOT_FOUND, OUTLET_TERMINATED
from konter.channel.scope import outlet_within, scope_of
from konter.channel.suspensions import set_outlets
from konter.channel.terminate import terminate_outlets
from konter.platform.ids import OutletId
from konter.platform.refusal import FORBIDDEN, Refused

FOUND_PAGE = 20


class StatusBody(Body, frozen=True):
    """What an outlet is from now on, and why."""

    status: Literal["active", "suspended", "terminated"]
    reason: Reason


class FoundView(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet that was searched for. `way`: by its code, a number, or its name."""

    id: str
    code: str
    name: str
    kind: str
    status: str
    partner: str
    reseller_number: str | None
    way: str


class FoundList(msgspec.Struct, frozen=True):
    """What was found; the next page is asked for with both of `after_name` and `after_id`, null on the last."""

    items: list[FoundView]
    after_name: str | None
    after_id: str | None


@get("/outlets", tags=["numbers"], opt=says("beginner", PIN_NOT_SET))
async def find_outlets(
    request: AnyRequest,
    q: Annotated[str, QueryParameter(max_length=80, description="A code, a number, or the beginning of a name")] = "",
    after_name: Annotated[str | None, QueryParameter(max_length=200)] = None,
    after_id: Annotated[int, QueryParameter(ge=0, le=ID_MAX)] = 0,
) -> FoundList:
    """The outlet of a code, number or id, then those whose name begins so; without `q` all. 20 a page. [D-57]"""
    caller = await principal(request)
    scope = acts_on(caller, "numbers.look")
    if caller.kind == "outlet":
        raise Refused(FORBIDDEN())
    after = (after_name, after_id) if after_name is not None else None
    async with app_of(request).connection() as connection:
        results = await search_outlets(connection, q, scope=scope, after=after, limit=FOUND_PAGE)
    return FoundList(
        items=[
            FoundView(
                id=str(each.id),
                code=each.code,
                name=each.name,
                kind=each.kind,
                status=each.status,
                partner=each.partner_name,
                reseller_number=str(each.rs_msisdn) if each.rs_msisdn is not None else None,
                way=each.way,
            )
            for each in results.outlets
        ],
        after_name=str(results.after[0]) if results.after else None,
        after_id=str(results.after[1]) if results.after else None,
    )


@put(
    "/outlets/{outlet:int}/status",
    status_code=204,
    tags=["numbers"],
    opt=says("staff", OUTLET_NOT_FOUND, OUTLET_TERMINATED, OUTLET_NEEDS_RS),
)
async def put_outlet_status(outlet: OutletPath, data: JSONBody[StatusBody], request: AnyRequest) -> None:
    """Suspend an outlet, let it go on, or end it for good with its users, sessions and numbers: from this moment it
    sells no more, and an end is never taken back. [D-19, D-33, D-52, D-71]
    """
    app = app_of(request)
    staff = require_staff(await principal(request), "outlets.stop")
    now, actor, ids = app.clock.now(), actor_of(staff, origin_of(request)), [OutletId(outlet)]
    async with app.connection() as connection:
        if not await outlet_within(connection, outlet, scope_of(staff)):
            raise Refused(OUTLET_NOT_FOUND())
        if data.status == "terminated":
            rules = await app.rules(connection, now)
            (outcome,) = await terminate_outlets(
                connection, ids, reason=data.reason, actor=actor, now=now, ids=app.ids, rules=rules
            )
        else:
            (outcome,) = await set_outlets(
                connection, ids, data.status, reason=data.reason, actor=actor, now=now, ids=app.ids
            )
    accepted(outcome)


OUTLET_ROUTES = [find_outlets, put_outlet_status]
