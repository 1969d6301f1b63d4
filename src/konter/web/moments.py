"""Moments in addresses and forms: whole microseconds, as exact as the database has them."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOMENT_DIGITS_MAX = 16  # to the year 2286: no zone of any reader leads behind the calendar
ID_DIGITS_MAX = 18


def moment_text(at: datetime) -> str:
    """A moment for an address."""
    return str((at - EPOCH) // MICROSECOND)


def moment_of(text: str) -> datetime | None:
    """A moment that an address names; None for none, and for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOMENT_DIGITS_MAX):
        return None
    return EPOCH + int(text) * MICROSECOND


def place_text(at: datetime, id_: int) -> str:
    """Where a page begins in a list by time: a moment, and of what stands at one moment an id."""
    return f"{moment_text(at)}-{id_}"


def place_of(text: str) -> tuple[datetime, int] | None:
    """The same the other way round; None for what is no place."""
    moment, _, id_ = text.partition("-")
    at = moment_of(moment)
    known = id_.isascii() and id_.isdigit() and len(id_) <= ID_DIGITS_MAX
    return (at, int(id_)) if at is not None and known else None
