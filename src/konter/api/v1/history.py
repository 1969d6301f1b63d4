"""What an outlet sold, over HTTP: page by page and added up."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from litestar import get
from litestar.params import QueryParameter

from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, outlet_of, principal, require_outlet
from konter.api.v1.moments import asked_cursor, day_of
from konter.api.v1.sales import ID_MAX
from konter.api.v1.views import SaleView
from konter.catalogue.model import Catalogue
from konter.platform.clock import business_day
from konter.platform.cursor import CURSOR_CHARS_MAX, cursor_text
from konter.platform.i18n import locale_of
from konter.platform.ids import OutletId
from konter.sales.history import read
from konter.sales.history.model import SaleFilter


class HistoryView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of sales, newest first; `next` is the cursor of the following page."""

    items: list[SaleView]
    next: str | None


class TotalView(msgspec.Struct, frozen=True, kw_only=True):
    """Done and not reversed sales: count, face value, turnover, cost and margin."""

    label: str
    sales: int
    nominal: int
    price: int
    cost: int
    margin: int

    @classmethod
    def of(cls, total: read.Total) -> "TotalView":
        """From a total."""
        return cls(
            label=total.label,
            sales=total.sales,
            nominal=total.nominal_rp,
            price=total.price_rp,
            cost=total.cost_rp,
            margin=total.margin_rp,
        )


class TotalsView(msgspec.Struct, frozen=True, kw_only=True):
    """Totals of a range, in all and by day, product and user."""

    all: TotalView
    by_day: list[TotalView]
    by_product: list[TotalView]
    by_user: list[TotalView]


@get("/sales", tags=["sales"], opt=says("outlet"))
async def list_sales(
    request: AnyRequest,
    begin: Annotated[date | None, QueryParameter(name="from", description="First day, the outlet's zone")] = None,
    end: Annotated[date | None, QueryParameter(name="to", description="Last day, included")] = None,
    q: Annotated[str, QueryParameter(max_length=60, description="Transaction code, number or product")] = "",
    product: Annotated[str | None, QueryParameter(max_length=60)] = None,
    user: Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)] = None,
    cursor: Annotated[str, QueryParameter(max_length=CURSOR_CHARS_MAX)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=read.PAGE_MAX)] = 20,
) -> HistoryView:
    """The outlet's sales, newest first, page by page. Without dates: the last 31 days. [D-12, D-44]"""
    app = app_of(request)
    now = app.clock.now()
    who = require_outlet(await principal(request))
    before = asked_cursor("cursor", cursor)
    async with app.connection() as connection:
        _, catalogue = await app.references.current(connection)
        where = _filter(outlet_of(who), who.zone, begin, end, q, product, user, now, catalogue)
        lines = await read.history(connection, where, before=before, limit=limit + 1)
    shown = lines[:limit]
    locale = locale_of(request.headers.get("accept-language"))
    return HistoryView(
        items=[
            SaleView.of(line.sale, catalogue=catalogue, locale=locale, keys=app.keys, user=line.user_name)
            for line in shown
        ],
        next=cursor_text(shown[-1].sale.at, shown[-1].sale.id) if len(lines) > limit else None,
    )


@get("/sales/totals", tags=["sales"], opt=says("outlet"))
async def total_sales(
    request: AnyRequest,
    begin: Annotated[date | None, QueryParameter(name="from")] = None,
    end: Annotated[date | None, QueryParameter(name="to")] = None,
    q: Annotated[str, QueryParameter(max_length=60)] = "",
    product: Annotated[str | None, QueryParameter(max_length=60)] = None,
    user: Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)] = None,
) -> TotalsView:
    """Totals of the same filter by day, product and user. [D-12]"""
    app = app_of(request)
    now = app.clock.now()
    who = require_outlet(await principal(request))
    async with app.connection() as connection:
        _, catalogue = await app.references.current(connection)
        where = _filter(outlet_of(who), who.zone, begin, end, q, product, user, now, catalogue)
        totals = await read.totals(connection, where, zone=who.zone)
    return TotalsView(
        all=TotalView.of(totals.all),
        by_day=[TotalView.of(total) for total in totals.by_day],
        by_product=[TotalView.of(total) for total in totals.by_product],
        by_user=[TotalView.of(total) for total in totals.by_user],
    )


def _filter(
    outlet_id: OutletId,
    zone: str,
    begin: date | None,
    end: date | None,
    q: str,
    product: str | None,
    user: int | None,
    now: datetime,
    catalogue: Catalogue,
) -> SaleFilter:
    last = day_of("to", end) if end else business_day(now, ZoneInfo(zone))
    where = read.sale_filter(
        outlet_id,
        begin=day_of("from", begin) if begin else last - read.DEFAULT_RANGE,
        end=last,
        zone=zone,
        catalogue=catalogue,
        q=q,
        product=product,
        user_id=user,
    )
    return accepted(where)


HISTORY_ROUTES = [list_sales, total_sales]
