"""Time: UTC inside, days in a zone, a clock that can be moved."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.platform.clock import Clock, FrozenClock, business_day, day_start, hours_until

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
ZONES = ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]


def test_the_clock_shows_real_time_in_utc() -> None:
    before, shown, after = datetime.now(UTC), Clock().now(), datetime.now(UTC)
    assert before <= shown <= after
    assert shown.tzinfo is UTC


def test_a_moved_clock_says_so() -> None:
    clock = Clock(timedelta(days=40))
    assert clock.now() - datetime.now(UTC) > timedelta(days=39)
    assert (clock.moved, Clock().moved) == (True, False)


def test_a_frozen_clock_stands_until_it_is_moved() -> None:
    clock = FrozenClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(hours=3))
    assert clock.now() == NOON + timedelta(hours=3)


@pytest.mark.parametrize(("zone", "hour"), [("Asia/Jakarta", 17), ("Asia/Makassar", 16), ("Asia/Jayapura", 15)])
def test_a_day_begins_at_midnight_of_its_zone(zone: str, hour: int) -> None:
    assert day_start(date(2026, 11, 22), ZoneInfo(zone)) == datetime(2026, 11, 21, hour, tzinfo=UTC)


def test_without_a_zone_a_day_is_jakartas() -> None:
    assert business_day(datetime(2026, 11, 21, 16, 59, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert business_day(datetime(2026, 11, 21, 17, 0, tzinfo=UTC)) == date(2026, 11, 22)


@given(st.integers(0, 4 * 10**9), st.sampled_from(ZONES))
def test_every_moment_is_in_its_day(seconds: int, zone: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    local = ZoneInfo(zone)
    day = business_day(moment, local)
    assert day_start(day, local) <= moment < day_start(day + timedelta(days=1), local)


def test_hours_are_left_as_long_as_the_moment_is_to_come() -> None:
    hour, tick = timedelta(hours=1), timedelta(microseconds=1)
    left = [hours_until(NOON + gap, NOON) for gap in (tick, hour, hour + tick, 24 * hour - tick)]
    assert left == [1, 1, 2, 24]
