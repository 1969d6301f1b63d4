"""By itself, every day: the sweep at nine in the morning, and yesterday's districts."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.access.people import Stage
from tests.api.world import settings_of
from tests.channel.territory.ground import DEPOK, Ground
from tests.sales.activity.idle import DAY, notices, seller, status
from tests.shop import open_shop

from konter.app import App
from konter.jobs.schedule import jobs_of
from konter.platform.schedule import Job, run_due


def jobs_named(app: App, name: str) -> list[Job]:
    return [job for job in jobs_of(app) if job.name == name]


async def days_pass(stage: Stage, name: str, days: float, *, moved: bool = True) -> int:
    """The clock is moved so many days, and what fell due in them runs in order; how many runs there were."""
    app = App(settings_of(Path("/nowhere")), stage.pool, stage.clock, network=None)
    await run_due(stage.pool, jobs_named(app, name), now=stage.now)
    stage.clock.advance(days * DAY)
    stage.clock.offset += days * DAY if moved else timedelta()
    runs = await run_due(stage.pool, jobs_named(app, name), now=stage.now)
    await app.selling.close()
    return runs


@pytest.mark.requirement("D-71", "G-D15")
async def test_forty_days_at_once_warn_on_the_23rd_and_29th_and_end_by_the_first_run_after_the_30th(
    own_stage: Stage,
) -> None:
    shop, begin = await seller(own_stage), own_stage.now
    assert await days_pass(own_stage, "sweep_inactivity", 40) == 40
    assert (await status(shop), await notices(shop)) == ("terminated", [23, 29])
    ended_at = await own_stage.pool.fetchval("SELECT decided_at FROM inactivity")
    assert begin + 30 * DAY <= ended_at < begin + 31 * DAY
    assert ended_at.hour == 2  # nine o'clock in Jakarta


@pytest.mark.requirement("D-71", "G-D15")
async def test_mornings_that_no_worker_saw_end_nobody_who_was_not_warned_a_day_before(own_stage: Stage) -> None:
    shop = await seller(own_stage)
    await days_pass(own_stage, "sweep_inactivity", 40, moved=False)
    assert (await status(shop), await notices(shop)) == ("active", [29])
    await days_pass(own_stage, "sweep_inactivity", 1, moved=False)
    assert (await status(shop), await notices(shop)) == ("terminated", [29])


async def test_yesterdays_sales_are_added_up_and_late_outcomes_come_in(own_stage: Stage) -> None:
    ground = await Ground(own_stage).set()
    shop = await open_shop(own_stage, outlet_id=await own_stage.outlet(partner_id=ground.mine, district=DEPOK))
    sale = (await shop.sell()).sale
    await own_stage.pool.execute(
        "UPDATE sale SET status = 'checking', deadline = $2 WHERE id = $1", sale.id, own_stage.now + timedelta(hours=24)
    )
    await days_pass(own_stage, "roll_up_districts", 1)
    assert await own_stage.pool.fetchval("SELECT count(*) FROM district_day") == 0
    await own_stage.pool.execute("UPDATE sale SET status = 'done' WHERE id = $1", sale.id)
    await days_pass(own_stage, "roll_up_districts", 1)
    assert await own_stage.pool.fetchval("SELECT sum(sales) FROM district_day") == 1
