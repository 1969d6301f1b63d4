"""Numbers of outlets over HTTP: for an outlet's owner its own, for partners and staff those of their outlets."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.params import JSONBody, PathParameter

from konter.access.model import Principal
from konter.access.refusals import PIN_NOT_SET, USERNAME_TAKEN
from konter.access.staff.roles import Permission, may
from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require
from konter.api.v1.bodies import Body, Reason, Username
from konter.api.v1.sales import ID_MAX, msisdn_of
from konter.channel.add_users import end_users
from konter.channel.credentials import add_with_credentials
from konter.channel.model import NewUser
from konter.channel.numbers.model import NnChange, NnChanged, NumberType, RsChange, RsChanged
from konter.channel.numbers.notification import change_notification_numbers
from konter.channel.numbers.read import NumberStory, OutletNumbers, number_story, outlet_numbers
from konter.channel.numbers.refusals import NN_RELEASED, NUMBER_NOT_FOUND, OUTLET_NEEDS_RS, RS_IS_NN
from konter.channel.numbers.reseller import change_reseller_numbers
from konter.channel.numbers.types import change_types
from konter.channel.refusals import (
    NN_ALREADY_LINKED,
    NN_COOLING_DOWN,
    NN_NOT_OPERATOR,
    NN_REPORTED_LOST,
    OUTLET_NOT_ACTIVE,
    OUTLET_NOT_FOUND,
    OUTLET_TERMINATED,
    RS_ALREADY_REGISTERED,
    RS_NOT_OPERATOR,
    USER_ENDED,
    USER_NOT_FOUND,
)
from konter.channel.scope import Scope, scope_of
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId, UserId
from konter.platform.refusal import FORBIDDEN, Refused
from konter.subscriber.refusals import BAD_MSISDN

OutletPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
UserPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
NumberText = Annotated[str, msgspec.Meta(min_length=1, max_length=30, examples=["081234567890"])]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80, examples=["Siti Rahayu"])]
NN_NO = (BAD_MSISDN, NN_NOT_OPERATOR, NN_ALREADY_LINKED, NN_COOLING_DOWN, NN_REPORTED_LOST)


class ResellerBody(Body, frozen=True):
    """The reseller number from now on, null for none, and why."""

    number: NumberText | None
    reason: Reason


class LinkBody(Body, frozen=True):
    """The notification number from now on, null for none, and why."""

    number: NumberText | None
    reason: Reason
    type: NumberType = "FRONTLINER"


class TypeBody(Body, frozen=True):
    """What a user's notification number is to the outlet."""

    type: NumberType


class FrontlinerBody(Body, frozen=True):
    """Somebody who shall sell at the outlet; the password goes to the number by SMS."""

    username: Username
    name: Name
    number: NumberText
    type: NumberType = "FRONTLINER"


class UserNumberView(msgspec.Struct, frozen=True, kw_only=True):
    """A user and the notification number, null while there is none. `status`: active, blocked or unlinked."""

    id: str
    username: str
    name: str
    role: str
    status: str
    number: str | None
    type: NumberType | None
    linked_at: datetime | None


