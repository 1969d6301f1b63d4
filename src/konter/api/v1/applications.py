"""Apply to become a seller: prove a number, fill the form, send it. [D-01, D-02, D-03, D-56, D-82]

Who has proved a number gets a token of the application, sent as bearer; it opens nothing else.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import JSONBody, PathParameter

from konter.access.proofs.model import ProofStarted
from konter.access.refusals import OTP_EXPIRED, OTP_RESEND_TOO_SOON, OTP_TOO_MANY, OTP_WRONG, SIM_TOO_FRESH
from konter.access.step import Given
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, bearer, origin_of
from konter.api.problems import BODY_TYPES
from konter.api.v1.application_views import ApplicationView
from konter.api.v1.bodies import Body, Code
from konter.api.v1.sales import msisdn_of
from konter.channel.numbers.refusals import RS_IS_NN, SELLER_NUMBER_LINKED
from konter.channel.onboarding.fill import Declaration, Filled, Where, WhichNumbers, Who, add_number, save
from konter.channel.onboarding.photo.image import UPLOAD_BYTES_MAX
from konter.channel.onboarding.photo.keep import keep_photo
from konter.channel.onboarding.prove import ask_again, ask_proof
from konter.channel.onboarding.queues.read import mine
from konter.channel.onboarding.refusals import (
    APPLICATION_DECIDED,
    APPLICATION_INCOMPLETE,
    APPLICATION_SENT,
    APPLICATION_SIGNED_OUT,
    APPLICATION_WITHDRAWN,
    BLACKLISTED,
    DECLARATION_NEEDED,
    NIK_ALREADY_APPLIED,
    NIK_ALREADY_SELLS,
    NIK_INVALID,
    NO_PARTNER_IN_DISTRICT,
    NUMBER_ALREADY_SELLS,
    NUMBER_IN_APPLICATION,
    NUMBER_NOT_OPERATOR,
    NUMBER_NOT_PROVED,
    PHOTO_BLANK,
    PHOTO_NOT_AN_IMAGE,
    PHOTO_TOO_LARGE,
    PHOTO_TOO_SMALL,
    PHOTO_TRUNCATED,
    PROOF_NOT_FOUND,
    RS_MUST_DIFFER,
    SELLER_NUMBER_UNKNOWN,
)
from konter.channel.onboarding.send import submit, withdraw
from konter.channel.onboarding.start import start
from konter.channel.refusals import (
    NN_ALREADY_LINKED,
    NN_COOLING_DOWN,
    NN_NOT_OPERATOR,
    NN_REPORTED_LOST,
    RS_ALREADY_REGISTERED,
    RS_NOT_OPERATOR,
)
from konter.channel.territory.places import Position
from konter.channel.territory.refusals import UNKNOWN_DISTRICT
from konter.platform.db import Connection
from konter.platform.i18n import locale_of
from konter.platform.refusal import BODY_TOO_LARGE, TOO_MANY_REQUESTS, UNSUPPORTED_MEDIA_TYPE
from konter.subscriber.msisdn import masked
from konter.subscriber.refusals import BAD_MSISDN

OPEN_NO = (APPLICATION_SIGNED_OUT, APPLICATION_SENT, APPLICATION_WITHDRAWN)
NUMBERS_NO = (
    NUMBER_NOT_PROVED,
    RS_MUST_DIFFER,
    RS_NOT_OPERATOR,
    RS_ALREADY_REGISTERED,
    RS_IS_NN,
    NN_NOT_OPERATOR,
    NN_ALREADY_LINKED,
    NN_COOLING_DOWN,
    NN_REPORTED_LOST,
    SELLER_NUMBER_UNKNOWN,
    SELLER_NUMBER_LINKED,
)
PROOF_NO = (BAD_MSISDN, NUMBER_NOT_OPERATOR, OTP_RESEND_TOO_SOON, OTP_TOO_MANY, NN_REPORTED_LOST, SIM_TOO_FRESH)
CODE_NO = (PROOF_NOT_FOUND, OTP_WRONG, OTP_EXPIRED, NUMBER_ALREADY_SELLS, NN_REPORTED_LOST)
PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
ProofPath = Annotated[str, PathParameter(max_length=64, description="`proof_id` of the answer that started it")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=400, examples=["Sukses Cell"])]
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=30, examples=["081234567890"])]
Nik = Annotated[str, msgspec.Meta(max_length=40, examples=["3276010101900001"])]
District = Annotated[str, msgspec.Meta(max_length=20, examples=["32.76.01"])]
Udeg = Annotated[int, msgspec.Meta(ge=-(10**9), le=10**9, examples=[-6402500])]


class NumberBody(Body, frozen=True):
    """A number of the operator that is the caller's own."""

    msisdn: Number


