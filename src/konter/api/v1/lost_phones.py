"""Lost phones: report one, see which are reported, lift a report. [D-48, D-52]"""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody, PathParameter

from konter.access.login import Attempt, with_password
from konter.access.model import User
from konter.access.refusals import ACCOUNT_LOCKED, BAD_CREDENTIALS
from konter.access.step import Step, actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require, require_staff, step_of
from konter.api.v1.bodies import Body, Password, Reason, Username
from konter.api.v1.sales import msisdn_of
from konter.channel.lost_phones.lift import lift_lost
from konter.channel.lost_phones.model import NOTE_CHARS_MAX, LostPhone
from konter.channel.lost_phones.refusals import LOST_PHONE_LIFTED, LOST_PHONE_NOT_FOUND, SELLER_NUMBER_NOT_FOUND
from konter.channel.lost_phones.report import lost_phones, report_lost, report_own
from konter.channel.scope import scope_of
from konter.platform.db import Connection
from konter.platform.ids import LostPhoneId
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal, Refused
from konter.subscriber.refusals import BAD_MSISDN

ID_MAX = 2**63 - 1
ReportPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
Note = Annotated[str, msgspec.Meta(max_length=NOTE_CHARS_MAX, examples=["tertinggal di angkot"])]


class LostBody(Body, frozen=True):
    """The number whose phone is lost."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=30, examples=["081234567890"])]
    note: Note = ""


class LostByPasswordBody(Body, frozen=True):
    """Whoever has lost the phone has no session and gets no OTP: the password is enough."""

    username: Username
    password: Password
    note: Note = ""


class LiftBody(Body, frozen=True):
    """Why the number is its owner's again."""

    reason: Reason


class LostPhoneView(msgspec.Struct, frozen=True, kw_only=True):
    """A report. `way`: self, owner, partner or staff."""

    id: str
    number: str
    way: str
    note: str
    reported_by: str
    reported_at: datetime

    @classmethod
    def of(cls, report: LostPhone) -> "LostPhoneView":
        """What those see who may act on the number."""
        return cls(
            id=str(report.id),
            number=str(report.msisdn),
            way=report.way,
            note=report.note,
            reported_by=report.reported_by,
            reported_at=report.reported_at,
        )


class LostPhoneList(msgspec.Struct, frozen=True):
    """Open reports, oldest first, a hundred at most."""

    items: list[LostPhoneView]


@post("/lost-phones", status_code=200, tags=["phones"], opt=says("beginner", BAD_MSISDN, SELLER_NUMBER_NOT_FOUND))
async def report_lost_phone(data: JSONBody[LostBody], request: AnyRequest) -> LostPhoneView:
    """Report a phone lost: the own one, as an owner one of the outlet's, as a partner or staff one they answer for.

    From now on the number neither logs in, nor gets an OTP, nor sells, and its sessions are gone. Again is no harm.
    """
    caller, app = require(await principal(request), "set_pin"), app_of(request)
    number = msisdn_of(data.number)
    async with app.connection() as connection:
        outcome = await report_lost(
            connection,
            number,
            note=data.note,
            principal=caller,
            origin=origin_of(request),
            step=await step_of(request, connection),
        )
    return LostPhoneView.of(accepted(outcome))


@post(
    "/lost-phones/own",
    status_code=204,
    tags=["phones"],
    opt=says("anybody", BAD_CREDENTIALS, ACCOUNT_LOCKED, TOO_MANY_REQUESTS),
)
async def report_own_phone(data: JSONBody[LostByPasswordBody], request: AnyRequest) -> None:
    """Report the own phone lost with nothing but user name and password."""
    app, now, origin = app_of(request), app_of(request).clock.now(), origin_of(request)

    async def report(connection: Connection, user: User, step: Step) -> Refusal | LostPhone:
        return await report_own(connection, user, note=data.note, origin=origin, step=step)

    attempt = Attempt(username=data.username, password=data.password, origin=origin)
    rules = await app.rules_at_hand(now)
    accepted(
        await with_password(app.pool, app.passwords, attempt, report, now=now, ids=app.ids, keys=app.keys, rules=rules)
    )


@get("/lost-phones", tags=["phones"], opt=says("staff"))
async def list_lost_phones(request: AnyRequest) -> LostPhoneList:
    """Phones that are reported lost and whose SIM has not been replaced."""
    staff = require_staff(await principal(request), "phones.report")
    async with app_of(request).connection() as connection:
        return LostPhoneList(
            [LostPhoneView.of(report) for report in await lost_phones(connection, scope=scope_of(staff))]
        )


@post(
    "/lost-phones/{report:int}/lift",
    status_code=204,
    tags=["phones"],
    opt=says("staff", LOST_PHONE_NOT_FOUND, LOST_PHONE_LIFTED),
)
async def lift_lost_phone(report: ReportPath, data: JSONBody[LiftBody], request: AnyRequest) -> None:
    """Lift a report with a reason; its user logs in again."""
    staff, app = require_staff(await principal(request), "phones.lift"), app_of(request)
    async with app.connection() as connection:
        refusal = await lift_lost(
            connection,
            LostPhoneId(report),
            why=data.reason,
            actor=actor_of(staff, origin_of(request)),
            step=await step_of(request, connection),
            principal=staff,
        )
    if refusal is not None:
        raise Refused(refusal)


LOST_PHONE_ROUTES = [report_lost_phone, report_own_phone, list_lost_phones, lift_lost_phone]
