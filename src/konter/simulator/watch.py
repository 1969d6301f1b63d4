"""A build to look at: a bar for each step on the terminal, and at the end how long each took and what it wrote."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from konter.platform.i18n import Locale, text
from konter.platform.money import thousands
from konter.simulator.operator.phases import Phase

FIGURES = ("count", "rows", "time", "rows_per_s")


class Rate(ProgressColumn):
    """How many a second."""

    def __init__(self, locale: Locale) -> None:
        super().__init__()
        self._locale = locale

    def render(self, task: Task) -> Text:
        """Nothing until there is something to reckon with."""
        speed = task.finished_speed or task.speed
        return Text(text("demo.per_s", self._locale, n=round(speed)) if speed else "", style="progress.data.speed")


class Watch:
    """Draws bars as the builder names its steps, and keeps what it says of those that are over."""

    def __init__(self, bars: Progress, locale: Locale) -> None:
        self._bars = bars
        self._locale = locale
        self._tasks: dict[str, TaskID] = {}
        self.phases: list[Phase] = []

    def progress(self, step: str, done: int, total: int) -> None:
        """How far a step is."""
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(text(f"demo.{step}", self._locale), total=total)
        self._bars.update(self._tasks[step], completed=min(done, total))

    def over(self, phase: Phase) -> None:
        """A step is over."""
        self.phases.append(phase)


@contextmanager
def watched(console: Console, locale: Locale) -> Iterator[Watch]:
    """Bars for the length of the block, and then, if something was built, its figures."""
    columns = (
        TextColumn("{task.description:24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        Rate(locale),
    )
    with Progress(*columns, console=console) as bars:
        watch = Watch(bars, locale)
        yield watch
    if watch.phases:
        console.print(figures(watch.phases, locale))


def figures(phases: list[Phase], locale: Locale) -> Table:
    """A line for each step and one for all of them; rows are those of all tables."""
    table = Table(box=None, pad_edge=False)
    table.add_column()
    for name in FIGURES:
        table.add_column(text(f"demo.{name}", locale), justify="right")
    for phase in phases:
        table.add_row(text(f"demo.{phase.step}", locale), thousands(phase.count), *_work(phase.rows, phase.time_s))
    rows, time_s = sum(phase.rows for phase in phases), sum(phase.time_s for phase in phases)
    table.add_row(text("demo.in_all", locale), "", *_work(rows, time_s), style="bold")
    return table


def _work(rows: int, time_s: float) -> tuple[str, str, str]:
    tenths = round(time_s * 10)
    return thousands(rows), f"{thousands(tenths // 10)},{tenths % 10} s", thousands(round(rows / max(time_s, 0.001)))
