"""Where the next page of a list by time begins, as one word for addresses: `1795898411000000-42`, a moment in whole
microseconds, as exact as the database has it, and of what stands at one moment an id.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MICROS_DIGITS_MAX = 16  # to the year 2286: no zone of any reader leads behind the calendar
ID_DIGITS_MAX, ID_MAX = 19, 2**63 - 1
CURSOR_CHARS_MAX = MICROS_DIGITS_MAX + 1 + ID_DIGITS_MAX

Cursor = tuple[datetime, int]


def micros_text(at: datetime) -> str:
    """A moment in whole microseconds since 1970."""
    return str((at - EPOCH) // MICROSECOND)


def micros_of(text: str) -> datetime | None:
    """The same the other way round; None for what is no moment."""
    if not (text.isascii() and text.isdigit() and len(text) <= MICROS_DIGITS_MAX):
        return None
    return EPOCH + int(text) * MICROSECOND


def cursor_text(at: datetime, id_: int) -> str:
    """A cursor for an address."""
    return f"{micros_text(at)}-{id_}"


def cursor_of(text: str) -> Cursor | None:
    """The same the other way round; None for what is no cursor."""
    moment, _, id_ = text.partition("-")
    at = micros_of(moment)
    known = id_.isascii() and id_.isdigit() and len(id_) <= ID_DIGITS_MAX and int(id_) <= ID_MAX
    return (at, int(id_)) if at is not None and known else None
