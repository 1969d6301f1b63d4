"""What recharges, packages and time make of the active period; examples are those of the public rules."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.access.people import rules

from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB, day_start
from konter.platform.ids import AccountId, Msisdn, SubscriptionId
from konter.rules.keys import Validity
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, RuleRow
from konter.subscriber.model import State, Subscription, bucket_expiry, cover, lengthen, recharge_days

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)


def after(days: int, today: date = TODAY) -> datetime:
    """The first moment after so many more days."""
    return day_start(today + timedelta(days=days + 1))


@cache
def rulebook() -> Rulebook:
    rows = decide_load(Rulebook([], 1), read_ruleset("id-2014"), now=NOW, actor=SYSTEM)
    return Rulebook([row for row in rows if isinstance(row, RuleRow)], 1)


def validity_at(*of: int) -> Validity:
    """The rules of a day, as they stand in the shipped rules."""
    return rulebook().at(datetime(*of, tzinfo=WIB)).validity


def days_left(until: datetime, today: date = TODAY) -> int:
    return ((until - timedelta(microseconds=1)).astimezone(WIB).date() - today).days


@pytest.mark.requirement("T-11", "G-T01")
@pytest.mark.parametrize(
    ("amount_rp", "days"),
    [
        (4_999, 0),
        (5_000, 7),
        (9_999, 7),
        (10_000, 15),
        (15_000, 20),
        (20_000, 30),
        (25_000, 30),
        (30_000, 30),
        (40_000, 30),
        (50_000, 45),
        (75_000, 45),
        (100_000, 60),
        (150_000, 90),
        (1_000_000, 90),
        (5_000_000, 90),
        (0, 0),
    ],
)
def test_a_recharge_gives_the_days_of_its_step(amount_rp: int, days: int) -> None:
    assert recharge_days(amount_rp, rules().validity) == days


@pytest.mark.requirement("T-11", "G-T01")
@pytest.mark.parametrize(
    ("left", "days", "makes"),
    [(20, 45, 65), (340, 45, 365), (365, 45, 365), (0, 7, 7), (400, 45, 400), (364, 1, 365), (30, 0, 30)],
)
def test_days_add_up_to_a_year_from_today(left: int, days: int, makes: int) -> None:
    assert days_left(lengthen(after(left), days=days, now=NOW, validity=rules().validity)) == makes


@pytest.mark.requirement("T-11", "G-T03")
@pytest.mark.parametrize("ended", [timedelta(), timedelta(microseconds=1), 10 * DAY, 29 * DAY])
def test_in_grace_the_days_count_from_today(ended: timedelta) -> None:
    until = lengthen(NOW - ended, days=45, now=NOW, validity=rules().validity)
    assert until == after(45)


@pytest.mark.requirement("T-11")
@pytest.mark.parametrize(("left", "days", "makes"), [(20, 45, 45), (60, 45, 60), (340, 45, 340), (-5, 7, 7)])
def test_in_2022_days_did_not_add_up(left: int, days: int, makes: int) -> None:
    now = datetime(2022, 3, 15, 5, 0, tzinfo=UTC)
    until = lengthen(after(left, date(2022, 3, 15)), days=days, now=now, validity=validity_at(2022, 3, 15))
    assert days_left(until, date(2022, 3, 15)) == makes


@pytest.mark.requirement("T-11")
@pytest.mark.parametrize(
    ("day", "makes"),
    [((2023, 10, 22), 80), ((2023, 10, 23), 90), ((2024, 11, 8), 90), ((2024, 11, 9), 125)],
)
def test_the_rule_of_the_day_decides(day: tuple[int, int, int], makes: int) -> None:
    """80 left + 45: before October 2023 the longer of both, then at most 90, since 9 November 2024 at most 365."""
    now = datetime(*day, 12, tzinfo=WIB)
    until = lengthen(after(80, date(*day)), days=45, now=now, validity=validity_at(*day))
    assert days_left(until, date(*day)) == makes


def test_at_midnight_in_jakarta_the_rule_changes() -> None:
    midnight = datetime(2024, 11, 9, tzinfo=WIB)
    caps = [rulebook().at(moment).validity.cap_days for moment in (midnight - timedelta(microseconds=1), midnight)]
    assert caps == [90, 365]


@given(
    left=st.integers(-60, 500),
    days=st.integers(0, 400),
    seconds=st.integers(0, 86_399),
)
def test_a_recharge_never_shortens_and_never_passes_the_year(left: int, days: int, seconds: int) -> None:
    now = day_start(TODAY) + timedelta(seconds=seconds)
    before = after(left)
    until = lengthen(before, days=days, now=now, validity=rules().validity)
    assert until >= before
    assert until <= max(before, after(365))
    assert until == before or (until.astimezone(WIB).hour, until.astimezone(WIB).minute) == (0, 0)
    if left >= 0 and left + days <= 365:
        assert days_left(until) == left + days


@pytest.mark.requirement("D-11")
@pytest.mark.parametrize(("left", "package", "makes"), [(20, 30, 30), (60, 30, 60), (-3, 7, 7)])
def test_a_package_does_not_add_up(left: int, package: int, makes: int) -> None:
    assert days_left(cover(after(left), package_until=bucket_expiry(package, NOW))) == makes


@pytest.mark.requirement("D-11")
@pytest.mark.parametrize(
    ("bought", "ends"),
    [
        ((2026, 11, 21, 0, 0, 0), (2026, 11, 23)),
        ((2026, 11, 21, 23, 59, 59), (2026, 11, 23)),
        ((2026, 11, 22, 0, 0, 0), (2026, 11, 24)),
        ((2026, 12, 31, 12, 0, 0), (2027, 1, 2)),
        ((2028, 2, 28, 12, 0, 0), (2028, 3, 1)),
    ],
)
def test_a_bucket_of_one_day_ends_with_tomorrow_in_jakarta(bought: tuple, ends: tuple) -> None:
    assert bucket_expiry(1, datetime(*bought, tzinfo=WIB)) == datetime(*ends, tzinfo=WIB)


def a_number(until: datetime, kind: str = "prepaid") -> Subscription:
    return Subscription(
        id=SubscriptionId(256), cell=0, msisdn=Msisdn(6281234567890), brand="nusa", kind=kind, locale="id",
        main_id=AccountId(512), active_until=until,
    )  # fmt: skip


@pytest.mark.requirement("T-11", "G-T02", "G-T03")
@pytest.mark.parametrize(
    ("since", "state"),
    [
        (-timedelta(microseconds=1), State.ACTIVE),
        (timedelta(), State.GRACE),
        (30 * DAY - timedelta(microseconds=1), State.GRACE),
        (30 * DAY, State.EXPIRED),
    ],
)
def test_active_then_thirty_days_of_grace_then_expired(since: timedelta, state: State) -> None:
    assert a_number(NOW - since).state(NOW, rules().validity) is state


def test_a_postpaid_number_is_active_until_it_is_ended() -> None:
    assert a_number(NOW - 400 * DAY, "postpaid").state(NOW, rules().validity) is State.ACTIVE
