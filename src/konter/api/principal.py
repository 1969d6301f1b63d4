"""Who calls: the session behind a bearer token and how far it has come."""

from typing import Any, TypeVar

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from konter.access import tokens
from konter.access.clients.authenticate import authenticate_client
from konter.access.clients.keys import parse as parse_key
from konter.access.clients.model import Client, Scope
from konter.access.clients.refusals import BAD_API_KEY
from konter.access.customers.model import Customer
from konter.access.customers.sessions import authenticate_customer
from konter.access.customers.token import parse as parse_customer
from konter.access.model import STEP_REFUSALS, Next, Origin, Principal, TokenClaims
from konter.access.origin import origin_from
from konter.access.refusals import SESSION_EXPIRED
from konter.access.sessions import authenticate
from konter.access.staff.roles import Permission, Role, may
from konter.access.step import IDS_MAX, Step
from konter.api.operations import OPT, Says
from konter.app import App
from konter.platform.db import Connection
from konter.platform.ids import OutletId
from konter.platform.refusal import FORBIDDEN, Refusal, Refused
from konter.rules.modules import module_on
from konter.rules.refusals import MODULE_OFF

BEARER = "bearer "
T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
AnyConnection = ASGIConnection[Any, Any, Any, Any]

_STEPS: tuple[Next, ...] = ("change_password", "accept_terms", "set_pin", "ready")


def app_of(request: AnyConnection) -> App:
    """The process's parts."""
    app: App = request.app.state.app
    return app


def bearer(request: AnyConnection) -> str | None:
    """The token of the Authorization header. The API takes no cookie: no other site acts through a browser."""
    header = request.headers.get("authorization", "")
    return header[len(BEARER) :].strip() if header[: len(BEARER)].lower() == BEARER else None


def claims_of(app: App, token: str | None) -> TokenClaims:
    """What a token says of itself, without a query. Raises SESSION_EXPIRED for anything that we did not make."""
    claims = tokens.parse(app.keys, token) if token else None
    if claims is None:
        raise Refused(SESSION_EXPIRED())
    return claims


async def require_token(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Guard of every route that is not for anybody: a token of ours, before the body is read. The session behind it is
    looked at by the route itself. What is for anybody is there while its module is on for anybody. [D-54]
    """
    said = handler.opt.get(OPT)
    if isinstance(said, Says) and said.module and said.caller == "anybody":
        app = app_of(connection)
        if not module_on(await app.rules_at_hand(app.clock.now()), said.module):
            raise Refused(MODULE_OFF())
    if isinstance(said, Says) and said.caller == "client":
        if parse_key(app_of(connection).keys, bearer(connection) or "") is None:
            raise Refused(BAD_API_KEY())
    elif isinstance(said, Says) and said.caller == "customer":
        if parse_customer(app_of(connection).keys, bearer(connection) or "") is None:
            raise Refused(SESSION_EXPIRED())
    elif isinstance(said, Says) and said.caller not in ("anybody", "network"):
        claims_of(app_of(connection), bearer(connection))


async def principal(request: AnyRequest) -> Principal:
    """Who calls the API, from a live session. Raises SESSION_EXPIRED or APP_BLOCKED."""
    found = await principal_of(app_of(request), bearer(request))
    said = request.route_handler.opt.get(OPT)
    if isinstance(said, Says) and said.module:
        app = app_of(request)
        if not module_on(await app.rules_at_hand(app.clock.now()), said.module, area=found.area, segment=found.segment):
            raise Refused(MODULE_OFF())
    return found


async def principal_of(app: App, token: str | None) -> Principal:
    """Who stands behind a token, in one query."""
    claims = claims_of(app, token)
    now = app.clock.now()
    async with app.connection() as connection:
        return accepted(await authenticate(connection, claims, now=now, rules=await app.rules(connection, now)))


def require(caller: Principal, step: Next) -> Principal:
    """Raise what stands before this step: PASSWORD_CHANGE_REQUIRED, TERMS_NOT_ACCEPTED, PIN_NOT_SET. [D-07, D-103]"""
    if _STEPS.index(caller.next) < _STEPS.index(step):
        raise Refused(STEP_REFUSALS[caller.next]())
    return caller


def require_outlet(caller: Principal, step: Next = "ready") -> Principal:
    """Let only users of outlets through, who have come as far as the step."""
    if caller.kind != "outlet":
        raise Refused(FORBIDDEN())
    return require(caller, step)


def outlet_of(caller: Principal) -> OutletId:
    """The outlet of a ready user of one. Raises FORBIDDEN for staff."""
    outlet_id = require_outlet(caller).outlet_id
    assert outlet_id is not None
    return outlet_id


def require_user(caller: Principal, step: Next = "ready") -> Principal:
    """Let Users through, of outlets and of partners, who have come as far as the step. [D-60]"""
    if caller.kind == "staff":
        raise Refused(FORBIDDEN())
    return require(caller, step)


def require_partner(caller: Principal, *roles: str, step: Next = "ready") -> Principal:
    """Let only users of partners through with one of the roles, or any when none is named. [D-57, D-60]"""
    if caller.kind != "partner" or (roles and not set(roles) & set(caller.roles)):
        raise Refused(FORBIDDEN())
    return require(caller, step)


def require_staff(caller: Principal, *wanted: Permission | Role) -> Principal:
    """Let only staff through who have one of the permissions, or any staff when none is named. Raises FORBIDDEN."""
    if caller.kind != "staff" or (wanted and not may(caller.roles, *wanted)):
        raise Refused(FORBIDDEN())
    return require(caller, "ready")


async def step_of(request: AnyRequest, connection: Connection) -> Step:
    """What a step of access is given: moment, ids, keys, and the rules fresh to the last change."""
    app = app_of(request)
    now = app.clock.now()
    rules = await app.rules(connection, now)
    return Step(now=now, ids=await app.ids.reserve(connection, IDS_MAX), keys=app.keys, rules=rules)


async def require_scope(request: AnyRequest, connection: Connection, scope: Scope | None) -> Client:
    """The machine that calls, whose key lives and has the scope. BAD_API_KEY, SCOPE_MISSING, TOO_MANY_REQUESTS."""
    app = app_of(request)
    return accepted(
        await authenticate_client(connection, bearer(request) or "", scope=scope, now=app.clock.now(), keys=app.keys)
    )


async def customer_of(request: AnyRequest, connection: Connection) -> Customer:
    """The customer that calls, from a live session. Raises SESSION_EXPIRED. For routes that say `customer`."""
    app, now = app_of(request), app_of(request).clock.now()
    rules = await app.rules(connection, now)
    return accepted(await authenticate_customer(connection, bearer(request) or "", now=now, keys=app.keys, rules=rules))


def origin_of(request: AnyRequest) -> Origin:
    """From where somebody calls: the address before any trusted proxy, and the device."""
    peer = request.client.host if request.client else ""
    return origin_from(peer, request.headers, trusted_proxies=app_of(request).settings.trusted_proxies)


def accepted(outcome: Refusal | T) -> T:
    """The outcome, or its refusal raised: edges raise, commands do not."""
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return outcome
