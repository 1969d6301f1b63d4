"""A name that nobody has answers like a known one when many ask at once, too: all are counted one after the other."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.access.people import HOME, Stage
from tests.access.test_staff import staff

from konter.access.model import LoginStarted
from konter.access.reset_password import ask_password_reset, check_reset_code
from konter.platform.db import open_pool
from konter.platform.refusal import Refusal

AT_ONCE = 20


@pytest.fixture
async def crowd(stage: Stage, worker_dsn: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """The stage with a connection for everybody, all open, and passwords that are checked in the same instant."""
    async with await open_pool(worker_dsn, size=AT_ONCE) as pool:
        await asyncio.gather(*(pool.fetch("SELECT pg_sleep(0.1)") for _ in range(AT_ONCE)))
        together = asyncio.Barrier(AT_ONCE)

        async def wrong(*_: object) -> bool:
            await together.wait()
            return False

        monkeypatch.setattr(stage.passwords, "verify", wrong)
        monkeypatch.setattr("konter.access.otps.ADDRESS_MAX_PER_HOUR", {"login": 9999, "password_reset": 9999})
        monkeypatch.setattr(stage, "pool", pool)
        yield stage


async def names(stage: Stage) -> dict[str, str]:
    """Somebody at an outlet, somebody of the staff, and nobody."""
    user = await stage.user()
    await staff(stage, f"kantor{user.id}")
    return {"outlet": user.username, "staff": f"kantor{user.id}", "nobody": f"{user.username}-x"}


def said(outcome: Refusal | LoginStarted | None) -> str:
    if isinstance(outcome, Refusal):
        return f"{outcome.code} {sorted(outcome.data.items())}"
    return type(outcome).__name__


async def at_once(ask: Callable[[], Awaitable[Refusal | LoginStarted | None]]) -> Counter[str]:
    return Counter(map(said, await asyncio.gather(*(ask() for _ in range(AT_ONCE)))))


@pytest.mark.requirement("G-D02", "G-D03")
async def test_wrong_passwords_at_once(crowd: Stage) -> None:
    answers = {kind: await at_once(lambda name=name: crowd.log_in(name)) for kind, name in (await names(crowd)).items()}
    assert answers["outlet"] == answers["staff"] == answers["nobody"]
    assert sorted(answers["nobody"].values()) == [4, AT_ONCE - 4]


@pytest.mark.requirement("G-D02")
async def test_resets_asked_for_at_once(crowd: Stage) -> None:
    async def ask(name: str) -> Refusal | LoginStarted:
        async with crowd.pool.acquire() as connection:
            return await ask_password_reset(connection, name, origin=HOME, **crowd.given)

    answers = {kind: await at_once(lambda name=name: ask(name)) for kind, name in (await names(crowd)).items()}
    assert answers["outlet"] == answers["staff"] == answers["nobody"]
    assert answers["nobody"]["LoginStarted"] == 1


@pytest.mark.requirement("G-D02")
async def test_wrong_otps_of_a_reset_at_once(crowd: Stage) -> None:
    async def guess(login_id: str) -> Refusal | None:
        async with crowd.pool.acquire() as connection:
            return await check_reset_code(connection, login_id, "no", origin=HOME, **crowd.given)

    answers = {}
    for kind, name in (await names(crowd)).items():
        async with crowd.pool.acquire() as connection:
            login = await ask_password_reset(connection, name, origin=HOME, **crowd.given)
        assert isinstance(login, LoginStarted)
        answers[kind] = await at_once(lambda login_id=login.login_id: guess(login_id))
    assert answers["outlet"] == answers["staff"] == answers["nobody"]
    assert sorted(answers["nobody"].values()) == [1, 1, 1, 1, AT_ONCE - 4]
