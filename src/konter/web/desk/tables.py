"""Tables: paging, sorting and filters as addresses, and the same rows as CSV."""

import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, TypeVar
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Stream

from konter.access.staff.people import note_export
from konter.platform.db import Connection
from konter.web.desk.frame import Member
from konter.web.desk.views import Cell, Column, WayOn
from konter.web.desk.words import DeskWords

CSV_PAGE = 200  # lines read at once; whoever is slow to take them holds no connection meanwhile
CSV_ROWS_MAX = 1_000_000  # what a spreadsheet opens
# Where a spreadsheet reads a formula: at the beginning of a cell, and after a semicolon too, which parts cells where
# people write a decimal comma, as in Indonesia. The wide signs are the same signs to it.
FORMULA = re.compile(r"(^|;)(?=[\s'\"]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")  # a figure as people read it, which a spreadsheet takes for a fraction
BYTE_ORDER_MARK = "\ufeff"
CSV_TYPE = "text/csv"
DIGITS_MAX = 18
PLACE_CHARS_MAX = 120
Line = TypeVar("Line")
Place = Any  # where a list goes on: what that is made of is the list's own business
Read = Callable[[Connection, Place | None], Awaitable[tuple[Sequence[Sequence[Cell]], Place | None]]]


def address(path: str, **query: object) -> str:
    """An address with what is not empty of a query."""
    given = {name: str(value) for name, value in query.items() if value not in ("", None, False)}
    return f"{path}?{urlencode(given)}" if given else path


def sortable(name: str, path: str, query: Mapping[str, object], *, by: str, key: str, down: bool) -> Column:
    """A heading that turns the order round, or takes it over. `down`: what stands now is descending."""
    mine = by == key
    turned = {**query, "urut": key, "arah": "" if mine and down else "turun" if mine else ""}
    state: str = ("descending" if down else "ascending") if mine else ""
    return Column(name=name, sort_href=address(path, **turned), sorted=state)  # type: ignore[arg-type]


def way_on(words: DeskWords, href: str, begin: str, *, narrowed: bool = False, paged: bool = False) -> WayOn:
    """What to do where a list is empty: look at all of it, go to its start, or what brings the first line (`begin`)."""
    if paged:
        return WayOn(note=words.t("lists.behind_the_end"), href=href, button=words.t("lists.begin"))
    if narrowed:
        return WayOn(note=words.t("lists.narrowed"), href=href, button=words.t("lists.all"))
    return WayOn(note=words.t(begin))


def named_place(text: str) -> tuple[str, int] | None:
    """Where a page begins in a list by name or code: id and text."""
    id_, _, name = text[:PLACE_CHARS_MAX].partition("-")
    known = id_.isascii() and id_.isdigit() and len(id_) <= DIGITS_MAX and name.isprintable()
    return (name, int(id_)) if known else None


def named_place_text(name: str, id_: int) -> str:
    """The same the other way round."""
    return f"{id_}-{name}"


async def csv_file(
    connection: Connection, found: Member, name: str, what: str, columns: Sequence[Column], read: Read
) -> Response[Any]:
    """A list as a file, however long: read and sent a batch at a time.

    `read` gives rows from behind a place (None: the first), and the place behind them, None where there are no more.
    The audit has the file under `what` before a byte of it is sent, and with its length when all of it is. [D-81]
    """
    app, actor, now = found.here.app, found.actor, found.here.now
    rows, place = await read(connection, None)
    await note_export(connection, what, len(rows), actor=actor, now=now, ids=app.ids)
    if place is None:
        return csv_answer(name, columns, rows)

    async def parts() -> AsyncIterator[bytes]:
        yield _file(columns, rows)
        sent, behind = len(rows), place
        while behind is not None and sent < CSV_ROWS_MAX:
            async with app.connection() as own:
                more, behind = await read(own, behind)
            sent += len(more)
            yield _text(columns, more).encode()
        if behind is not None:
            yield _text(columns, [[Cell(text=found.words.t("lists.file_cut", n=sent))]]).encode()
        async with app.connection() as own:
            await note_export(own, what, sent, actor=actor, now=now, ids=app.ids)

    return Stream(parts(), media_type=CSV_TYPE, headers=_headers(name))


def behind_last(lines: Sequence[Line], place: Callable[[Line], Place]) -> Place | None:
    """Where a list goes on behind a batch of it; None behind the last."""
    return place(lines[-1]) if len(lines) == CSV_PAGE else None


def csv_answer(name: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Response[bytes]:
    """Rows as a file that spreadsheets open: UTF-8 with a mark, and no cell that one would run as a formula."""
    return Response(content=_file(columns, rows), media_type=CSV_TYPE, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


def _file(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> bytes:
    return (BYTE_ORDER_MARK + _text(columns, [[Cell(text=column.name) for column in columns], *rows])).encode()


def _text(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> str:
    made = io.StringIO()
    csv.writer(made).writerows(
        [_plain(cell, column) for cell, column in zip_longest(row, columns[: len(row)])] for row in rows
    )
    return made.getvalue()


def _plain(cell: Cell, column: Column | None) -> str:
    if column is not None and column.num and not cell.sub and GROUPED.fullmatch(cell.text):
        return cell.text.replace(".", "")
    whole = f"{cell.text} ({cell.sub})" if cell.sub else cell.text
    return FORMULA.sub(r"\1'", whole)
