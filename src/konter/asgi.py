"""The HTTP application: pages, API, figures and health, on one process's parts."""

import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from litestar import Litestar, MediaType, Response, Router, get
from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from konter.api.description import openapi_config
from konter.api.principal import AnyRequest, app_of, require_token
from konter.api.problems import harden, problem_handler, require_sound
from konter.api.reference import REFERENCE_ROUTES
from konter.api.strict import JsonRequest
from konter.api.v1.access import ACCESS_ROUTES
from konter.api.v1.application_queue import APPLICATION_QUEUE_ROUTES
from konter.api.v1.applications import APPLICATION_ROUTES
from konter.api.v1.availability import AVAILABILITY_ROUTES
from konter.api.v1.bills import BILL_ROUTES
from konter.api.v1.blacklist import BLACKLIST_ROUTES
from konter.api.v1.care import CARE_ROUTES
from konter.api.v1.clients import CLIENT_ROUTES
from konter.api.v1.complaints import COMPLAINT_ROUTES
from konter.api.v1.customer import CUSTOMER_ROUTES
from konter.api.v1.history import HISTORY_ROUTES
from konter.api.v1.lost_phones import LOST_PHONE_ROUTES
from konter.api.v1.mercy import MERCY_ROUTES
from konter.api.v1.network import NETWORK_ROUTES
from konter.api.v1.number_conflicts import CONFLICT_ROUTES
from konter.api.v1.numbers import NUMBER_ROUTES
from konter.api.v1.offices import OFFICE_ROUTES as SERVICE_OFFICE_ROUTES
from konter.api.v1.others_sessions import OTHERS_SESSION_ROUTES
from konter.api.v1.outcomes import OUTCOME_ROUTES
from konter.api.v1.outlets import OUTLET_ROUTES as CHANNEL_OUTLET_ROUTES
from konter.api.v1.partner_users import PARTNER_USER_ROUTES
from konter.api.v1.points import POINTS_ROUTES
from konter.api.v1.products import PRODUCT_ROUTES
from konter.api.v1.proposals import PROPOSAL_ROUTES
from konter.api.v1.reconciliation import RECONCILIATION_ROUTES
from konter.api.v1.reversals import REVERSAL_ROUTES
from konter.api.v1.rewards import REWARD_ROUTES
from konter.api.v1.rewards_customer import CUSTOMER_REWARD_ROUTES
from konter.api.v1.rewards_merchant import MERCHANT_ROUTES
from konter.api.v1.sales import SALES_ROUTES
from konter.api.v1.staff import STAFF_ROUTES
from konter.api.v1.wallet import WALLET_ROUTES
from konter.app import open_app
from konter.platform.config import Settings, load_settings, with_local_secrets
from konter.platform.db import is_gone, ping
from konter.platform.logs import set_up_logs
from konter.platform.metrics import HTTP_SECONDS
from konter.platform.parent import SERVER, end_with
from konter.platform.refusal import UNAVAILABLE, Refused
from konter.simulator.handsets import SIMULATOR_ROUTES
from konter.simulator.network.routes import SIMULATED_NETWORK_ROUTES
from konter.web.apply import APPLY_ROUTES
from konter.web.errors import HANDLERS as PAGE_HANDLERS
from konter.web.me import ME_HANDLERS, ME_ROUTES
from konter.web.office import OFFICE_HANDLERS, OFFICE_ROUTES
from konter.web.outlet import OUTLET_ROUTES
from konter.web.partner import CONSOLE_HANDLERS, CONSOLE_ROUTES
from konter.web.poin import POIN_ROUTES
from konter.web.public import PUBLIC_ROUTES

API_ROUTES = [
    *CONFLICT_ROUTES,
    *CHANNEL_OUTLET_ROUTES,
    *NUMBER_ROUTES,
    *ACCESS_ROUTES,
    *APPLICATION_ROUTES,
    *APPLICATION_QUEUE_ROUTES,
    *PRODUCT_ROUTES,
    *AVAILABILITY_ROUTES,
    *REWARD_ROUTES,
    *CUSTOMER_REWARD_ROUTES,
    *MERCHANT_ROUTES,
    *POINTS_ROUTES,
    *BILL_ROUTES,
    *SALES_ROUTES,
    *COMPLAINT_ROUTES,
    *MERCY_ROUTES,
    *HISTORY_ROUTES,
    *WALLET_ROUTES,
    *REVERSAL_ROUTES,
    *RECONCILIATION_ROUTES,
    *CARE_ROUTES,
    *LOST_PHONE_ROUTES,
    *PARTNER_USER_ROUTES,
    *STAFF_ROUTES,
    *PROPOSAL_ROUTES,
    *BLACKLIST_ROUTES,
    *OUTCOME_ROUTES,
    *OTHERS_SESSION_ROUTES,
    *CLIENT_ROUTES,
    *CUSTOMER_ROUTES,
    *SERVICE_OFFICE_ROUTES,
    *NETWORK_ROUTES,
    *REFERENCE_ROUTES,
]


