"""Users of partners: for the partner's administrators, and for staff of its area. [D-57, D-60]"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from konter.access.refusals import USERNAME_TAKEN
from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import (
    AnyRequest,
    accepted,
    app_of,
    origin_of,
    principal,
    require,
    require_staff,
    step_of,
)
from konter.api.v1.bodies import Body, Reason
from konter.api.v1.sales import msisdn_of
from konter.channel.partner_users.add import partner_users
from konter.channel.partner_users.credentials import add_with_partner_credentials, issue_partner_credentials
from konter.channel.partner_users.manage import managing_refusal
from konter.channel.partner_users.model import NewPartnerUser, PartnerRole, PartnerUser
from konter.channel.partner_users.refusals import (
    AREA_NOT_OF_PARTNER,
    PARTNER_HAS_OUTLETS,
    PARTNER_NOT_FOUND,
    PARTNER_NUMBER_TAKEN,
)
from konter.channel.partner_users.stop import end_partner, set_partner_users
from konter.channel.refusals import (
    NN_NOT_OPERATOR,
    PARTNER_NOT_ACTIVE,
    UNKNOWN_AREA,
    USER_ENDED,
    USER_NOT_FOUND,
)
from konter.platform.ids import PartnerId, UserId
from konter.platform.refusal import Refused
from konter.subscriber.refusals import BAD_MSISDN

ID_MAX = 2**63 - 1
PartnerPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
UserPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
ClusterCode = Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["JBJB"])]


class NewPartnerUserBody(Body, frozen=True):
    """A user; OTPs go to `number`. `areas`: the clusters that a field-sales person is kept to, none for all."""

    username: Annotated[str, msgspec.Meta(min_length=3, max_length=32, examples=["rina.mitra"])]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80, examples=["Rina Mitra"])]
    role: Annotated[PartnerRole, msgspec.Meta(examples=["SBP_FIELD_SALES"])]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=30, examples=["081234567890"])]
    areas: Annotated[list[ClusterCode], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=list)
    locale: Literal["id", "en"] = "id"


class PartnerUserStatusBody(Body, frozen=True):
    """blocked may be lifted by active; ended is final."""

    status: Annotated[Literal["active", "blocked", "ended"], msgspec.Meta(examples=["blocked"])]
    reason: Reason


class PartnerEndBody(Body, frozen=True):
    """Why the partner ends."""

    reason: Reason


class PartnerUserView(msgspec.Struct, frozen=True, kw_only=True):
    """A user of a partner."""

    id: str
    username: str
    name: str
    role: PartnerRole
    areas: tuple[str, ...]
    number: str
    status: str
    opened_at: datetime

    @classmethod
    def of(cls, user: PartnerUser) -> "PartnerUserView":
        """What whoever looks after the user sees."""
        return cls(
            id=str(user.id),
            username=user.username,
            name=user.name,
            role=user.role,
            areas=user.areas,
            number=str(user.msisdn),
            status=user.status,
            opened_at=user.opened_at,
        )


class PartnerUserList(msgspec.Struct, frozen=True):
    """By id, a hundred at most; the next page begins `after` the last one's id."""

    items: list[PartnerUserView]


class PartnerUserId(msgspec.Struct, frozen=True):
    """The user that was added; the first password is on its way by SMS."""

    id: str


@get("/partners/{partner:int}/users", tags=["channel"], opt=says("beginner", PARTNER_NOT_FOUND))
async def list_partner_users(
    partner: PartnerPath, request: AnyRequest, after: Annotated[int, QueryParameter(ge=0, le=ID_MAX)] = 0
) -> PartnerUserList:
    """A partner's users that have not ended."""
    caller = require(await principal(request), "set_pin")
    async with app_of(request).connection() as connection:
        if (refusal := await managing_refusal(connection, PartnerId(partner), caller)) is not None:
            raise Refused(refusal)
        users = await partner_users(connection, PartnerId(partner), after=after)
    return PartnerUserList([PartnerUserView.of(user) for user in users])


