"""The circuit breaker on a clock of its own."""

from collections.abc import Callable

import pytest

from konter.platform.metrics import NETWORK_CIRCUIT
from konter.sales.network.breaker import Breaker, Permit


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def breaker(clock: Callable[[], float]) -> Breaker:
    return Breaker(failures_max=3, rest_s=5, clock=clock)


def shown() -> float:
    return NETWORK_CIRCUIT._value.get()


def permit(breaker: Breaker) -> Permit:
    given = breaker.permit()
    assert given is not None
    return given


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed(permit(breaker))


def test_it_opens_after_failures_in_a_row_and_closes_by_itself(breaker: Breaker, clock: Hand) -> None:
    fail(breaker, 3)
    assert (breaker.is_open, breaker.permit(), shown()) == (True, None, 2)
    clock.s += 4.9
    assert breaker.permit() is None
    clock.s += 0.1
    trying = permit(breaker)
    assert shown() == 1
    breaker.succeeded(trying)
    assert (breaker.is_open, shown()) == (False, 0)
    fail(breaker, 2)
    assert not breaker.is_open


def test_a_success_in_between_begins_the_count_again(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.succeeded(permit(breaker))
    fail(breaker, 2)
    assert not breaker.is_open


def test_one_call_tries_and_the_others_wait_for_its_end(breaker: Breaker, clock: Hand) -> None:
    fail(breaker, 3)
    clock.s += 5
    permit(breaker)
    clock.s += 100
    assert breaker.permit() is None


def test_a_failed_try_rests_the_whole_time_again(breaker: Breaker, clock: Hand) -> None:
    fail(breaker, 3)
    clock.s += 5
    fail(breaker, 1)
    clock.s += 4.9
    assert breaker.permit() is None
    clock.s += 0.1
    assert breaker.permit() is not None


def test_a_try_whose_caller_left_is_followed_by_the_next(breaker: Breaker, clock: Hand) -> None:
    fail(breaker, 3)
    clock.s += 5
    breaker.gave_up(permit(breaker))
    assert breaker.permit() is not None


def test_calls_from_before_the_change_count_no_more(breaker: Breaker, clock: Hand) -> None:
    old = [permit(breaker) for _ in range(6)]
    for one in old[:3]:
        breaker.failed(one)
    clock.s += 5
    trying = permit(breaker)
    breaker.succeeded(old[3])
    assert breaker.permit() is None  # still the one that tries
    breaker.succeeded(trying)
    for one in old[3:]:
        breaker.failed(one)
    assert not breaker.is_open
