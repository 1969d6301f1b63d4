"""Days in which no worker ran: what is booked for them, and how little it takes."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.loyalty.people import People, subscription_of

from konter.app import App
from konter.furnish import furnish
from konter.jobs.schedule import jobs_of
from konter.platform.clock import WIB, FrozenClock
from konter.platform.config import load_settings, with_local_secrets
from konter.platform.schedule import run_due

END = datetime(2027, 4, 1, tzinfo=WIB)  # the first moment at which the points of 2026 are over
RUNS_A_DAY_MAX = 60  # two jobs look every hour, the others once a night


@pytest.mark.requirement("P-16", "P-17")
async def test_points_that_ended_meanwhile_are_booked_at_their_end_and_empty_moments_cost_no_run(
    people: People, tmp_path: Path
) -> None:
    began = END - timedelta(days=3)
    customer = subscription_of(await people.open(at=began - timedelta(days=200)))
    async with people.db.acquire() as connection:
        await furnish(connection, now=began - timedelta(days=200), ids=people.ids)
    await people.recharge(customer, 60_000, at=datetime(2026, 12, 10, tzinfo=WIB))
    await people.accrue(datetime(2026, 12, 11, tzinfo=WIB))
    settings = with_local_secrets(load_settings(data=tmp_path, mode="test", log_level="error", database_url=""))
    app = App(settings, people.db, FrozenClock(began))
    jobs = [job for job in jobs_of(app) if job.name != "reconcile"]
    await run_due(people.db, jobs, now=began)
    runs = await run_due(people.db, jobs, now=began + timedelta(days=6))
    booked = await people.fetch("SELECT amount, at FROM transfer WHERE kind = 'expiry' AND asset = 'POINTS'")
    assert [(row["amount"], row["at"]) for row in booked] == [(12, END)]
    assert runs < 6 * RUNS_A_DAY_MAX
    await app.selling.close()
