"""The day's close: opening balance, what moved it, closing balance; each line opens its single moves. [D-12, D-44]"""

from datetime import date
from zoneinfo import ZoneInfo

from litestar import get
from litestar.params import FromPath, FromQuery

from konter.platform.clock import FIRST_DAY, business_day
from konter.platform.refusal import NOT_FOUND, Refused
from konter.sales.codes import sale_code
from konter.sales.history.read import DayLine, DayMoves, day_close, day_lines
from konter.sales.history.sold import Sold, sold
from konter.web.app import AnyRequest, app_of
from konter.web.modules import MODULE
from konter.web.outlet import views as outlet_views
from konter.web.outlet.home import product_name
from konter.web.outlet.visit import seller
from konter.web.pages import AnyPage, locale, page, words
from konter.web.visit import visit

LINES = 50
SEQ_DIGITS_MAX = 18
TEXT_KEYS = {
    "sale": "day.sales",
    "refund": "day.refunds",
    "reversal": "day.reversals",
    "purchase": "day.purchases",
    "adjustment": "day.adjustments",
}
OF_SALES = ("sale", "refund", "adjustment")  # each of their moves is one sale's


@get("/outlet/tutup-hari", include_in_schema=False, opt={MODULE: "day_close"})
async def day_page(request: AnyRequest, tanggal: FromQuery[str] = "") -> AnyPage:
    """One day from the ledger alone: opening and lines make the closing balance."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        today = business_day(here.now, ZoneInfo(found.who.zone))
        day = _day(tanggal, today)
        close = await day_close(connection, found.outlet_id, day, zone=found.who.zone)
    view = outlet_views.DayView(
        day=day,
        today=today,
        opening_rp=close.opening_rp,
        lines=tuple(_line(line, day) for line in close.lines),
        closing_rp=close.closing_rp,
        open=day == today,
        zone=close.zone,
    )
    return page(request, "outlet/day.html", view)


@get("/outlet/tutup-hari/{kind:str}", include_in_schema=False, opt={MODULE: "day_close"})
async def moves_page(
    request: AnyRequest, kind: FromPath[str], tanggal: FromQuery[str] = "", sesudah: FromQuery[str] = ""
) -> AnyPage:
    """The single moves behind a line."""
    if kind not in TEXT_KEYS:
        raise Refused(NOT_FOUND())
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        day = _day(tanggal, business_day(here.now, ZoneInfo(found.who.zone)))
        plain = sesudah.isascii() and sesudah.isdigit() and len(sesudah) <= SEQ_DIGITS_MAX
        before_seq = int(sesudah) if plain else None
        lines = await day_lines(
            connection,
            found.outlet_id,
            day,
            zone=found.who.zone,
            kind=kind,
            before_seq=before_seq,
            limit=LINES + 1,
        )
        shown = lines[:LINES]
        ids = [line.reference_id for line in shown] if kind in OF_SALES else []
        known = await sold(connection, found.outlet_id, ids) if ids else {}
    key = TEXT_KEYS[kind]

    def move(line: DayLine) -> outlet_views.MoveLine:
        sale = known.get(line.reference_id)
        if sale is None:
            return _move(line, None, words(request).t(key))
        product = here.catalogue.product(sale.product)
        return _move(line, sale, product_name(product, sale.product, sale.nominal_rp, locale(request)))

    view = outlet_views.MovesView(
        day=day,
        text_key=key,
        lines=tuple(map(move, shown)),
        next_href=f"/outlet/tutup-hari/{kind}?tanggal={day}&sesudah={shown[-1].seq}" if len(lines) > LINES else "",
        zone=found.who.zone,
    )
    return page(request, "outlet/moves.html", view)


def _day(text: str, today: date) -> date:
    """The day that was asked for; today for none, a malformed one, one of another age, and one that has not come."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if FIRST_DAY <= day <= today else today


def _line(moves: DayMoves, day: date) -> outlet_views.DayLine:
    return outlet_views.DayLine(
        text_key=TEXT_KEYS.get(moves.kind, "day.moves"),
        count=moves.moves,
        amount_rp=moves.amount_rp,
        href=f"/outlet/tutup-hari/{moves.kind}?tanggal={day}",
    )


def _move(line: DayLine, sale: Sold | None, name: str) -> outlet_views.MoveLine:
    code = sale_code(line.reference_id) if sale is not None else ""
    return outlet_views.MoveLine(
        at=line.at,
        amount_rp=line.amount_rp,
        balance_after_rp=line.balance_after_rp,
        text=name,
        msisdn=sale.msisdn if sale is not None else None,
        code=code,
        href=f"/outlet/transaksi/{code}" if code else "",
    )
