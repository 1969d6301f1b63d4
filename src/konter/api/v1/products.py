"""What this outlet may sell, for how much, and how well it sells just now."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from konter.api.operations import says
from konter.api.principal import AnyRequest, app_of, principal, require_outlet
from konter.api.v1.views import ProductView
from konter.catalogue.model import Listed
from konter.platform.i18n import locale_of
from konter.sales.health.look import product_health
from konter.sales.health.model import Health, State
from konter.sales.modules import categories_on, sellable


class CategoryView(msgspec.Struct, frozen=True):
    """A kind of product."""

    id: str
    name: str


class CategoriesView(msgspec.Struct, frozen=True):
    """All categories in the shop's order."""

    items: list[CategoryView]


class ListedView(ProductView, frozen=True, kw_only=True):
    """A product and how it sells just now.

    `health`, by the sales of the last minutes: `open`; `slow`, outcomes take long; `closed`, most sales come back or
    stay unanswered, best not sold but not refused; and `closed` with `open` false, taken off sale by staff and refused
    (`PRODUCT_CLOSED`). `health_since` is when it became slow or failing.
    """

    health: State
    health_since: datetime | None


class ProductsView(msgspec.Struct, frozen=True):
    """Products in the shop's order, closed ones included."""

    items: list[ListedView]


@get("/categories", tags=["catalogue"], opt=says("outlet"))
async def list_categories(request: AnyRequest) -> CategoriesView:
    """The categories of the catalogue. [D-11, D-61]"""
    app = app_of(request)
    locale = locale_of(request.headers.get("accept-language"))
    user = require_outlet(await principal(request))
    async with app.connection() as connection:
        rulebook, catalogue = await app.references.current(connection)
    found = categories_on(catalogue, rulebook.at(app.clock.now()), area=user.area, segment=user.segment)
    return CategoriesView([CategoryView(each.code, each.name(locale)) for each in found])


@get("/products", tags=["catalogue"], opt=says("outlet"))
async def list_products(
    request: AnyRequest, category: Annotated[str | None, QueryParameter(max_length=40)] = None
) -> ProductsView:
    """Products with this outlet's prices; an unknown category has none. [D-08..D-11]"""
    app = app_of(request)
    now = app.clock.now()
    user = require_outlet(await principal(request))
    async with app.connection() as connection:
        rulebook, catalogue = await app.references.current(connection)
        health = await product_health(connection, now=now)
    listing = catalogue.listing(
        category,
        area=user.area,
        segment=user.segment,
        at=now,
        ppn=rulebook.at(now).tax.ppn,
        locale=locale_of(request.headers.get("accept-language")),
    )
    rules = rulebook.at(now)
    return ProductsView(
        [
            _listed(each, health)
            for each in listing
            if sellable(each.product, rules, area=user.area, segment=user.segment)
        ]
    )


def _listed(listed: Listed, health: Health) -> ListedView:
    trouble = health.of(listed.product.code)
    return ListedView(
        **msgspec.structs.asdict(ProductView.of(listed)),
        health=health.state(listed.product.code) if listed.product.open else "closed",
        health_since=trouble.since if trouble else None,
    )


PRODUCT_ROUTES = [list_categories, list_products]
