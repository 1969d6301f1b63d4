"""Days and moments from outside, within what a calendar of any zone can reckon with."""

from datetime import date, datetime

from konter.api.v1.history import day_of
from konter.platform.refusal import INVALID_INPUT, Refused

__all__ = ["bounded_moment", "day_of"]


def bounded_moment(field: str, moment: datetime) -> datetime:
    """A moment with its zone, of our age; raises Refused INVALID_INPUT for another."""
    if moment.tzinfo is None:
        raise Refused(INVALID_INPUT(field=field, reason=str(moment)))
    day_of(field, date(moment.year, moment.month, moment.day))
    return moment