class ProofCodeBody(Body, frozen=True):
    """The OTP from the SMS."""

    code: Code


class WhoBody(Body, frozen=True):
    """What kind of seller, and whose. A NIK that was given before may be left out."""

    kind: Annotated[Literal["outlet", "individual"], msgspec.Meta(examples=["outlet"])]
    outlet_name: Name
    owner_name: Name
    nik: Nik = ""


class PositionBody(Body, frozen=True):
    """A point in millionths of a degree, north and east positive."""

    latitude_udeg: Udeg
    longitude_udeg: Udeg


class WhereBody(Body, frozen=True):
    """The address, its district (kecamatan) by the state's code, and exactly where if known."""

    address: Annotated[str, msgspec.Meta(min_length=1, max_length=400, examples=["Jl. Margonda 1"])]
    district: District
    position: PositionBody | None = None


class NumbersBody(Body, frozen=True):
    """Reseller number, notification number, and the seller number of the older channel if any; each proved before."""

    reseller: Number
    notification: Number
    seller: Annotated[str, msgspec.Meta(max_length=30)] = ""


class DeclarationBody(Body, frozen=True):
    """Who signs the form, in which capacity, and that documents and details are true."""

    signatory: Name
    capacity: Annotated[Literal["owner", "authorised"], msgspec.Meta(examples=["owner"])]
    declared: bool
    version: Annotated[str, msgspec.Meta(max_length=10, examples=["1.0"])]


class SubmissionBody(Body, frozen=True):
    """The caller's name for this submission: sent again it is the same one."""

    client_ref: Annotated[UUID, msgspec.Meta(examples=["b0a7f3f8-0f52-4c5e-9d57-2f1f3f6f7d10"])]


class ProofView(msgspec.Struct, frozen=True, kw_only=True):
    """An OTP is on its way to the number."""

    proof_id: str
    sent_to: str
    expires_at: datetime
    resend_at: datetime

    @classmethod
    def of(cls, started: ProofStarted) -> "ProofView":
        """What the caller is told."""
        return cls(
            proof_id=started.proof_id,
            sent_to=masked(started.msisdn),
            expires_at=started.expires_at,
            resend_at=started.resend_at,
        )


class OpenedView(msgspec.Struct, frozen=True, kw_only=True):
    """An application is open: send the token as `Authorization: Bearer …`. The token of any other phone has ended."""

    token: str
    application: str
    resumed: bool
    expires_at: datetime


@post("/applications/proofs", status_code=200, tags=["applications"], opt=says("anybody", *PROOF_NO, module="apply"))
async def start_proof(data: JSONBody[NumberBody], request: AnyRequest) -> ProofView:
    """Send an OTP to a number of the operator. Any other number is refused here. [D-02]"""
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        outcome = await ask_proof(
            connection,
            msisdn_of(data.msisdn),
            locale=locale_of(request.headers.get("accept-language")),
            origin=origin_of(request),
            now=now,
            ids=app.ids,
            keys=app.keys,
            rules=await app.rules(connection, now),
        )
    return ProofView.of(accepted(outcome))


