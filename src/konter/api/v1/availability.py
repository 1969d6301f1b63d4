"""Products for staff: how each sells, and opening and closing one by hand."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, put
from litestar.params import JSONBody, PathParameter

from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff
from konter.api.v1.bodies import Body
from konter.catalogue.availability import last_closures, set_open
from konter.catalogue.model import Catalogue, Closure
from konter.catalogue.refusals import UNKNOWN_PRODUCT
from konter.platform.db import Connection
from konter.platform.i18n import locale_of
from konter.sales.health.look import product_health
from konter.sales.health.model import Health, State

ProductPath = Annotated[str, PathParameter(max_length=60, description="The product's code")]


class AvailabilityBody(Body, frozen=True):
    """The reason is for colleagues who ask later."""

    open: bool
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=500, examples=["gangguan di pusat data"])]


class ClosureView(msgspec.Struct, frozen=True, kw_only=True):
    """The last time that staff closed a product, and when it was opened again; `*_by` is such as `staff:123`."""

    closed_at: datetime
    closed_by: str
    reason: str
    opened_at: datetime | None
    opened_by: str | None

    @classmethod
    def of(cls, closure: Closure) -> "ClosureView":
        """From a closure."""
        return cls(
            closed_at=closure.closed_at,
            closed_by=closure.closed_by,
            reason=closure.reason,
            opened_at=closure.opened_at,
            opened_by=closure.opened_by,
        )


class CountsView(msgspec.Struct, frozen=True, kw_only=True):
    """What made a product slow or closed: its sales of the window, and of these the slow, refused and unanswered."""

    sales: int
    slow: int
    refused: int
    unanswered: int


class AvailabilityView(msgspec.Struct, frozen=True, kw_only=True):
    """`open`: by hand. `health`: by its own sales, `since` then, with the counts that say so while it is not open."""

    id: str
    name: str
    open: bool
    health: State
    since: datetime | None
    counts: CountsView | None
    closure: ClosureView | None


class AvailabilityList(msgspec.Struct, frozen=True):
    """Every product in the shop's order."""

    items: list[AvailabilityView]


@get("/catalogue/products", tags=["catalogue"], opt=says("staff"))
async def list_availability(request: AnyRequest) -> AvailabilityList:
    """How every product sells just now, and who closed it when and why."""
    app = app_of(request)
    require_staff(await principal(request), "closures.look")
    async with app.connection() as connection:
        _, catalogue = await app.references.current(connection)
        return AvailabilityList(await _views(connection, catalogue, app.clock.now(), request))


@put("/catalogue/products/{product:str}", tags=["catalogue"], opt=says("staff", UNKNOWN_PRODUCT))
async def put_availability(
    product: ProductPath, data: JSONBody[AvailabilityBody], request: AnyRequest
) -> AvailabilityView:
    """Close a product for every outlet from this moment, or open it; only a supervisor. Already so: nothing changes."""
    app = app_of(request)
    staff = require_staff(await principal(request), "closures.set")
    actor = actor_of(staff, origin_of(request))
    now = app.clock.now()
    async with app.connection() as connection:
        found = await set_open(
            connection, product, is_open=data.open, now=now, actor=actor, ids=app.ids, reason=data.reason
        )
        code = accepted(found).code
        _, catalogue = await app.references.current(connection)
        (view,) = [each for each in await _views(connection, catalogue, now, request) if each.id == code]
    return view


async def _views(
    connection: Connection, catalogue: Catalogue, now: datetime, request: AnyRequest
) -> list[AvailabilityView]:
    health: Health = await product_health(connection, now=now)
    closures = await last_closures(connection)
    locale = locale_of(request.headers.get("accept-language"))
    views = []
    for product in catalogue.products:
        trouble, closure = health.of(product.code), closures.get(product.code)
        counts = None
        if trouble:
            counts = CountsView(
                sales=trouble.sales, slow=trouble.slow, refused=trouble.refused, unanswered=trouble.unanswered
            )
        views.append(
            AvailabilityView(
                id=product.code,
                name=product.name(locale),
                open=product.open,
                health=health.state(product.code),
                since=trouble.since if trouble else None,
                counts=counts,
                closure=ClosureView.of(closure) if closure else None,
            )
        )
    return views


AVAILABILITY_ROUTES = [list_availability, put_availability]
