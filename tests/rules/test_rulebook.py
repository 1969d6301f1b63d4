"""Rules at a moment: the newest row not after it, whatever was loaded when."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, RuleRow, Rules, key_types
from konter.rules.ruleset import Ruleset

LOADED = datetime(2026, 11, 1, tzinfo=UTC)


def shipped(name: str) -> list[RuleRow]:
    ruleset = read_ruleset(name)
    assert isinstance(ruleset, Ruleset), [fault.sentence("en") for fault in ruleset]
    rows = decide_load(Rulebook([], 1), ruleset, now=LOADED, actor=SYSTEM)
    assert all(isinstance(row, RuleRow) for row in rows), rows
    return [row for row in rows if isinstance(row, RuleRow)]


ROWS = shipped("id-2014")


def at(name: str, *moment: int) -> Rules:
    return Rulebook(shipped(name), 1).at(datetime(*moment, tzinfo=WIB))


def row(key: str, valid_from: datetime, value: Any, ruleset: str = "later", recorded_at: datetime = LOADED) -> RuleRow:
    return RuleRow(
        key=key, valid_from=valid_from, value=value, ruleset=ruleset, recorded_at=recorded_at, actor="staff:1"
    )


@pytest.mark.parametrize("name", ["id-2014", "id-2026"])
def test_a_shipped_ruleset_has_every_rule_from_the_beginning(name: str):
    book = Rulebook(shipped(name), 1)
    assert book.moments[0] == datetime(2000, 1, 1, tzinfo=WIB)
    assert {row.key for row in book.in_force(book.moments[0])} == set(key_types())
    for moment in book.moments:
        book.at(moment)


@pytest.mark.requirement("G-D02", "G-D03", "G-D01", "G-D12", "D-06", "D-07", "D-23")
def test_the_defaults_of_the_requirements():
    rules = at("id-2014", 2026, 11, 21)
    assert (rules.otp.length, rules.otp.ttl_s, rules.otp.max_tries) == (6, 300, 5)
    assert (rules.otp.resend_after_s, rules.otp.max_per_hour, rules.otp.lock_min) == (60, 5, 15)
    assert (rules.otp.trusted_device_days, rules.otp.send_within_s) == (0, 5)
    assert (rules.auth.initial_password_ttl_h, rules.onboarding.password_change_forced) == (24, True)
    assert rules.sale.pending_checks_s == (30, 120, 600, 3600)
    assert rules.sms.sender.otp == rules.sms.sender.credentials == "1818"


@pytest.mark.requirement("D-11")
def test_the_seven_kinds_of_packages_are_named():
    rules = at("id-2014", 2026, 11, 21)
    assert rules.package.categories == ("data", "voice", "sms", "digital", "roaming", "songs", "other")


@pytest.mark.parametrize(
    ("moment", "ppn"),
    [
        ((2022, 3, 31, 23, 59, 59), (10, 100)),
        ((2022, 4, 1), (11, 100)),
        ((2024, 12, 31, 23, 59, 59), (11, 100)),
        ((2025, 1, 1), (132, 1200)),
    ],
)
def test_the_tax_changes_at_midnight_in_jakarta(moment: tuple[int, ...], ppn: tuple[int, int]):
    assert at("id-2014", *moment).tax.ppn == ppn


@pytest.mark.requirement("G-T01", "G-T03")
def test_the_active_period_has_a_history():
    history = {
        (2022, 3, 1): (False, 365),
        (2023, 10, 22): (False, 365),
        (2023, 10, 23): (True, 90),
        (2024, 11, 8): (True, 90),
        (2024, 11, 9): (True, 365),
    }
    book = Rulebook(ROWS, 1)
    seen = {day: book.at(datetime(*day, tzinfo=WIB)).validity for day in history}
    assert {day: (validity.accumulate, validity.cap_days) for day, validity in seen.items()} == history
    now = at("id-2014", 2026, 11, 21).validity
    assert dict(now.table)[5000] == 7
    assert dict(now.table)[50000] == 45
    assert dict(now.table)[1000000] == 90
    assert (now.min_recharge_idr, now.grace_days, now.quarantine_days) == (5000, 30, 60)
    assert (now.reactivation_enabled, now.reactivation_days, now.forfeit_at) == (False, 175, "grace_end")


@pytest.mark.parametrize(
    ("day", "regimes"),
    [
        ((2017, 10, 30), ("declaration",)),
        ((2017, 10, 31), ("nik_kk",)),
        ((2026, 1, 18), ("nik_kk",)),
        ((2026, 1, 19), ("nik_kk", "nik_face")),
        ((2026, 7, 1), ("nik_face",)),
    ],
)
@pytest.mark.requirement("D-62")
def test_the_law_on_registration_has_dates(day: tuple[int, ...], regimes: tuple[str, ...]):
    assert at("id-2014", *day).registration.regimes == regimes


@pytest.mark.requirement("G-P11")
def test_the_two_loyalty_programmes_differ():
    old, new = at("id-2014", 2026, 11, 21), at("id-2026", 2026, 11, 21)
    assert (old.poin.step_idr, old.poin.postpaid.per_step, old.poin.start_date) == (5000, 2, date(2014, 3, 1))
    assert old.tier.threshold == {"red_idr": 50000, "gold_idr": 300000, "priority_idr": 1000000}
    assert (new.poin.step_idr, new.poin.tier_multipliers, new.tier.average_divisor) == (10000, (1, 2, 3, 4), 3)
    assert new.tier.names == ("silver", "gold", "platinum", "diamond")


def test_before_the_first_rule_there_are_none():
    with pytest.raises(LookupError):
        Rulebook(ROWS, 1).at(datetime(1999, 12, 31, tzinfo=WIB))


def test_the_same_moment_gives_the_same_object():
    book = Rulebook(ROWS, 1)
    assert book.at(LOADED) is book.at(LOADED + timedelta(days=1))


def test_a_rule_can_say_why():
    why = Rulebook(ROWS, 1).explain("tax.ppn", LOADED)
    assert (why.value, why.valid_from, why.ruleset) == ([132, 1200], datetime(2025, 1, 1, tzinfo=WIB), "id-2014")
    assert (why.recorded_at, why.actor) == (LOADED, "system:0")
    with pytest.raises(KeyError):
        Rulebook(ROWS, 1).explain("tax.vat", LOADED)


def test_the_label_names_the_set_that_was_loaded_last_and_has_begun():
    begins = LOADED + timedelta(days=9)
    book = Rulebook([*ROWS, row("otp.ttl_s", begins, 200, "short-otp", LOADED + timedelta(days=1))], 4)
    assert book.at(LOADED).label == "id-2014@4"
    assert book.at(begins).label == "short-otp@4"
    assert [planned.key for planned in book.planned(LOADED)] == ["otp.ttl_s"]


def test_the_label_is_of_the_last_load_not_of_the_last_beginning():
    day = timedelta(days=1)
    early = row("otp.ttl_s", LOADED + 20 * day, 200, "loaded-first", LOADED + day)
    late = row("otp.length", LOADED + 10 * day, 5, "loaded-last", LOADED + 2 * day)
    book = Rulebook([*ROWS, early, late], 5)
    assert book.at(LOADED + 25 * day).label == "loaded-last@5"


COUNTED = ("otp.ttl_s", "otp.max_tries", "ticket.sla_h")
MOMENTS = st.integers(0, 40).map(lambda hours: LOADED + timedelta(hours=hours))


@given(
    changes=st.dictionaries(st.tuples(st.sampled_from(COUNTED), MOMENTS), st.integers(1, 999), max_size=12),
    asked=st.lists(MOMENTS, max_size=6),
)
def test_like_a_naive_reading_of_all_rows(changes: dict[tuple[str, datetime], int], asked: list[datetime]):
    rows = [*ROWS, *(row(key, moment, value) for (key, moment), value in changes.items())]
    book = Rulebook(reversed(rows), 1)
    for moment in asked:
        rules = book.at(moment)
        seen = {"otp.ttl_s": rules.otp.ttl_s, "otp.max_tries": rules.otp.max_tries, "ticket.sla_h": rules.ticket.sla_h}
        for key in COUNTED:
            begun = [(begins, value) for (name, begins), value in changes.items() if name == key and begins <= moment]
            first = next(standing.value for standing in ROWS if standing.key == key)
            assert seen[key] == (max(begun)[1] if begun else first)
            assert book.explain(key, moment).value == seen[key]
    assert all(left < right for left, right in pairwise(book.moments))
