"""What commands share that bring in a file: the progress, and what is told at the end."""

from collections.abc import Iterable
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from konter.cli.terminal import err, out, say

SHOWN_MAX = 50


def file_progress() -> Progress:
    """How far a file is read, on standard error; gone at the end."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True)


def tell(told: Iterable[str], *, amiss: list[str], kept_in: Path | None) -> None:
    """What happened on standard output; lines to look at in a file, or the first 50 on standard error."""
    if kept_in is not None:
        kept_in.write_text("".join(f"{sentence}\n" for sentence in amiss), encoding="utf-8")
    else:
        for sentence in amiss[:SHOWN_MAX]:
            err.print(sentence, soft_wrap=True, markup=False)
        if len(amiss) > SHOWN_MAX:
            err.print(say("importing.more", n=len(amiss) - SHOWN_MAX), soft_wrap=True)
    for sentence in told:
        out.print(sentence, soft_wrap=True)
