"""The evaluation as the worker runs it."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests.loyalty.people import People, subscription_of

from konter.app import App
from konter.furnish import furnish
from konter.jobs.schedule import jobs_of
from konter.platform.clock import WIB, FrozenClock
from konter.platform.config import load_settings, with_local_secrets

OPENED = datetime(2026, 1, 5, tzinfo=WIB)
MIDNIGHT = datetime(2026, 10, 1, tzinfo=WIB)


@pytest.mark.requirement("P-36", "P-37", "G-P15")
async def test_who_recharged_before_a_late_evaluation_is_red_anew(people: People, tmp_path: Path) -> None:
    """Another worker granted in the meantime, while Red still held."""
    async with people.db.acquire() as connection:
        await furnish(connection, now=OPENED, ids=people.ids)
    customer = subscription_of(await people.open(at=OPENED))
    settings = with_local_secrets(load_settings(data=tmp_path, mode="test", log_level="error", database_url=""))
    app = App(settings, people.db, FrozenClock(MIDNIGHT + timedelta(hours=8)))
    jobs = {job.name: job.run for job in jobs_of(app)}
    await people.recharge(customer, 60_000, at=datetime(2026, 3, 10, tzinfo=WIB))
    await people.accrue(datetime(2026, 3, 10, 1, tzinfo=WIB))
    await people.recharge(customer, 60_000, at=MIDNIGHT + timedelta(hours=1))
    await jobs["accrue_points"](people.db, app.clock.now())
    await jobs["evaluate_tiers"](people.db, MIDNIGHT + timedelta(minutes=5))
    told = await people.fetch("SELECT tier, since, until, cause FROM tier_change ORDER BY seq")
    assert [tuple(row) for row in told] == [
        ("red", date(2026, 3, 10), date(2026, 10, 1), "entry"),
        ("mass", date(2026, 10, 1), None, "downgrade"),
        ("red", date(2026, 10, 1), date(2027, 4, 1), "entry"),
    ]
