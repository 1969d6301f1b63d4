"""Which word a product's counts give it, without a database."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.access.people import rules
from tests.conftest import NOON

from konter.sales.health.model import Counts, ProductHealth, decide_health, state_of

RULES = rules().health
LATER = NOON + timedelta(seconds=5)


def counts(sales: int, slow: int = 0, refused: int = 0, unanswered: int = 0) -> Counts:
    return Counts(product="P", sales=sales, slow=slow, refused=refused, unanswered=unanswered)


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (counts(0), "open"),
        (counts(100), "open"),
        (counts(4, refused=4), "open"),  # too few to say anything
        (counts(4, unanswered=4), "open"),
        (counts(5, refused=2), "open"),
        (counts(5, refused=3), "closed"),
        (counts(10, refused=5), "closed"),
        (counts(10, refused=2, unanswered=3), "closed"),
        (counts(10, refused=4), "open"),  # refusals alone do not make it slow
        (counts(10, slow=1), "open"),
        (counts(10, slow=2), "slow"),
        (counts(10, slow=1, unanswered=1), "slow"),
        (counts(10, slow=10), "slow"),  # slow is never closed: all of it was delivered
    ],
)
def test_counts_give_a_word(seen: Counts, word: str) -> None:
    assert state_of(seen, RULES) == word


def test_what_stays_as_it_was_keeps_its_moment_and_is_no_change() -> None:
    troubled, changes = decide_health({}, [counts(10, refused=6)], RULES, now=NOON)
    assert [(each.state, each.since) for each in troubled] == [("closed", NOON)]
    assert [(each.was, each.now) for each in changes] == [("open", "closed")]
    again, changes = decide_health({"P": troubled[0]}, [counts(12, refused=7)], RULES, now=LATER)
    assert [(each.since, each.sales) for each in again] == [(NOON, 12)]
    assert changes == []


def test_closed_turns_slow_and_then_open_each_from_its_own_moment() -> None:
    (closed,), _ = decide_health({}, [counts(10, refused=6)], RULES, now=NOON)
    (slow,), changes = decide_health({"P": closed}, [counts(10, slow=3)], RULES, now=LATER)
    assert (slow.state, slow.since) == ("slow", LATER)
    assert [(each.was, each.now) for each in changes] == [("closed", "slow")]
    none, changes = decide_health({"P": slow}, [], RULES, now=LATER)
    assert none == []
    assert [(each.was, each.now, each.counts.sales) for each in changes] == [("slow", "open", 0)]


@given(
    st.integers(0, 50).flatmap(
        lambda sales: st.tuples(
            st.just(sales), st.integers(0, sales), st.integers(0, sales), st.integers(0, sales)
        ).filter(lambda each: each[2] + each[3] <= sales)
    ),
    st.sampled_from(["open", "slow", "closed"]),
)
def test_more_trouble_never_makes_it_better(seen: tuple[int, int, int, int], was: str) -> None:
    sales, slow, refused, unanswered = seen
    order = ["open", "slow", "closed"]
    here = state_of(counts(sales, slow, refused, unanswered), RULES)
    if refused + unanswered < sales:
        assert order.index(state_of(counts(sales, slow, refused, unanswered + 1), RULES)) >= order.index(here)
    earlier = {}
    if was != "open":
        earlier = {"P": ProductHealth(product="P", state=was, since=NOON, sales=9, slow=9, refused=9, unanswered=0)}
    troubled, changes = decide_health(earlier, [counts(sales, slow, refused, unanswered)], RULES, now=LATER)
    assert bool(troubled) == (here != "open")
    assert bool(changes) == (here != was)