@post(
    "/applications/proofs/{proof_id:str}/resend",
    status_code=200,
    tags=["applications"],
    opt=says("anybody", PROOF_NOT_FOUND, *PROOF_NO, module="apply"),
)
async def resend_proof(proof_id: ProofPath, request: AnyRequest) -> ProofView:
    """Send another OTP to the same number, under another id; the old code fits no longer."""
    async with app_of(request).connection() as connection:
        outcome = await ask_again(connection, proof_id, **await _given(request, connection))
    return ProofView.of(accepted(outcome))


@post(
    "/applications/proofs/{proof_id:str}",
    status_code=200,
    tags=["applications"],
    opt=says("anybody", *CODE_NO, BLACKLISTED, module="apply"),
)
async def open_application(proof_id: ProofPath, data: JSONBody[ProofCodeBody], request: AnyRequest) -> OpenedView:
    """Begin an application with the right OTP, or go on with the one in which the number stands. [D-03]"""
    async with app_of(request).connection() as connection:
        outcome = accepted(await start(connection, proof_id, data.code, **await _given(request, connection)))
    return OpenedView(
        token=outcome.token,
        application=str(outcome.application_id),
        resumed=outcome.resumed,
        expires_at=outcome.expires_at,
    )


@get("/applications/mine", tags=["applications"], opt=says("anybody", APPLICATION_SIGNED_OUT))
async def read_own_application(request: AnyRequest) -> ApplicationView:
    """The own application; `missing` names the steps still to be taken."""
    async with app_of(request).connection() as connection:
        return await _mine(request, connection)


@put(
    "/applications/mine/who",
    tags=["applications"],
    opt=says("anybody", *OPEN_NO, NIK_INVALID, BLACKLISTED, module="apply"),
)
async def put_who(data: JSONBody[WhoBody], request: AnyRequest) -> ApplicationView:
    """Who applies. The NIK is kept sealed and shown masked. [D-01, D-55]"""
    filled = Who(kind=data.kind, outlet_name=data.outlet_name, owner_name=data.owner_name, nik=data.nik)
    return await _saved(request, filled)


@put(
    "/applications/mine/where",
    tags=["applications"],
    opt=says("anybody", *OPEN_NO, UNKNOWN_DISTRICT, NO_PARTNER_IN_DISTRICT, module="apply"),
)
async def put_where(data: JSONBody[WhereBody], request: AnyRequest) -> ApplicationView:
    """Where the outlet is; the partner of the district answers for it. [D-59, G-D08]"""
    position = Position(data.position.latitude_udeg, data.position.longitude_udeg) if data.position else None
    return await _saved(request, Where(address=data.address, district=data.district, position=position))


@post(
    "/applications/mine/numbers/{proof_id:str}",
    status_code=200,
    tags=["applications"],
    opt=says("anybody", *OPEN_NO, *CODE_NO, NUMBER_IN_APPLICATION, module="apply"),
)
async def add_own_number(proof_id: ProofPath, data: JSONBody[ProofCodeBody], request: AnyRequest) -> ApplicationView:
    """Another number of the applicant's own, by the OTP of a proof. It stands in one open application at a time."""
    async with app_of(request).connection() as connection:
        given = await _given(request, connection)
        accepted(await add_number(connection, bearer(request) or "", proof_id, data.code, **given))
        return await _mine(request, connection)


@put(
    "/applications/mine/numbers",
    tags=["applications"],
    opt=says("anybody", *OPEN_NO, BAD_MSISDN, *NUMBERS_NO, module="apply"),
)
async def put_numbers(data: JSONBody[NumbersBody], request: AnyRequest) -> ApplicationView:
    """Reseller and notification number, and the older channel's if there is one. [D-19, D-20, D-22]"""
    filled = WhichNumbers(
        rs=msisdn_of(data.reseller),
        nn=msisdn_of(data.notification),
        ussd=msisdn_of(data.seller) if data.seller.strip() else None,
    )
    return await _saved(request, filled)


