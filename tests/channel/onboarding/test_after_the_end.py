"""Who was ended for good applies again."""

import asyncio

import pytest
from tests.access.people import code_of
from tests.channel.onboarding.desk import Desk, nik

from konter.channel.onboarding.model import Judged
from konter.channel.terminate import terminate_outlets
from konter.platform.audit import SYSTEM


async def end(desk: Desk, judged: Judged) -> None:
    stage = desk.stage
    async with stage.pool.acquire() as connection:
        await terminate_outlets(
            connection,
            [judged.outlet_id],
            reason="inactivity",
            actor=SYSTEM,
            now=stage.now,
            ids=stage.ids,
            rules=stage.rules,
        )


@pytest.mark.requirement("D-33", "D-71")
async def test_an_individual_whose_outlet_was_ended_becomes_a_seller_again_and_is_one(desk: Desk) -> None:
    digits = nik()
    first = await desk.decide(await desk.recommended(nik=digits, kind="individual"))
    assert isinstance(first, Judged), first
    await end(desk, first)
    again = await desk.decide(await desk.recommended(nik=digits, kind="individual"))
    assert isinstance(again, Judged), again
    opened = await desk.filled(nik=digits, kind="individual")
    assert code_of(await desk.send(opened.token)) == "NIK_ALREADY_SELLS"


@pytest.mark.requirement("D-33", "D-71")
async def test_ended_while_the_next_application_of_the_person_is_approved(desk: Desk) -> None:
    digits = nik()
    first = await desk.decide(await desk.recommended(nik=digits, kind="individual"))
    waiting = await desk.recommended(nik=digits, kind="outlet")
    assert isinstance(first, Judged)
    outcome, _ = await asyncio.gather(desk.decide(waiting), end(desk, first))
    assert isinstance(outcome, Judged), outcome
