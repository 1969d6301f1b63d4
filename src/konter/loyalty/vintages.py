"""A vintage is the year in which points were collected; it decides when they end. Pure. [P-16..P-20, G-P07, G-P08]"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from konter.platform.clock import business_day
from konter.rules.keys_loyalty import Poin

LAST_SECOND = timedelta(seconds=1)
LAST_MOMENT = timedelta(microseconds=1)


def vintage_of(at: datetime, poin: Poin) -> int:
    """The calendar year of a moment where the programme is at home: 1 January 00:00 begins a new one. [P-16]"""
    return at.astimezone(ZoneInfo(poin.time_zone)).year


def expires_at(vintage: int, poin: Poin) -> datetime:
    """The first moment at which points of a vintage are no longer valid: with 03-31 and 23:59:59 that is 1 April 00:00
    of the year after. [P-17, P-18, P-19]
    """
    last_day = date.fromisoformat(f"{vintage + 1}-{poin.expiry_date}")
    last = datetime.combine(last_day, time.fromisoformat(poin.expiry_time), ZoneInfo(poin.time_zone))
    return last + LAST_SECOND


def last_day(end: datetime, poin: Poin) -> date:
    """The last day before an end, where the programme is at home: 1 April 00:00 gives 31 March. [P-18]"""
    return business_day(end - LAST_MOMENT, ZoneInfo(poin.time_zone))
