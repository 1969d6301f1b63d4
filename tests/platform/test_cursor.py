"""The word for where the next page begins: exact both ways, and nothing else is one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from konter.platform.cursor import CURSOR_CHARS_MAX, cursor_of, cursor_text, micros_of, micros_text

AT = datetime(2026, 11, 28, 20, 40, 11, 123457, tzinfo=UTC)


@pytest.mark.parametrize("id_", [0, 42, 2**63 - 1])
@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), AT, datetime(2286, 11, 20, 17, 46, 39, tzinfo=UTC)])
def test_there_and_back(at: datetime, id_: int) -> None:
    written = cursor_text(at, id_)
    assert cursor_of(written) == (at, id_)
    assert len(written) <= CURSOR_CHARS_MAX


def test_the_zone_does_not_matter() -> None:
    assert micros_text(AT.astimezone(timezone(timedelta(hours=7)))) == micros_text(AT)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "x",
            "1",
            "1-",
            "-1",
            "1--1",
            "1-1-1",
            " 1-1",
            "1-1 ",
            "+1-1",
            "1_0-1",
            "\u00b2-1",
            "1-\u00b2",
            "\u0661-1",
        ),
        *("1-9223372036854775808", f"1-{'9' * 20}", "17958984110000000-1", "2026-11-21T00:00:00-1"),
    ],
)
def test_what_is_none(text: str) -> None:
    assert cursor_of(text) is None


@pytest.mark.parametrize("text", ["", "-1", "1.5", "\u0661", "9" * 17])
def test_what_is_no_moment(text: str) -> None:
    assert micros_of(text) is None
