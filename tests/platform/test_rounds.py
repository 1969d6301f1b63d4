"""Rounds of work: at once while more waits, after a rest when not, and patience with a database that is away."""

import asyncio
import time

import asyncpg
import pytest

from konter.platform import rounds
from konter.platform.rounds import run_rounds


class Work:
    """Does as the list says, round by round: `more` waits, or is `over`, or an error; then it stops."""

    def __init__(self, *script: str | Exception) -> None:
        self.script = list(script)
        self.stop = asyncio.Event()
        self.begun: list[float] = []

    async def __call__(self) -> bool:
        self.begun.append(time.monotonic())
        said = self.script.pop(0)
        if not self.script:
            self.stop.set()
        if isinstance(said, Exception):
            raise said
        return said == "more"

    async def run(self, idle_s: float) -> list[float]:
        """The pauses between rounds."""
        await run_rounds("test", self, stop=self.stop, idle_s=idle_s)
        return [later - earlier for earlier, later in zip(self.begun, self.begun[1:], strict=False)]


async def test_while_more_waits_it_does_not_rest() -> None:
    hurried, rested = await Work("more", "over", "over").run(0.2)
    assert hurried < 0.15
    assert rested >= 0.19


@pytest.mark.parametrize("error", [asyncpg.CannotConnectNowError("starting"), asyncpg.DeadlockDetectedError("lost")])
async def test_trouble_is_waited_for_ever_longer_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(rounds, "TROUBLE_PAUSE_MAX_S", 0.3)
    pauses = await Work(error, error, error, "over", "over").run(0.1)
    assert all(pause >= least for pause, least in zip(pauses, (0.19, 0.29, 0.29, 0.09), strict=True))
    assert pauses[2] < 0.8, "without a bound it would be that"


async def test_a_mistake_of_ours_goes_up() -> None:
    with pytest.raises(ZeroDivisionError):
        await Work(ZeroDivisionError(), "over").run(0.1)


async def test_stopped_in_its_rest_it_ends_at_once() -> None:
    work = Work("over", "over")
    task = asyncio.create_task(run_rounds("test", work, stop=work.stop, idle_s=60))
    await asyncio.sleep(0.05)
    work.stop.set()
    await asyncio.wait_for(task, 1)
    assert len(work.begun) == 1
