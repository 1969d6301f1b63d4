"""Days, moments and cursors from outside, within what a calendar of any zone can reckon with."""

from datetime import date, datetime

from konter.platform.clock import FIRST_DAY, LAST_DAY
from konter.platform.cursor import Cursor, cursor_of
from konter.platform.refusal import INVALID_INPUT, Refused

REASON_CHARS_MAX = 30


def day_of(field: str, day: date) -> date:
    """A day that a calendar of any zone can reckon with; raises Refused INVALID_INPUT for one of another age."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Refused(INVALID_INPUT(field=field, reason=str(day)))
    return day


def bounded_moment(field: str, moment: datetime) -> datetime:
    """A moment with its zone, of our age; raises Refused INVALID_INPUT for another."""
    if moment.tzinfo is None:
        raise Refused(INVALID_INPUT(field=field, reason=str(moment)))
    day_of(field, date(moment.year, moment.month, moment.day))
    return moment


def asked_cursor(field: str, text: str) -> Cursor | None:
    """Where a page is to begin; None for the first. Raises Refused INVALID_INPUT for what is no cursor."""
    cursor = cursor_of(text)
    if text and cursor is None:
        raise Refused(INVALID_INPUT(field=field, reason=text[:REASON_CHARS_MAX]))
    return cursor
