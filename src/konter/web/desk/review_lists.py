"""Inactivity reviews that wait, for staff and, narrowed to its own outlets, for a partner. [D-73]"""

from collections.abc import Callable, Mapping
from functools import partial

from litestar import Response

from konter.channel.inactivity.read import Review, reviews
from konter.channel.scope import scope_of
from konter.platform.cursor import Cursor, cursor_of, cursor_text
from konter.platform.db import Connection
from konter.web.desk.frame import Member
from konter.web.desk.tables import CSV_PAGE, address, behind_last, csv_file, way_on
from konter.web.desk.views import Badge, Cell, Column, Table

PAGE = 50

Href = Callable[[Review], str]


async def reviews_table(
    connection: Connection,
    found: Member,
    href: str,
    query: Mapping[str, str],
    *,
    href_of: Href,
    exports: bool,
) -> Table | Response[bytes]:
    """Those due first, or the file of them. `query`: dari, bentuk as typed; `href_of`: where a line leads."""
    words, scope = found.words, scope_of(found.who)
    if query["bentuk"] == "csv" and exports:
        read = partial(_batch, found, href_of)
        return await csv_file(connection, found, "tinjauan", "reviews", _columns(found), read)
    behind = cursor_of(query["dari"])
    rows = await reviews(connection, scope=scope, behind=behind, limit=PAGE)
    following = _behind(rows[-1]) if len(rows) == PAGE else None
    return Table(
        id="reviews",
        title=words.t("office.waiting"),
        columns=_columns(found),
        rows=tuple(_row(found, each, href_of) for each in rows),
        empty=words.t("desk.all_done"),
        way_on=way_on(words, href, "lists.queue.begin", paged=behind is not None),
        next_href=address(href, dari=cursor_text(*following)) if following else "",
        first_href=href if behind else "",
        csv_href=address(href, bentuk="csv") if exports else "",
        refresh_href=address(href, dari=query["dari"]),
    )


async def _batch(
    found: Member, href_of: Href, connection: Connection, behind: Cursor | None
) -> tuple[list[tuple[Cell, ...]], Cursor | None]:
    rows = await reviews(connection, scope=scope_of(found.who), behind=behind, limit=CSV_PAGE)
    return [_row(found, each, href_of) for each in rows], behind_last(rows, _behind)


def _behind(each: Review) -> Cursor:
    assert each.countdown.due_at is not None, "a review has a due time"
    return each.countdown.due_at, each.countdown.id


def _columns(found: Member) -> tuple[Column, ...]:
    keys = ("desk.outlet.name", "desk.outlet.kind", "office.reviews.since", "office.reviews.told", "desk.column.due")
    return tuple(Column(name=found.words.t(key)) for key in keys)


def _row(found: Member, each: Review, href_of: Href) -> tuple[Cell, ...]:
    words, countdown = found.words, each.countdown
    due = words.due(countdown.due_at, found.here.now) if countdown.due_at else Badge(text=words.t("desk.none"))
    return (
        Cell(text=each.outlet_name, href=href_of(each), sub=each.outlet_code),
        Cell(text=words.known(f"desk.outlet_kind.{each.kind}", each.kind), sub=words.segment(each.segment)),
        Cell(text=words.long(countdown.since), sub=words.ago(countdown.since, found.here.now)),
        Cell(text=", ".join(words.t("office.reviews.day", n=notice.day) for notice in countdown.notices)),
        Cell(text=due.text, badge=due.tone),
    )
