"""The outlet's sales: filters, totals by day, product and user, page by page. [D-12, D-41, D-44]"""

from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from litestar import get
from litestar.params import FromQuery

from konter.channel.users import names_of_users
from konter.platform.clock import business_day
from konter.platform.cursor import EPOCH, cursor_of, cursor_text
from konter.platform.refusal import Refusal
from konter.sales.history.model import SaleFilter
from konter.sales.history.read import HistoryLine, Total, Totals, history, sale_filter, totals
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.home import sale_line
from konter.web.outlet.views import HistoryView
from konter.web.outlet.views import Total as TotalView
from konter.web.outlet.visit import Seller, seller
from konter.web.pages import AnyPage, locale, page, words
from konter.web.views import Alert, Choice
from konter.web.visit import Visit, visit

LINES = 20
WEEK = timedelta(days=6)

DIGITS_MAX = 19
Q_CHARS_MAX = 40
Period = Literal["today", "week", "range", "always"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the filter form says, made sense of; `fault` when its dates make none."""

    period: Period
    begin: date
    end: date
    category: str
    user: str
    q: str
    after: str
    fault: bool = False

    def href(self, after: str) -> str:
        """The same list, from another place on."""
        query = {
            "periode": self.period,
            "dari": self.begin.isoformat(),
            "sampai": self.end.isoformat(),
            "kategori": self.category,
            "pengguna": self.user,
            "q": self.q,
            "sesudah": after,
        }
        return f"/outlet/riwayat?{urlencode({name: value for name, value in query.items() if value})}"

    @property
    def week_href(self) -> str:
        """The same choice over the last seven days. It names no dates, so that it also holds after midnight."""
        query = {"periode": "week", "kategori": self.category, "pengguna": self.user, "q": self.q}
        return f"/outlet/riwayat?{urlencode({name: value for name, value in query.items() if value})}"


@get("/outlet/riwayat", include_in_schema=False)
async def history_page(
    request: AnyRequest,
    periode: FromQuery[str] = "today",
    dari: FromQuery[str] = "",
    sampai: FromQuery[str] = "",
    kategori: FromQuery[str] = "",
    pengguna: FromQuery[str] = "",
    q: FromQuery[str] = "",
    sesudah: FromQuery[str] = "",
    semula: FromQuery[str] = "",
) -> AnyPage:
    """One page of the list with the totals of the whole choice. `semula`: the dates that the form had before."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        today = business_day(here.now, ZoneInfo(found.who.zone))
        asked = _asked(today, periode, dari, sampai, before=semula)
        asked = msgspec.structs.replace(
            asked, category=kategori, user=pengguna, q=q.strip()[:Q_CHARS_MAX], after=sesudah
        )
        where, asked = _where(here, found, asked, today)
        lines = await history(connection, where, before=cursor_of(asked.after), limit=LINES + 1)
        sums = await totals(connection, where, zone=found.who.zone)
        users = await names_of_users(connection, found.outlet_id)
    people = tuple(Choice(value=str(id_), name=name) for id_, name in users)
    return page(request, "outlet/history.html", _view(request, here, found, asked, people, lines, sums))


def _asked(today: date, period: str, begin: str, end: str, *, before: str) -> Asked:
    """The days that are meant: whoever enters dates means these dates, whatever the period above them still says."""
    nothing = Asked(period="today", begin=today, end=today, category="", user="", q="", after="")
    asked = msgspec.structs.replace(nothing, period="week", begin=today - WEEK) if period == "week" else nothing
    own = {before, f"{asked.begin}..{asked.end}", ".."}
    if period != "range" and f"{begin}..{end}" in own:
        return asked
    try:
        first, last = date.fromisoformat(begin or end), date.fromisoformat(end or str(today))
    except ValueError:
        return msgspec.structs.replace(nothing, fault=True)
    return msgspec.structs.replace(nothing, period="range", begin=first, end=last)


def _where(here: Visit, found: Seller, asked: Asked, today: date) -> tuple[SaleFilter, Asked]:
    """The filter; dates that make none fall back to today, and the page says so."""
    plain = asked.user.isascii() and asked.user.isdigit() and len(asked.user) < DIGITS_MAX
    where = sale_filter(
        found.outlet_id,
        begin=asked.begin,
        end=asked.end,
        zone=found.who.zone,
        catalogue=here.catalogue,
        q=asked.q,
        user_id=int(asked.user) if plain else None,
    )
    if isinstance(where, Refusal):
        fallen = msgspec.structs.replace(asked, period="today", begin=today, end=today, fault=True)
        return _where(here, found, fallen, today)
    if where.sale_id is not None:  # a code on a slip of paper names one sale, and nobody knows of which day
        where = msgspec.structs.replace(where, begin=EPOCH, end=here.now + WEEK)
        asked = msgspec.structs.replace(asked, period="always")
    if asked.category:
        codes = [p.code for p in here.catalogue.products if p.category == asked.category]
        named = where.products
        where = msgspec.structs.replace(where, products=[c for c in codes if named is None or c in named])
    return where, asked


def _view(
    request: AnyRequest,
    here: Visit,
    found: Seller,
    asked: Asked,
    people: tuple[Choice, ...],
    lines: list[HistoryLine],
    sums: Totals,
) -> HistoryView:
    language, speak = locale(request), words(request, found.who.zone)
    shown = lines[:LINES]
    more = asked.href(cursor_text(shown[-1].sale.at, shown[-1].sale.id)) if len(lines) > LINES else ""

    def product(code: str) -> str:
        known = here.catalogue.product(code)
        return known.name(language) if known else code

    return HistoryView(
        period=asked.period,
        day_from=asked.begin,
        day_to=asked.end,
        category=asked.category,
        user=asked.user,
        q=asked.q,
        categories=tuple(Choice(value=c.code, name=c.name(language)) for c in here.catalogue.categories),
        users=people,
        lines=tuple(sale_line(here, line, language) for line in shown),
        count=sums.all.sales,
        cost_rp=sums.all.cost_rp,
        price_rp=sums.all.price_rp,
        by_day=tuple(_total(each, speak.date(date.fromisoformat(each.label))) for each in sums.by_day),
        by_product=tuple(_total(each, product(each.label)) for each in sums.by_product),
        by_user=tuple(_total(each, each.label) for each in sums.by_user),
        next_href=more,
        week_href="" if shown or asked.period != "today" else asked.week_href,
        zone=found.who.zone,
        alert=Alert(tone="warn", sentence=speak.t("history.bad_dates")) if asked.fault else None,
    )


def _total(total: Total, name: str) -> TotalView:
    return TotalView(name=name, count=total.sales, cost_rp=total.cost_rp, price_rp=total.price_rp)
