"""Time: UTC inside, WIB for business days, and a clock that the demo and tests can move.

Nothing outside `platform/` reads a clock; moments are passed in.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
# Python reads more of the standard than people mean: `2026-W49-1` and `20261201` are days to it.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)  # a day beyond these may have no midnight to reckon with
DAY_OR_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII | re.IGNORECASE
)


class Clock:
    """Real time plus an offset. The offset lives in the table `clock_offset` and is pushed here by `platform.db`."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The present moment, UTC, to the microsecond."""
        return datetime.now(UTC) + self.offset

    @property
    def moved(self) -> bool:
        """Whether the clock shows another time than the wall's."""
        return bool(self.offset)


class FrozenClock(Clock):
    """A clock that stands still until moved; for the simulator's history and for tests."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move it forward."""
        self.at += by


def business_day(moment: datetime, zone: ZoneInfo = WIB) -> date:
    """The calendar day of a moment in a zone, WIB unless the outlet's zone matters."""
    return moment.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo = WIB) -> datetime:
    """The first moment of a calendar day, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def moment_of(written: str) -> datetime | None:
    """`2026-12-01` as its first moment in WIB; `2026-12-01T08:30`, naive where no zone is written; else None."""
    if not DAY_OR_MOMENT.fullmatch(written):
        return None
    try:
        if len(written) == len("2026-12-01"):
            return datetime.combine(date.fromisoformat(written), time(), tzinfo=WIB)
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def hours_until(moment: datetime, now: datetime) -> int:
    """In how many whole hours a moment is past; never none as long as it is to come."""
    return -((now - moment) // timedelta(hours=1))
