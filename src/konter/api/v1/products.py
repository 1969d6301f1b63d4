"""What this outlet may sell, and for how much."""

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from konter.api.operations import says
from konter.api.principal import AnyRequest, app_of, principal, require_outlet
from konter.api.v1.views import ProductView
from konter.platform.i18n import locale_of


class CategoryView(msgspec.Struct, frozen=True):
    """A kind of product."""

    id: str
    name: str


class CategoriesView(msgspec.Struct, frozen=True):
    """All categories in the shop's order."""

    items: list[CategoryView]


class ProductsView(msgspec.Struct, frozen=True):
    """Products in the shop's order, closed ones included."""

    items: list[ProductView]


@get("/categories", tags=["catalogue"], opt=says("outlet"))
async def list_categories(request: AnyRequest) -> CategoriesView:
    """The categories of the catalogue. [D-11, D-61]"""
    app = app_of(request)
    locale = locale_of(request.headers.get("accept-language"))
    require_outlet(await principal(request))
    async with app.connection() as connection:
        _, catalogue = await app.references.current(connection)
    return CategoriesView([CategoryView(each.code, each.name(locale)) for each in catalogue.categories])


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
    listing = catalogue.listing(
        category,
        area=user.area,
        segment=user.segment,
        at=now,
        ppn=rulebook.at(now).tax.ppn,
        locale=locale_of(request.headers.get("accept-language")),
    )
    return ProductsView([ProductView.of(each) for each in listing])


PRODUCT_ROUTES = [list_categories, list_products]
