"""The lane: batches that grow under load only, order, neighbours of a poisoned request, bounds. No database needed."""

import asyncio
import itertools
from collections.abc import Callable, Sequence

import asyncpg
import pytest

from konter.platform.lane import REPEATS_MAX, Lane
from konter.platform.refusal import Refused


class Command:
    """Doubles numbers; `gate` holds a batch back, `trouble` is called before each batch."""

    def __init__(self, trouble: Callable[[Sequence[int]], None] = lambda _: None) -> None:
        self.batches: list[list[int]] = []
        self.trouble = trouble
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, requests: Sequence[int]) -> list[int]:
        self.batches.append(list(requests))
        await self.gate.wait()
        self.trouble(requests)
        return [request * 2 for request in requests]

    @property
    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.batches]


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(10):
        await asyncio.sleep(0)


async def outcomes_of(lane: Lane, requests: Sequence[int]) -> list:
    async with asyncio.timeout(10):  # whoever is forgotten waits for ever
        return await asyncio.gather(*[lane.submit(request) for request in requests], return_exceptions=True)


async def test_it_works() -> None:
    assert await Lane("t", Command()).submit(21) == 42


async def test_at_rest_a_batch_is_one() -> None:
    command = Command()
    lane = Lane("t", command)
    for n in range(3):
        assert await lane.submit(n) == n * 2
    assert command.sizes == [1, 1, 1]


async def test_what_arrives_while_a_batch_is_at_work_is_the_next_batch_in_order() -> None:
    command = Command()
    lane = Lane("t", command)
    command.gate.clear()
    first = asyncio.create_task(lane.submit(0))
    await settle()
    others = asyncio.create_task(outcomes_of(lane, range(1, 51)))
    await settle()
    command.gate.set()
    assert await first == 0
    assert await others == [n * 2 for n in range(1, 51)]
    assert command.batches == [[0], list(range(1, 51))]


async def test_a_batch_is_bounded() -> None:
    command = Command()
    await outcomes_of(Lane("t", command, batch_max=8), range(20))
    assert command.sizes == [8, 8, 4]
    assert list(itertools.chain(*command.batches)) == list(range(20))


def poison(bad: int) -> Callable[[Sequence[int]], None]:
    def trouble(requests: Sequence[int]) -> None:
        if bad in requests:
            raise ValueError("poisoned")

    return trouble


@pytest.mark.parametrize("bad", [0, 7, 15])
async def test_a_poisoned_request_fails_alone(bad: int) -> None:
    command = Command(poison(bad))
    outcomes = await outcomes_of(Lane("t", command), range(16))
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, ValueError)] == [bad]
    assert [outcome for outcome in outcomes if isinstance(outcome, int)] == [n * 2 for n in range(16) if n != bad]
    assert len(command.batches) <= 1 + 2 * 4


async def test_after_a_poisoned_request_the_lane_goes_on() -> None:
    lane = Lane("t", Command(poison(1)))
    with pytest.raises(ValueError, match="poisoned"):
        await lane.submit(1)
    assert await lane.submit(2) == 4


def lose(times: int, error: type[Exception]) -> Callable[[Sequence[int]], None]:
    left = [times]

    def trouble(_: Sequence[int]) -> None:
        if left[0]:
            left[0] -= 1
            raise error("lost")

    return trouble


@pytest.mark.parametrize(
    "error", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError]
)
async def test_a_batch_that_lost_against_a_neighbour_runs_again(error: type[Exception]) -> None:
    command = Command(lose(REPEATS_MAX - 1, error))
    assert await outcomes_of(Lane("t", command), range(4)) == [0, 2, 4, 6]
    assert command.sizes == [4, 4, 4]


