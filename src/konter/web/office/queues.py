"""The queues of the second pair of eyes: adjustments and reversals that somebody asked for. [D-46, G-D12]"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from litestar import Response, get
from litestar.params import FromQuery

from konter.access.staff.people import note_export, staff_names
from konter.channel.scope import scope_of
from konter.platform.db import Connection
from konter.sales.adjustment.adjust import asked_adjustments
from konter.sales.adjustment.model import Asked as AskedAdjustment
from konter.sales.codes import sale_code
from konter.sales.reversal.model import Asked as AskedReversal
from konter.sales.reversal.reverse import asked_reversals
from konter.web.app import AnyRequest, app_of
from konter.web.desk.door import Place
from konter.web.desk.frame import Member, desk_page, member
from konter.web.desk.tables import address, csv_answer, sortable
from konter.web.desk.views import Cell, Column, ListView, Table
from konter.web.office.places import ADJUSTMENTS, OFFICE, REVERSALS

PAGE = 50
CSV_PAGE = 200
PLACE_PARTS = 2
NOTES = {ADJUSTMENTS.href: "office.adjustments.note", REVERSALS.href: "office.reversals.note"}
Asked = AskedAdjustment | AskedReversal


@get("/office/penyesuaian", include_in_schema=False)
async def adjustments_page(
    request: AnyRequest, arah: FromQuery[str] = "", dari: FromQuery[str] = "", bentuk: FromQuery[str] = ""
) -> Response[bytes]:
    """Adjustments that wait for another pair of eyes."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, ADJUSTMENTS)
        csv = bentuk == "csv" and found.may("lists.export")
        asked = await asked_adjustments(
            connection,
            scope=scope_of(found.who),
            after=place_of(dari),
            newest_first=arah == "turun",
            limit=CSV_PAGE if csv else PAGE,
        )
        names = await staff_names(connection, [each.asked_by for each in asked])
        if csv:
            await _note(connection, found, ADJUSTMENTS, len(asked))
    return _answer(request, found, ADJUSTMENTS, asked, names, (arah, dari, csv))


@get("/office/pembatalan", include_in_schema=False)
async def reversals_page(
    request: AnyRequest, arah: FromQuery[str] = "", dari: FromQuery[str] = "", bentuk: FromQuery[str] = ""
) -> Response[bytes]:
    """Reversals that wait for another pair of eyes."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REVERSALS)
        csv = bentuk == "csv" and found.may("lists.export")
        asked = await asked_reversals(
            connection,
            scope=scope_of(found.who),
            after=place_of(dari),
            newest_first=arah == "turun",
            limit=CSV_PAGE if csv else PAGE,
        )
        names = await staff_names(connection, [each.asked_by for each in asked])
        if csv:
            await _note(connection, found, REVERSALS, len(asked))
    return _answer(request, found, REVERSALS, asked, names, (arah, dari, csv))


async def _note(connection: Connection, found: Member, place: Place, rows: int) -> None:
    here = found.here
    what = place.text_key.split(".")[1]
    await note_export(connection, what, rows, actor=found.actor, now=here.now, ids=here.app.ids)


def place_of(text: str) -> tuple[datetime, int] | None:
    """Where a page begins, as the link to it says: microseconds and id."""
    parts = text.split("-")
    if len(parts) != PLACE_PARTS or not all(p.isascii() and p.isdigit() and len(p) <= 18 for p in parts):  # noqa: PLR2004
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(parts[0])), int(parts[1])


def place_text(at: datetime, id_: int) -> str:
    """The same the other way round."""
    return f"{(at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)}-{id_}"


def _answer(
    request: AnyRequest,
    found: Member,
    place: Place,
    asked: Sequence[Asked],
    names: Mapping[int, str],
    query: tuple[str, str, bool],
) -> Response[bytes]:
    arah, dari, csv = query
    columns = _columns(found, place, arah)
    rows = tuple(_row(found, each, names) for each in asked)
    if csv:
        return csv_answer(place.href.rpartition("/")[2], columns, rows)
    words = found.words
    last = asked[-1] if len(asked) == PAGE else None
    table = Table(
        id="asked",
        title=words.t("office.waiting"),
        columns=columns,
        rows=rows,
        empty=words.t("desk.all_done"),
        next_href=address(place.href, arah=arah, dari=place_text(last.asked_at, last.id)) if last else "",
        first_href=address(place.href, arah=arah) if dari else "",
        csv_href=address(place.href, bentuk="csv") if found.may("lists.export") else "",
        refresh_href=address(place.href, arah=arah, dari=dari),
    )
    view = ListView(title=words.t(place.text_key), note=words.t(NOTES[place.href]), tables=(table,))
    return desk_page(request, OFFICE, "desk/list.html", view)


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
