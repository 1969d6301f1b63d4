"""Whoever is logged in: who that is, what is still to be done, and the own secrets."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from konter.access.change_password import change_password
from konter.access.model import Next, Principal
from konter.access.refusals import (
    PIN_ALREADY_SET,
    PIN_LOCKED,
    PIN_NOT_SET,
    WEAK_PASSWORD,
    WEAK_PIN,
    WRONG_PASSWORD,
    WRONG_PIN,
)
from konter.access.set_pin import set_pin
from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require, require_user
from konter.api.v1.bodies import PASSWORD_NO, Body, NextView, Password, Pin
from konter.terms.accept import agree
from konter.terms.model import DocumentRef
from konter.terms.refusals import DOCUMENT_NOT_IN_FORCE, UNKNOWN_DOCUMENT


class UserView(msgspec.Struct, frozen=True, kw_only=True):
    """The user; `number` gets the OTPs, empty for staff."""

    id: str
    username: str
    name: str
    locale: str
    number: str


class OutletView(msgspec.Struct, frozen=True, kw_only=True):
    """The user's outlet."""

    id: str
    code: str
    name: str
    area: str
    segment: str
    zone: str


class PartnerView(msgspec.Struct, frozen=True, kw_only=True):
    """The user's partner; `areas` are the clusters that the user is kept to, none means wherever the partner works."""

    id: str
    name: str
    area: str
    areas: tuple[str, ...]


class MeView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is logged in. `documents` are those still to be accepted; `outlet` and `partner` are null for whoever has
    none; `area` is where a member of staff acts, empty for the whole operator.
    """

    kind: str
    user: UserView
    outlet: OutletView | None
    partner: PartnerView | None
    area: str
    roles: tuple[str, ...]
    next: Next
    documents: tuple[DocumentRef, ...]

    @classmethod
    def of(cls, caller: Principal) -> "MeView":
        """The caller as it sees itself."""
        outlet = None
        if caller.outlet_id is not None:
            outlet = OutletView(
                id=str(caller.outlet_id),
                code=caller.outlet_code,
                name=caller.outlet_name,
                area=caller.area,
                segment=caller.segment,
                zone=caller.zone,
            )
        partner = None
        if caller.partner_id is not None:
            partner = PartnerView(
                id=str(caller.partner_id), name=caller.partner_name, area=caller.area, areas=caller.areas
            )
        user = UserView(
            id=str(caller.user_id),
            username=caller.username,
            name=caller.name,
            locale=caller.locale,
            number=str(caller.nn_msisdn or ""),
        )
        return cls(
            kind=caller.kind,
            user=user,
            outlet=outlet,
            partner=partner,
            area=caller.area,
            roles=caller.roles,
            next=caller.next,
            documents=caller.missing_documents,
        )


class PasswordBody(Body, frozen=True):
    """The password until now and the one from now on."""

    old: Password
    new: Password


class PinBody(Body, frozen=True):
    """The PIN from now on; `old` is the one until now and left out the first time."""

    pin: Pin
    old: Pin | None = None


class AcceptanceBody(Body, frozen=True):
    """A click on "Agree" for one version of a document."""

    document: Annotated[str, msgspec.Meta(min_length=1, max_length=60, examples=["terms-of-use"])]
    version: Annotated[str, msgspec.Meta(min_length=1, max_length=20, examples=["1.0"])]


@get("/me", tags=["access"], opt=says("somebody"))
async def me(request: AnyRequest) -> MeView:
    """Who is logged in, and the one step that is open."""
    return MeView.of(await principal(request))


@post(
    "/me/password",
    status_code=200,
    tags=["access"],
    opt=says("somebody", *PASSWORD_NO, WRONG_PASSWORD, WEAK_PASSWORD),
)
async def post_password(data: JSONBody[PasswordBody], request: AnyRequest) -> NextView:
    """Change the own password; every other session of the user ends. [D-07]"""
    app, now = app_of(request), app_of(request).clock.now()
    caller = await principal(request)
    async with app.connection() as connection:
        rules = await app.rules(connection, now)
    accepted(
        await change_password(
            app.pool,
            app.passwords,
            caller,
            old=data.old,
            new=data.new,
            origin=origin_of(request),
            now=now,
            ids=app.ids,
            keys=app.keys,
            rules=rules,
        )
    )
    return await _next(request)


@post(
    "/me/acceptances",
    status_code=200,
    tags=["access"],
    opt=says("beginner", UNKNOWN_DOCUMENT, DOCUMENT_NOT_IN_FORCE),
)
async def post_acceptance(data: JSONBody[AcceptanceBody], request: AnyRequest) -> NextView:
    """Agree to a document in force. Again is no harm. [D-63, D-75, D-103]"""
    app, now = app_of(request), app_of(request).clock.now()
    caller = require_user(await principal(request), "accept_terms")
    async with app.connection() as connection:
        accepted(
            await agree(
                connection,
                caller.user_id,
                [DocumentRef(data.document, data.version)],
                session_id=caller.session_id,
                actor=actor_of(caller, origin_of(request)),
                now=now,
                ids=app.ids,
                rules=await app.rules(connection, now),
            )
        )
    return await _next(request)


@post(
    "/me/pin",
    status_code=200,
    tags=["access"],
    opt=says("beginner", PIN_ALREADY_SET, PIN_NOT_SET, WRONG_PIN, PIN_LOCKED, WEAK_PIN),
)
async def post_pin(data: JSONBody[PinBody], request: AnyRequest) -> NextView:
    """Set the transaction PIN, or change it with the old one."""
    app, now = app_of(request), app_of(request).clock.now()
    caller = require(await principal(request), "set_pin")
    async with app.connection() as connection:
        accepted(
            await set_pin(
                connection,
                caller,
                data.pin,
                old=data.old,
                origin=origin_of(request),
                now=now,
                ids=app.ids,
                keys=app.keys,
                rules=await app.rules(connection, now),
            )
        )
    return await _next(request)


async def _next(request: AnyRequest) -> NextView:
    return NextView(next=(await principal(request)).next)


ME_ROUTES = [me, post_password, post_acceptance, post_pin]
