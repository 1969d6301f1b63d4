"""Guesses at a verify code: looked back on from every moment, so that no two bursts straddle a window."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from tests.access.people import Stage

from konter.access.limits.guesses import LOOK_BACK, WRONG_MAX, count_wrong_guess, guess_refusal
from konter.access.model import wait_s
from konter.platform.refusal import Refusal

T0 = datetime(2026, 11, 21, tzinfo=UTC)


async def guess(stage: Stage, address: str, now: datetime, times: int = 0) -> Refusal | None:
    async with stage.pool.acquire() as connection:
        for _ in range(times):
            await count_wrong_guess(connection, address, now=now)
        return await guess_refusal(connection, address, now=now)


async def test_two_bursts_around_a_full_ten_minutes_count_together(stage: Stage) -> None:
    address, half = uuid4().hex, WRONG_MAX // 2
    assert await guess(stage, address, T0 - timedelta(minutes=1), half) is None
    refusal = await guess(stage, address, T0 + timedelta(minutes=1), half)
    assert refusal is not None
    assert (refusal.code, refusal.data["retry_after_s"]) == ("TOO_MANY_REQUESTS", 8 * 60)
    assert await guess(stage, address, T0 - timedelta(minutes=1) + LOOK_BACK - timedelta(seconds=1)) is not None
    assert await guess(stage, address, T0 - timedelta(minutes=1) + LOOK_BACK) is None


async def test_another_address_waits_for_nobody(stage: Stage) -> None:
    assert await guess(stage, uuid4().hex, T0, WRONG_MAX) is not None
    assert await guess(stage, uuid4().hex, T0) is None


@given(st.lists(st.integers(0, 3000), max_size=40), st.integers(1, 5))
def test_who_waits_as_told_never_does_more_than_the_limit_in_any_stretch(gaps_s: list[int], limit: int) -> None:
    now, did = T0, []
    for gap_s in gaps_s:
        now += timedelta(seconds=gap_s)
        if not wait_s(did, limit=limit, look_back=LOOK_BACK, now=now):
            did.append(now)
    assert all(last - first >= LOOK_BACK for first, last in zip(did, did[limit:], strict=False))