@put(
    "/applications/mine/photo",
    tags=["applications"],
    request_max_body_size=UPLOAD_BYTES_MAX,
    opt={
        BODY_TYPES: PHOTO_TYPES,
        **says(
            "anybody",
            *OPEN_NO,
            PHOTO_NOT_AN_IMAGE,
            PHOTO_TRUNCATED,
            PHOTO_TOO_LARGE,
            PHOTO_TOO_SMALL,
            PHOTO_BLANK,
            TOO_MANY_REQUESTS,
            BODY_TOO_LARGE,
            UNSUPPORTED_MEDIA_TYPE,
        ),
    },
)
async def put_photo(request: AnyRequest) -> ApplicationView:
    """The identity card: JPEG, PNG or WebP as the body itself. Kept re-encoded, without where it was taken. [D-55]"""
    app, now = app_of(request), app_of(request).clock.now()
    raw = await request.body()
    outcome = await keep_photo(
        app.pool,
        app.photos,
        bearer(request) or "",
        raw,
        origin=origin_of(request),
        now=now,
        ids=app.ids,
        keys=app.keys,
        rules=await app.rules_at_hand(now),
    )
    accepted(outcome)
    async with app.connection() as connection:
        return await _mine(request, connection)


@put(
    "/applications/mine/declaration",
    tags=["applications"],
    opt=says("anybody", *OPEN_NO, DECLARATION_NEEDED, module="apply"),
)
async def put_declaration(data: JSONBody[DeclarationBody], request: AnyRequest) -> ApplicationView:
    """Who signs the User Application Form, and that all of it is true. [D-56, D-82]"""
    filled = Declaration(signatory=data.signatory, capacity=data.capacity, declared=data.declared, version=data.version)
    return await _saved(request, filled)


@post(
    "/applications/mine/submission",
    status_code=200,
    tags=["applications"],
    opt=says(
        "anybody",
        *OPEN_NO,
        *NUMBERS_NO,
        APPLICATION_INCOMPLETE,
        NIK_ALREADY_APPLIED,
        NIK_ALREADY_SELLS,
        BLACKLISTED,
        NO_PARTNER_IN_DISTRICT,
        module="apply",
    ),
)
async def submit_application(data: JSONBody[SubmissionBody], request: AnyRequest) -> ApplicationView:
    """Send it to the partner of the place. The same `client_ref` again is the same submission. [D-03, G-D09]"""
    async with app_of(request).connection() as connection:
        given = await _given(request, connection)
        accepted(await submit(connection, bearer(request) or "", client_ref=data.client_ref, **given))
        return await _mine(request, connection)


@post(
    "/applications/mine/withdrawal",
    status_code=204,
    tags=["applications"],
    opt=says("anybody", APPLICATION_SIGNED_OUT, APPLICATION_DECIDED, APPLICATION_WITHDRAWN),
)
async def withdraw_application(request: AnyRequest) -> None:
    """Take it back: what was filled in is erased, and the numbers are free."""
    async with app_of(request).connection() as connection:
        accepted(await withdraw(connection, bearer(request) or "", **await _given(request, connection)))


async def _saved(request: AnyRequest, filled: Filled) -> ApplicationView:
    async with app_of(request).connection() as connection:
        given = await _given(request, connection)
        accepted(await save(connection, bearer(request) or "", filled, **given))
        return await _mine(request, connection)


async def _mine(request: AnyRequest, connection: Connection) -> ApplicationView:
    app, now = app_of(request), app_of(request).clock.now()
    rules = await app.rules(connection, now)
    return ApplicationView.of(
        accepted(await mine(connection, bearer(request) or "", now=now, ids=app.ids, keys=app.keys, rules=rules))
    )


async def _given(request: AnyRequest, connection: Connection) -> Given:
    app, now = app_of(request), app_of(request).clock.now()
    return Given(origin=origin_of(request), now=now, ids=app.ids, keys=app.keys, rules=await app.rules(connection, now))


APPLICATION_ROUTES = [
    start_proof,
    resend_proof,
    open_application,
    read_own_application,
    put_who,
    put_where,
    add_own_number,
    put_numbers,
    put_photo,
    put_declaration,
    submit_application,
    withdraw_application,
]
