"""The clocks of earning as a table: how long recharges and bills wait for their points. [P-14, P-15]"""

from collections.abc import Sequence
from datetime import timedelta

from konter.loyalty.earning.clocks import EarningClock
from konter.platform.money import thousands
from konter.web.desk.views import Cell, Column, Table
from konter.web.desk.words import DeskWords


def _promise(words: DeskWords, clock: EarningClock) -> Cell:
    """Whether the promise is kept; nothing is said of it while nothing was granted."""
    if clock.broken:
        return Cell(text=words.t("office.programme.broken"), badge="error")
    if clock.ran_at is None or not clock.in_time:
        return Cell(text=words.t("office.programme.unmeasured"))
    return Cell(text=words.t("office.programme.kept"), badge="ok")


def clocks_table(words: DeskWords, clocks: Sequence[EarningClock], csv_href: str) -> Table:
    """How long recharges and bills wait for their points, against the promise. [P-14, P-15]"""
    keys = ("of", "state", "promised", "worst", "ran", "in_time", "late")
    return Table(
        id="clocks",
        title=words.t("office.programme.clocks"),
        columns=tuple(
            Column(name=words.t(f"office.programme.clock_{key}"), num=key in ("in_time", "late")) for key in keys
        ),
        rows=tuple(
            (
                Cell(text=words.t(f"office.programme.clock_{each.of}")),
                _promise(words, each),
                Cell(text=words.span(timedelta(seconds=each.promised_s))),
                Cell(text=words.span(timedelta(seconds=each.worst_s)) if each.worst_s else words.t("desk.none")),
                Cell(text=words.long(each.ran_at) if each.ran_at is not None else words.t("office.programme.never")),
                Cell(text=thousands(each.in_time)),
                Cell(text=thousands(each.late)),
            )
            for each in clocks
        ),
        empty=words.t("office.programme.nothing"),
        csv_href=csv_href,
    )
