"""Tables: paging, sorting and filters as addresses, and the same rows as CSV."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from litestar import Response

from konter.web.desk.views import Cell, Column

CSV_ROWS_MAX = 10_000
# Where a spreadsheet reads a formula: at the beginning of a cell, and after a semicolon too, which parts cells where
# people write a decimal comma, as in Indonesia. The wide signs are the same signs to it.
FORMULA = re.compile(r"(^|;)(?=[\s'\"]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


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


def csv_answer(name: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Response[bytes]:
    """Rows as a file that spreadsheets open: UTF-8 with a mark, and no cell that one would run as a formula."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
    return Response(
        content=made.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _plain(cell: Cell) -> str:
    whole = f"{cell.text} ({cell.sub})" if cell.sub else cell.text
    return FORMULA.sub(r"\1'", whole)
