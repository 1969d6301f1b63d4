"""What every command shares: how it speaks and fails, where its settings and its database come from."""

import os
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import uvloop
from cyclopts import Parameter
from rich.console import Console

from konter.platform.clock import FIRST_DAY, LAST_DAY
from konter.platform.config import Settings, load_settings, with_local_secrets
from konter.platform.embedded import start_embedded
from konter.platform.folders import make_private
from konter.platform.i18n import Locale, locale_of, text
from konter.platform.refusal import Refusal

T = TypeVar("T")
Data = Annotated[Path | None, Parameter(name="--data", help="Folder of the embedded database and the local secrets.")]

out, err = Console(highlight=False), Console(stderr=True, highlight=False)


def a_day(about: str) -> Parameter:
    """A parameter that is a day, one that a calendar of any zone can reckon with."""

    def of_our_age(_: object, day: date | None) -> None:
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError(say("cli.another_age", low=FIRST_DAY.year, high=LAST_DAY.year))

    return Parameter(help=about, validator=of_our_age)


def say(key: str, **data: Any) -> str:
    """A text in the language of the terminal."""
    return text(key, spoken(), **data)


def spoken() -> Locale:
    """Indonesian, or English where KONTER_LANG or else LANG asks for it."""
    return locale_of(os.environ.get("KONTER_LANG") or os.environ.get("LANG"))


class Failed(Exception):  # noqa: N818 - ends the command with a plain sentence
    """What the command line says on standard error before it exits with 1."""


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the database: the one that is set, or the embedded one, started or found."""
    if settings.database_url:
        yield settings.database_url
        return
    make_private(settings.data)
    with start_embedded(settings.data / "pg") as server:
        yield server.url


def settings_for(data: Path | None = None, **given: Any) -> Settings:
    """Settings with secrets; without any of their own these are made on first use, next to the data."""
    return with_local_secrets(load_settings(data=data, **given))


def run(work_: Coroutine[Any, Any, T]) -> T:
    """Run one command's coroutine."""
    return uvloop.run(work_)


def said(refusal: Refusal) -> str:
    """A refusal in words, with every fault of a file on a line of its own."""
    locale = spoken()
    faults = refusal.data.get("faults", [])
    return "\n".join([text(refusal.sentence_key, locale, **refusal.data), *(f.sentence(locale) for f in faults)])