@post(
    "/partners/{partner:int}/users",
    tags=["channel"],
    opt=says(
        "beginner",
        *(PARTNER_NOT_FOUND, PARTNER_NOT_ACTIVE, USERNAME_TAKEN, PARTNER_NUMBER_TAKEN, NN_NOT_OPERATOR, BAD_MSISDN),
        *(UNKNOWN_AREA, AREA_NOT_OF_PARTNER),
    ),
)
async def create_partner_user(
    partner: PartnerPath, data: JSONBody[NewPartnerUserBody], request: AnyRequest
) -> PartnerUserId:
    """Add a user, whose first password is sent by SMS and must be changed."""
    caller, app = require(await principal(request), "set_pin"), app_of(request)
    actor = actor_of(caller, origin_of(request))
    async with app.connection() as connection:
        if (refusal := await managing_refusal(connection, PartnerId(partner), caller)) is not None:
            raise Refused(refusal)
        new = NewPartnerUser(
            partner_id=PartnerId(partner),
            username=data.username,
            name=data.name,
            role=data.role,
            msisdn=msisdn_of(data.number),
            areas=tuple(data.areas),
            locale=data.locale,
        )
        step = await step_of(request, connection)
    added = await add_with_partner_credentials(
        app.pool, app.passwords, new, actor=actor, now=step.now, ids=app.ids, keys=app.keys, rules=step.rules
    )
    return PartnerUserId(str(accepted(added)))


@post(
    "/partners/{partner:int}/users/{user:int}/credentials",
    status_code=204,
    tags=["channel"],
    opt=says("beginner", PARTNER_NOT_FOUND, USER_NOT_FOUND, USER_ENDED),
)
async def post_partner_credentials(partner: PartnerPath, user: UserPath, request: AnyRequest) -> None:
    """Send another first password; sessions and locks go with the old one."""
    caller = require(await principal(request), "set_pin")
    async with app_of(request).connection() as connection:
        refusal = await managing_refusal(connection, PartnerId(partner), caller, user_id=UserId(user))
    if refusal is not None:
        raise Refused(refusal)
    await _send_credentials(request, UserId(user))


async def _send_credentials(request: AnyRequest, user_id: UserId) -> None:
    app, now = app_of(request), app_of(request).clock.now()
    actor = actor_of(await principal(request), origin_of(request))
    rules = await app.rules_at_hand(now)
    (outcome,) = await issue_partner_credentials(
        app.pool, app.passwords, [user_id], actor=actor, now=now, ids=app.ids, keys=app.keys, rules=rules
    )
    accepted(outcome)


@post(
    "/partners/{partner:int}/users/{user:int}/status",
    status_code=204,
    tags=["channel"],
    opt=says("beginner", PARTNER_NOT_FOUND, USER_NOT_FOUND, USER_ENDED),
)
async def post_partner_user_status(
    partner: PartnerPath, user: UserPath, data: JSONBody[PartnerUserStatusBody], request: AnyRequest
) -> None:
    """Block a user, lift the block, or end the user for good; block and end are felt at once."""
    caller, app = require(await principal(request), "set_pin"), app_of(request)
    async with app.connection() as connection:
        refusal = await managing_refusal(connection, PartnerId(partner), caller, user_id=UserId(user))
        if refusal is not None:
            raise Refused(refusal)
        (outcome,) = await set_partner_users(
            connection,
            [UserId(user)],
            data.status,
            reason=data.reason,
            actor=actor_of(caller, origin_of(request)),
            now=app.clock.now(),
            ids=app.ids,
        )
    accepted(outcome)


@post(
    "/partners/{partner:int}/end",
    status_code=204,
    tags=["channel"],
    opt=says("staff", PARTNER_NOT_FOUND, PARTNER_NOT_ACTIVE, PARTNER_HAS_OUTLETS),
)
async def post_partner_end(partner: PartnerPath, data: JSONBody[PartnerEndBody], request: AnyRequest) -> None:
    """End a partner that answers for no outlet any more; its users are out at once. [D-59]"""
    staff, app = require_staff(await principal(request), "partners.end"), app_of(request)
    async with app.connection() as connection:
        refusal = await managing_refusal(connection, PartnerId(partner), staff, permission="partners.end")
        if refusal is not None:
            raise Refused(refusal)
        outcome = await end_partner(
            connection,
            PartnerId(partner),
            reason=data.reason,
            actor=actor_of(staff, origin_of(request)),
            now=app.clock.now(),
            ids=app.ids,
        )
    accepted(outcome)


PARTNER_USER_ROUTES = [
    list_partner_users,
    create_partner_user,
    post_partner_credentials,
    post_partner_user_status,
    post_partner_end,
]
