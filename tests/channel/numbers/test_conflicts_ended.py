"""A number at two outlets, one of which is ended for good while the conflict waits."""

from datetime import timedelta

import pytest
from tests.access.people import Stage
from tests.channel.numbers.desk import Desk
from tests.channel.numbers.test_conflicts import disabling_the, settle_due


@pytest.mark.requirement("D-32", "D-71", "G-D07")
@pytest.mark.parametrize(("disabled", "ended"), [("newest", "older"), ("oldest", "newer")])
async def test_an_outlet_that_was_ended_keeps_no_number_from_the_other(
    desk: Desk, stage: Stage, disabled: str, ended: str
) -> None:
    """By the rule alone a number went to an outlet that is no more, and the other one waited for ever."""
    disabling_the(stage, disabled)
    _, number, older, newer = await desk.conflict()
    gone, lives = (older, newer) if ended == "older" else (newer, older)
    await desk.set_outlet(gone, "terminated")
    stage.clock.advance(timedelta(hours=72))
    assert await settle_due(stage) >= 1
    assert (await desk.rs_of(lives), await desk.status_of(lives)) == (number, "active")
    assert await stage.pool.fetchval("SELECT state FROM number_conflict WHERE msisdn = $1", number) == "settled"


@pytest.mark.requirement("D-32")
async def test_with_both_ended_or_served_otherwise_it_is_settled_and_nobody_gets_anything(
    desk: Desk, stage: Stage
) -> None:
    _, number, older, newer = await desk.conflict()
    _, wanted, gone, served = await desk.conflict()
    other = await stage.number()
    await desk.register(served, other)
    for outlet in (older, newer, gone):
        await desk.set_outlet(outlet, "terminated")
    stage.clock.advance(timedelta(hours=72))
    await settle_due(stage)
    states = await stage.pool.fetch("SELECT state FROM number_conflict WHERE msisdn = ANY($1)", [number, wanted])
    assert [row["state"] for row in states] == ["settled", "settled"]
    assert (await desk.rs_of(older), await desk.rs_of(newer), await desk.rs_of(served)) == (None, None, other)