@get("/healthz", media_type=MediaType.TEXT, include_in_schema=False)
async def healthz() -> str:
    """The process answers."""
    return "ok\n"


@get("/readyz", media_type=MediaType.TEXT, include_in_schema=False)
async def readyz(request: AnyRequest) -> str:
    """The process can do its work: the database answers."""
    try:
        async with app_of(request).pool.acquire(timeout=2) as connection:
            await ping(connection)
    except Exception as error:
        if not is_gone(error):
            raise
        raise Refused(UNAVAILABLE(retry_after_s=2)) from error
    return "ready\n"


@get("/metrics", include_in_schema=False, sync_to_thread=False)
def metrics() -> Response[bytes]:
    """Figures of this process for Prometheus."""
    kind, _, _ = CONTENT_TYPE_LATEST.rpartition("; charset=")  # Litestar adds the charset itself
    return Response(generate_latest(), media_type=kind)


def unanswered(request: AnyRequest, error: Exception) -> Response[Any]:
    """Addresses that nobody has, and what fails outside of pages and API: a page for people, a problem for programs."""
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
    handler = PAGE_HANDLERS[Exception] if wants_page and isinstance(error, HTTPException) else problem_handler
    answer: Response[Any] = handler(request, error)
    return answer


def timed(app: ASGIApp) -> ASGIApp:
    """Measure every request by its route's pattern, not by its address, so that figures stay few."""

    async def measure(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, note)
        finally:
            route = scope.get("path_template", "")
            HTTP_SECONDS.labels(str(scope.get("method", "")), route, status).observe(time.perf_counter() - started)

    return measure


def answering_head(app: ASGIApp) -> ASGIApp:
    """Whatever can be fetched can be asked about: HEAD is a GET whose body stays here."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        asked: Any = {**scope, "method": HttpMethod.GET}  # the server's own scope stays as it came
        await app(asked, receive, without_body)

    return answer


def create_app(settings: Settings, database_url: str) -> Litestar:
    """The application for one process. The simulator is mounted in demo and test mode only."""

    @asynccontextmanager
    async def run(litestar: Litestar) -> AsyncIterator[None]:
        async with open_app(settings, database_url) as app:
            litestar.state.app = app
            yield

    lifespan: AbstractAsyncContextManager[None] = run  # type: ignore[assignment]
    routers = [
        Router(
            "/api/v1",
            route_handlers=API_ROUTES,
            before_request=require_sound,
            guards=[require_token],
            request_class=JsonRequest,
            exception_handlers={Exception: problem_handler},
        ),
        Router(
            "/",
            route_handlers=[*OUTLET_ROUTES, *APPLY_ROUTES, *PUBLIC_ROUTES],
            exception_handlers=PAGE_HANDLERS,
            include_in_schema=False,
        ),
        Router(
            "/",
            route_handlers=[*ME_ROUTES, *POIN_ROUTES],
            exception_handlers=ME_HANDLERS,
            include_in_schema=False,
        ),
        Router("/", route_handlers=OFFICE_ROUTES, exception_handlers=OFFICE_HANDLERS, include_in_schema=False),
        Router("/", route_handlers=CONSOLE_ROUTES, exception_handlers=CONSOLE_HANDLERS, include_in_schema=False),
    ]
    if settings.mode != "live":
        routers.append(
            Router(
                "/simulator",
                route_handlers=[*SIMULATOR_ROUTES, *SIMULATED_NETWORK_ROUTES],
                include_in_schema=False,
                request_class=JsonRequest,
                exception_handlers={Exception: problem_handler},
            )
        )
    litestar = Litestar(
        [*routers, healthz, readyz, metrics],
        lifespan=[lifespan],
        middleware=[timed],
        exception_handlers={Exception: unanswered},
        after_request=harden,
        request_max_body_size=settings.body_bytes_max,
        openapi_config=openapi_config(),
        debug=False,
        logging_config=None,  # ours masks secrets
    )
    litestar.asgi_handler = answering_head(litestar.asgi_handler)  # a middleware comes after the route was chosen
    return litestar


def from_environment() -> Litestar:
    """What a server process calls; `konter serve` has put the settings into the environment."""
    settings = with_local_secrets(load_settings())
    set_up_logs(settings.log_level)
    end_with(SERVER)
    return create_app(settings, settings.database_url)