class OutletNumbersView(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet's reseller number and its users who have not left, by name."""

    outlet: str
    status: str
    reseller_number: str | None
    users: list[UserNumberView]

    @classmethod
    def of(cls, found: OutletNumbers) -> "OutletNumbersView":
        """What those see who may act on the outlet."""
        return cls(
            outlet=str(found.outlet_id),
            status=found.status,
            reseller_number=str(found.rs_msisdn) if found.rs_msisdn is not None else None,
            users=[
                UserNumberView(
                    id=str(line.user_id),
                    username=line.username,
                    name=line.name,
                    role=line.role,
                    status=line.status,
                    number=str(line.msisdn) if line.msisdn is not None else None,
                    type=line.type,
                    linked_at=line.linked_at,
                )
                for line in found.users
            ],
        )


class StretchView(msgspec.Struct, frozen=True, kw_only=True):
    """A registration. `kind`: RS of the outlet, or NN of the user there; `ended_why` is null for the one that lives."""

    kind: str
    outlet: str
    outlet_code: str
    outlet_name: str
    user: str | None
    begun_at: datetime
    begun_why: str
    ended_at: datetime | None
    ended_why: str | None


class NumberStoryView(msgspec.Struct, frozen=True, kw_only=True):
    """A number's registrations, newest first, and its conflicts that are still open."""

    number: str
    stretches: list[StretchView]
    open_conflicts: list[str]

    @classmethod
    def of(cls, story: NumberStory) -> "NumberStoryView":
        """As far as it played at outlets that the caller may see."""
        return cls(
            number=str(story.msisdn),
            stretches=[
                StretchView(
                    kind=each.registration.kind,
                    outlet=str(each.registration.outlet_id),
                    outlet_code=each.outlet_code,
                    outlet_name=each.outlet_name,
                    user=each.user_name,
                    begun_at=each.registration.begun_at,
                    begun_why=each.registration.begun_why,
                    ended_at=each.registration.ended_at,
                    ended_why=each.registration.ended_why,
                )
                for each in story.stretches
            ],
            open_conflicts=[str(each.id) for each in story.conflicts if each.state == "open"],
        )


class ChangedView(msgspec.Struct, frozen=True, kw_only=True):
    """The number now and before; null: none."""

    number: str | None
    was: str | None

    @classmethod
    def of(cls, changed: RsChanged | NnChanged) -> "ChangedView":
        """What came of a change."""
        return cls(
            number=str(changed.msisdn) if changed.msisdn is not None else None,
            was=str(changed.was) if changed.was is not None else None,
        )


class UserIdView(msgspec.Struct, frozen=True):
    """The id of whoever was added."""

    id: str


def _number(text: str | None) -> Msisdn | None:
    return msisdn_of(text) if text is not None else None


def acts_on(caller: Principal, permission: Permission, *partner_roles: str) -> Scope:
    """The outlets that somebody may act on: an owner's own, a partner's, those of staff with the permission. FORBIDDEN
    for whoever may not.
    """
    require(caller, "ready")
    allowed = {
        "outlet": "OUTLET_OWNER" in caller.roles,
        "partner": not partner_roles or bool(set(partner_roles) & set(caller.roles)),
        "staff": may(caller.roles, permission),
    }
    if not allowed[caller.kind]:
        raise Refused(FORBIDDEN())
    return scope_of(caller)


@get("/outlets/{outlet:int}/numbers", tags=["numbers"], opt=says("beginner", PIN_NOT_SET, OUTLET_NOT_FOUND))
async def get_outlet_numbers(outlet: OutletPath, request: AnyRequest) -> OutletNumbersView:
    """An outlet's reseller number and its users with theirs: for its owner, its partner, staff of its area. [D-27]"""
    scope = acts_on(await principal(request), "numbers.look")
    async with app_of(request).connection() as connection:
        return OutletNumbersView.of(accepted(await outlet_numbers(connection, OutletId(outlet), scope=scope)))


@put(
    "/outlets/{outlet:int}/reseller-number",
    tags=["numbers"],
    opt=says(
        "beginner",
        PIN_NOT_SET,
        *(OUTLET_NOT_FOUND, OUTLET_TERMINATED, BAD_MSISDN, RS_NOT_OPERATOR, RS_ALREADY_REGISTERED, RS_IS_NN),
        *(NN_COOLING_DOWN, OUTLET_NEEDS_RS),
    ),
)
async def put_reseller_number(outlet: OutletPath, data: JSONBody[ResellerBody], request: AnyRequest) -> ChangedView:
    """Register an outlet's reseller number, in place of the one before. Again is no harm. Without one (null) the number
    is free at once; an outlet that sells needs one. [D-19, D-31, D-33, D-34]
    """
    app, caller = app_of(request), await principal(request)
    scope = acts_on(caller, "numbers.change", "SBP_ADMIN")
    change = RsChange(outlet_id=OutletId(outlet), msisdn=_number(data.number), reason=data.reason)
    now = app.clock.now()
    async with app.connection() as connection:
        (outcome,) = await change_reseller_numbers(
            connection,
            [change],
            scope=scope,
            actor=actor_of(caller, origin_of(request)),
            now=now,
            ids=app.ids,
            rules=await app.rules(connection, now),
        )
    return ChangedView.of(accepted(outcome))


@post(
    "/outlets/{outlet:int}/users",
    tags=["numbers"],
    opt=says("beginner", PIN_NOT_SET, OUTLET_NOT_FOUND, OUTLET_NOT_ACTIVE, USERNAME_TAKEN, *NN_NO),
)
async def create_frontliner(outlet: OutletPath, data: JSONBody[FrontlinerBody], request: AnyRequest) -> UserIdView:
    """Add a front-liner with a notification number, to which the first password goes. [D-06, D-22, D-27, D-28]"""
    app, caller = app_of(request), await principal(request)
    scope, number = acts_on(caller, "numbers.change", "SBP_ADMIN"), msisdn_of(data.number)
    new = NewUser(
        outlet_id=OutletId(outlet),
        username=data.username,
        name=data.name,
        role="FRONTLINER",
        nn_msisdn=number,
        nn_type=data.type,
        locale=caller.locale,
    )
    now, actor = app.clock.now(), actor_of(caller, origin_of(request))
    async with app.connection() as connection:
        rules = await app.rules(connection, now)
        accepted(await outlet_numbers(connection, new.outlet_id, scope=scope))
    added = await add_with_credentials(
        app.pool, app.passwords, new, actor=actor, now=now, ids=app.ids, keys=app.keys, rules=rules
    )
    return UserIdView(str(accepted(added)))


@put(
    "/outlets/{outlet:int}/users/{user:int}/number",
    tags=["numbers"],
    opt=says("beginner", PIN_NOT_SET, OUTLET_NOT_FOUND, USER_NOT_FOUND, USER_ENDED, OUTLET_TERMINATED, *NN_NO),
)
async def put_notification_number(
    outlet: OutletPath, user: UserPath, data: JSONBody[LinkBody], request: AnyRequest
) -> ChangedView:
    """Give a user another notification number; the one before is dead at once and cools down. Without one (null) the
    user sells and logs in no more until the next; nobody lets go of the own number. [D-22, D-26, G-D06]
    """
    app, caller = app_of(request), await principal(request)
    scope = acts_on(caller, "numbers.change", "SBP_ADMIN")
    number, now = _number(data.number), app.clock.now()
    async with app.connection() as connection:
        await _known_there(connection, outlet, user, scope)
        if number is None and caller.kind == "outlet" and user == caller.user_id:
            raise Refused(FORBIDDEN())
        (outcome,) = await change_notification_numbers(
            connection,
            [NnChange(user_id=UserId(user), msisdn=number, type=data.type, reason=data.reason)],
            scope=scope,
            actor=actor_of(caller, origin_of(request)),
            now=now,
            ids=app.ids,
            rules=await app.rules(connection, now),
        )
    return ChangedView.of(accepted(outcome))


@put(
    "/outlets/{outlet:int}/users/{user:int}/number-type",
    status_code=204,
    tags=["numbers"],
    opt=says("beginner", PIN_NOT_SET, OUTLET_NOT_FOUND, USER_NOT_FOUND, USER_ENDED, NN_RELEASED),
)
async def put_number_type(outlet: OutletPath, user: UserPath, data: JSONBody[TypeBody], request: AnyRequest) -> None:
    """Say anew what a user's notification number is to the outlet; nothing else changes. [D-28]"""
    app, caller = app_of(request), await principal(request)
    scope = acts_on(caller, "numbers.change", "SBP_ADMIN")
    async with app.connection() as connection:
        await _known_there(connection, outlet, user, scope)
        (outcome,) = await change_types(
            connection,
            [(UserId(user), data.type)],
            scope=scope,
            actor=actor_of(caller, origin_of(request)),
            now=app.clock.now(),
            ids=app.ids,
        )
    accepted(outcome)


@delete(
    "/outlets/{outlet:int}/users/{user:int}",
    status_code=204,
    tags=["numbers"],
    opt=says("beginner", PIN_NOT_SET, OUTLET_NOT_FOUND, USER_NOT_FOUND, USER_ENDED),
)
async def delete_user(outlet: OutletPath, user: UserPath, request: AnyRequest) -> None:
    """A user leaves for good: every session ends, and the number is free after the cool-down. [D-26, G-D06]"""
    app, caller = app_of(request), await principal(request)
    scope = acts_on(caller, "numbers.change", "SBP_ADMIN")
    now = app.clock.now()
    async with app.connection() as connection:
        await _known_there(connection, outlet, user, scope)
        if caller.kind == "outlet" and user == caller.user_id:
            raise Refused(FORBIDDEN())  # who owns the outlet ends with the outlet
        (outcome,) = await end_users(
            connection,
            [UserId(user)],
            actor=actor_of(caller, origin_of(request)),
            now=now,
            ids=app.ids,
            rules=await app.rules(connection, now),
        )
    accepted(outcome)


async def _known_there(connection: Connection, outlet: int, user: int, scope: Scope) -> None:
    """Raise for an outlet that is not the caller's to act on, or a user who is not there."""
    found = accepted(await outlet_numbers(connection, OutletId(outlet), scope=scope))
    if user not in {line.user_id for line in found.users}:
        raise Refused(USER_NOT_FOUND())


@get("/numbers/{msisdn:str}", tags=["numbers"], opt=says("beginner", PIN_NOT_SET, BAD_MSISDN, NUMBER_NOT_FOUND))
async def get_number(msisdn: Annotated[str, PathParameter(max_length=30)], request: AnyRequest) -> NumberStoryView:
    """Whose a number was, from when to when and why: for partners as far as it was at their outlets. [D-31, D-32]"""
    caller = await principal(request)
    scope = acts_on(caller, "numbers.look")
    if caller.kind == "outlet":
        raise Refused(FORBIDDEN())
    async with app_of(request).connection() as connection:
        return NumberStoryView.of(accepted(await number_story(connection, msisdn_of(msisdn), scope=scope)))


NUMBER_ROUTES = [
    get_outlet_numbers,
    put_reseller_number,
    create_frontliner,
    put_notification_number,
    put_number_type,
    delete_user,
    get_number,
]