async def test_repeats_are_bounded() -> None:
    command = Command(lose(10**6, asyncpg.DeadlockDetectedError))
    outcomes = await outcomes_of(Lane("t", command), range(4))
    assert all(isinstance(outcome, asyncpg.DeadlockDetectedError) for outcome in outcomes)
    assert command.sizes.count(4) == REPEATS_MAX
    assert len(command.batches) == REPEATS_MAX * (1 + 2 + 4)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.LockNotAvailableError,
        asyncpg.AdminShutdownError,
        asyncpg.ConnectionDoesNotExistError,
        ConnectionRefusedError,
        TimeoutError,
    ],
)
async def test_a_database_that_is_away_gives_503_at_once_and_to_all(error: type[Exception]) -> None:
    command = Command(lose(1, error))
    lane = Lane("t", command)
    outcomes = await outcomes_of(lane, range(4))
    assert [(outcome.refusal.code, outcome.refusal.status) for outcome in outcomes] == [("UNAVAILABLE", 503)] * 4
    assert outcomes[0].refusal.data["retry_after_s"] > 0
    assert command.sizes == [4]
    assert await lane.submit(4) == 8


async def test_a_full_queue_gives_429_and_takes_nothing() -> None:
    command = Command()
    lane = Lane("t", command, batch_max=2, queue_max=3)
    command.gate.clear()
    working = asyncio.create_task(lane.submit(0))
    await settle()
    waiting = asyncio.create_task(outcomes_of(lane, [1, 2, 3]))
    await settle()
    with pytest.raises(Refused) as refused:
        await asyncio.wait_for(lane.submit(4), 2)
    assert (refused.value.refusal.code, refused.value.refusal.status) == ("TOO_MANY_REQUESTS", 429)
    command.gate.set()
    await asyncio.gather(working, waiting)
    assert list(itertools.chain(*command.batches)) == [0, 1, 2, 3]


@pytest.mark.parametrize("at_work", [True, False])
async def test_a_caller_that_goes_away_does_not_take_its_request_back(at_work: bool) -> None:
    command = Command()
    lane = Lane("t", command)
    command.gate.clear()
    if not at_work:
        ahead = asyncio.create_task(lane.submit(0))
        await settle()
    gone, stays = asyncio.create_task(lane.submit(1)), asyncio.create_task(lane.submit(2))
    await settle()
    gone.cancel()
    await settle()
    command.gate.set()
    assert await stays == 4
    assert gone.cancelled()
    assert command.batches[-1] == [1, 2]
    if not at_work:
        await ahead


@pytest.mark.parametrize("trouble", [poison(1), lose(1, asyncpg.AdminShutdownError)])
async def test_a_caller_that_goes_away_does_not_hurt_the_others_when_there_is_trouble(trouble) -> None:
    command = Command(trouble)
    lane = Lane("t", command)
    command.gate.clear()
    gone, stays = asyncio.create_task(lane.submit(1)), asyncio.create_task(lane.submit(2))
    await settle()
    gone.cancel()
    command.gate.set()
    await asyncio.gather(stays, return_exceptions=True)
    assert await lane.submit(3) == 6


async def test_closing_lets_everything_that_waits_be_decided() -> None:
    command = Command()
    lane = Lane("t", command, batch_max=2)
    command.gate.clear()
    waiting = asyncio.create_task(outcomes_of(lane, range(5)))
    await settle()
    closing = asyncio.create_task(lane.close())
    await settle()
    assert not closing.done()
    command.gate.set()
    await closing
    assert command.sizes == [2, 2, 1]
    assert await waiting == [0, 2, 4, 6, 8]


async def test_closing_a_lane_at_rest_returns_at_once() -> None:
    await asyncio.wait_for(Lane("t", Command()).close(), 1)


async def test_a_command_that_owes_an_outcome_is_loud_and_nobody_waits_for_ever() -> None:
    async def forgets(requests: Sequence[int]) -> list[int]:
        return [request * 2 for request in requests if request != 1]

    outcomes = await asyncio.wait_for(outcomes_of(Lane("t", forgets), range(4)), 2)
    assert isinstance(outcomes[1], AssertionError)
    assert [outcomes[0], *outcomes[2:]] == [0, 4, 6]


