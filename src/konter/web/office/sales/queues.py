"""The queues of the second pair of eyes: adjustments and reversals that somebody asked for. [D-46, G-D12]"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Protocol

from litestar import Response, get
from litestar.params import FromQuery

from konter.access.staff.people import staff_names
from konter.channel.scope import Scope, scope_of
from konter.platform.cursor import Cursor, cursor_of, cursor_text
from konter.platform.db import Connection
from konter.sales.adjustment.adjust import asked_adjustments
from konter.sales.adjustment.model import Asked as AskedAdjustment
from konter.sales.codes import sale_code
from konter.sales.reversal.model import Asked as AskedReversal
from konter.sales.reversal.reverse import asked_reversals
from konter.web.app import AnyRequest, app_of
from konter.web.desk.door import Place
from konter.web.desk.frame import Member, desk_page, member
from konter.web.desk.tables import CSV_PAGE, address, behind_last, csv_file, sortable, way_on
from konter.web.desk.views import Cell, Column, ListView, Table
from konter.web.office.places import ADJUSTMENTS, OFFICE, REVERSALS

PAGE = 50
NOTES = {ADJUSTMENTS.href: "office.adjustments.note", REVERSALS.href: "office.reversals.note"}
Asked = AskedAdjustment | AskedReversal


class AskedOf(Protocol):
    """A queue, a page of it at a time."""

    async def __call__(
        self,
        connection: Connection,
        *,
        scope: Scope,
        after: Cursor | None,
        newest_first: bool,
        limit: int,
    ) -> Sequence[Asked]: ...


@get("/office/penyesuaian", include_in_schema=False)
async def adjustments_page(
    request: AnyRequest, arah: FromQuery[str] = "", dari: FromQuery[str] = "", bentuk: FromQuery[str] = ""
) -> Response[bytes]:
    """Adjustments that wait for another pair of eyes."""
    return await _queue_page(request, ADJUSTMENTS, asked_adjustments, {"arah": arah, "dari": dari, "bentuk": bentuk})


@get("/office/pembatalan", include_in_schema=False)
async def reversals_page(
    request: AnyRequest, arah: FromQuery[str] = "", dari: FromQuery[str] = "", bentuk: FromQuery[str] = ""
) -> Response[bytes]:
    """Reversals that wait for another pair of eyes."""
    return await _queue_page(request, REVERSALS, asked_reversals, {"arah": arah, "dari": dari, "bentuk": bentuk})


async def _queue_page(
    request: AnyRequest, place: Place, asked_of: AskedOf, query: Mapping[str, str]
) -> Response[bytes]:
    """The oldest first, newest first where asked for, or the file of them."""
    arah, after = query["arah"], cursor_of(query["dari"])
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, place)
        if query["bentuk"] == "csv" and found.may("lists.export"):
            name, what = place.href.rpartition("/")[2], place.text_key.split(".")[1]
            read = partial(_batch, found, asked_of, arah)
            return await csv_file(connection, found, name, what, _columns(found, place, arah), read)
        asked = await asked_of(
            connection, scope=scope_of(found.who), after=after, newest_first=arah == "turun", limit=PAGE
        )
        names = await staff_names(connection, [each.asked_by for each in asked])
    words = found.words
    last = asked[-1] if len(asked) == PAGE else None
    table = Table(
        id="asked",
        title=words.t("office.waiting"),
        columns=_columns(found, place, arah),
        rows=tuple(_row(found, each, names) for each in asked),
        empty=words.t("desk.all_done"),
        way_on=way_on(words, place.href, "lists.queue.begin", paged=after is not None),
        next_href=address(place.href, arah=arah, dari=cursor_text(last.asked_at, last.id)) if last else "",
        first_href=address(place.href, arah=arah) if after else "",
        csv_href=address(place.href, arah=arah, bentuk="csv") if found.may("lists.export") else "",
        refresh_href=address(place.href, arah=arah, dari=query["dari"]),
    )
    view = ListView(title=words.t(place.text_key), note=words.t(NOTES[place.href]), tables=(table,))
    return desk_page(request, OFFICE, "desk/list.html", view)


async def _batch(
    found: Member, asked_of: AskedOf, arah: str, connection: Connection, after: Cursor | None
) -> tuple[list[tuple[Cell, ...]], Cursor | None]:
    asked = await asked_of(
        connection, scope=scope_of(found.who), after=after, newest_first=arah == "turun", limit=CSV_PAGE
    )
    names = await staff_names(connection, [each.asked_by for each in asked])
    return [_row(found, each, names) for each in asked], behind_last(asked, lambda each: (each.asked_at, each.id))


def _columns(found: Member, place: Place, arah: str) -> tuple[Column, ...]:
    words = found.words
    since = sortable(words.t("desk.column.since"), place.href, {}, by="umur", key="umur", down=arah == "turun")
    return (
        Column(name=words.t("office.sale.title")),
        Column(name=words.t("desk.column.reason")),
        since,
        Column(name=words.t("desk.column.due")),
        Column(name=words.t("desk.column.asked_by")),
    )


def _row(found: Member, asked: Asked, names: Mapping[int, str]) -> tuple[Cell, ...]:
    words, now = found.words, found.here.now
    due = words.due(asked.asked_at + timedelta(hours=found.here.rules.work.second_eyes_due_h), now)
    code = sale_code(asked.sale_id)
    mine = words.t("office.asked_by_me") if asked.asked_by == found.who.user_id else ""
    payer = words.t(f"office.payer.{asked.payer}") if isinstance(asked, AskedAdjustment) else ""
    return (
        Cell(text=code, href=f"/office/transaksi/{code}"),
        Cell(text=asked.reason, sub=payer),
        Cell(text=words.long(asked.asked_at), sub=words.ago(asked.asked_at, now)),
        Cell(text=due.text, badge=due.tone),
        Cell(text=names.get(asked.asked_by, str(asked.asked_by)), sub=mine),
    )


QUEUE_ROUTES = [adjustments_page, reversals_page]
