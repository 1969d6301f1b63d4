"""When points of a year end."""

from datetime import UTC, date, datetime

import msgspec
import pytest
from tests.loyalty.shipped import shipped_rules

from konter.loyalty.vintages import expires_at, last_day, vintage_of
from konter.platform.clock import WIB

POIN = shipped_rules("id-2014").poin


@pytest.mark.requirement("P-17", "P-18", "P-19", "G-P08")
@pytest.mark.parametrize("year", [2014, 2026, 2027])
def test_points_of_a_year_end_as_the_first_of_april_begins(year: int) -> None:
    assert expires_at(year, POIN) == datetime(year + 1, 4, 1, tzinfo=WIB)


@pytest.mark.requirement("P-16", "G-P07")
def test_a_year_begins_at_midnight_in_jakarta() -> None:
    assert vintage_of(datetime(2026, 12, 31, 23, 59, 59, tzinfo=WIB), POIN) == 2026
    assert vintage_of(datetime(2026, 12, 31, 17, tzinfo=UTC), POIN) == 2027


@pytest.mark.requirement("P-18")
@pytest.mark.parametrize(("zone", "day"), [("Asia/Jakarta", 1), ("Asia/Jayapura", 2)])
def test_the_last_day_before_an_end_is_one_where_the_programme_is_at_home(zone: str, day: int) -> None:
    poin = msgspec.structs.replace(POIN, time_zone=zone)
    assert last_day(datetime(2026, 4, 1, 16, tzinfo=UTC), poin) == date(2026, 4, day)
    assert last_day(expires_at(2025, poin), poin) == date(2026, 3, 31)