class Gate:
    """A command whose batches end when they are let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()

    async def __call__(self, requests):
        self.batches.append(list(requests))
        await self.open.wait()
        return requests


async def test_a_second_batch_sets_out_only_when_a_good_one_waits() -> None:
    gate = Gate()
    lane = Lane("beside", gate, batch_max=10, at_once=2, full=3)
    callers = [asyncio.create_task(lane.submit(0))]
    await asyncio.sleep(0.01)
    callers += [asyncio.create_task(lane.submit(n)) for n in (1, 2)]
    await asyncio.sleep(0.01)
    assert gate.batches == [[0]]
    callers += [asyncio.create_task(lane.submit(n)) for n in (3, 4, 5, 6, 7)]
    await asyncio.sleep(0.01)
    assert gate.batches == [[0], [1, 2, 3, 4, 5, 6, 7]]
    callers += [asyncio.create_task(lane.submit(n)) for n in range(8, 12)]
    await asyncio.sleep(0.01)
    assert len(gate.batches) == 2, "never a third"
    gate.open.set()
    assert await asyncio.gather(*callers) == list(range(12))
    await lane.close()


async def test_many_callers_of_a_lane_with_two_batches_at_once_are_all_answered_once() -> None:
    seen: list[int] = []

    async def command(requests):
        await asyncio.sleep(0.001 * (len(requests) % 3))
        seen.extend(requests)
        return requests

    lane = Lane("beside", command, batch_max=16, at_once=2, full=8)
    answers = await asyncio.gather(*[lane.submit(n) for n in range(1_000)])
    assert answers == list(range(1_000))
    assert sorted(seen) == answers


async def test_a_second_batch_takes_only_what_shares_no_owner_with_the_first() -> None:
    """It would wait for the first one's locks, and save nothing."""
    gate = Gate()
    lane = Lane("beside", gate, batch_max=4, at_once=2, full=2, owners_of=lambda request: (request // 10,))
    callers = [asyncio.create_task(lane.submit(10))]
    await asyncio.sleep(0.01)
    callers += [asyncio.create_task(lane.submit(n)) for n in (11, 20, 12)]
    await asyncio.sleep(0.01)
    assert gate.batches == [[10]], "one is too few"
    callers.append(asyncio.create_task(lane.submit(13)))
    await asyncio.sleep(0.01)
    assert gate.batches == [[10]], "nothing is looked at again until a batch ends"
    gate.open.set()
    assert await asyncio.gather(*callers) == [10, 11, 20, 12, 13]
    gate.open.clear()
    callers = [asyncio.create_task(lane.submit(30))]
    await asyncio.sleep(0.01)
    callers += [asyncio.create_task(lane.submit(n)) for n in (31, 40)]
    await asyncio.sleep(0.01)
    gate.open.set()
    assert await asyncio.gather(*callers) == [30, 31, 40]
    await lane.close()


async def test_beside_a_batch_goes_what_is_free_and_the_rest_keeps_its_place() -> None:
    gate = Gate()
    lane = Lane("beside", gate, batch_max=4, at_once=2, full=2, owners_of=lambda request: (request // 10,))
    callers = [asyncio.create_task(lane.submit(10))]
    await asyncio.sleep(0.01)
    # Both become due in one turn of the loop: the runner that starts finds all of them waiting.
    callers += [asyncio.create_task(lane.submit(n)) for n in (20, 30)]
    callers += [asyncio.create_task(lane.submit(n)) for n in (11, 12)]
    await asyncio.sleep(0.01)
    assert gate.batches == [[10], [20, 30]]
    gate.open.set()
    await asyncio.gather(*callers)
    assert gate.batches == [[10], [20, 30], [11, 12]]
    await lane.close()
