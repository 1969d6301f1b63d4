"""Rewards in a running process: the worker's handler, the job of the deadline, the demo's stock."""

import uuid
from datetime import timedelta

import pytest
from tests.loyalty.rewards.conftest import DEMO, Counter
from tests.loyalty.rewards.test_provider import TONE, reread, taken

from konter.app import App
from konter.jobs.schedule import jobs_of
from konter.loyalty.rewards.redemption.redeem import TOPIC_ORDER
from konter.platform.config import load_settings, with_local_secrets
from konter.worker import handlers_of


def app_of(counter: Counter, mode: str) -> App:
    settings = with_local_secrets(load_settings(data=counter.folder, mode=mode, log_level="error", database_url=""))
    return App(settings, counter.stage.pool, counter.stage.clock)


@pytest.mark.requirement("P-22", "P-29")
async def test_the_worker_has_a_tone_activated(counter: Counter) -> None:
    app = app_of(counter, "test")
    customer, reward = await counter.customer(), await counter.reward(**TONE)
    redemption = (await app.redeeming.redeem(counter.request(customer, reward))).redemption
    await handlers_of(app)[TOPIC_ORDER]([await taken(counter, redemption)])
    ended = await reread(counter, redemption)
    assert (ended.status, ended.delivery.reference) == ("done", f"DEMO-{redemption.id}")


@pytest.mark.requirement("P-29")
async def test_without_a_provider_the_job_brings_points_back_at_the_deadline(own_counter: Counter) -> None:
    """A live installation has no links to providers yet: nobody's points are lost to that."""
    counter = own_counter
    app = app_of(counter, "live")
    (job,) = [job for job in jobs_of(app) if job.name == "end_redemptions"]
    customer, reward = await counter.customer(), await counter.reward(**TONE)
    redemption = (await counter.redeem(customer, reward)).redemption
    await job.run(counter.stage.pool, counter.stage.now)
    assert (await reread(counter, redemption)).status == "checking"
    counter.stage.clock.at = redemption.deadline + timedelta(seconds=1)
    await job.run(counter.stage.pool, counter.stage.now)
    assert (await reread(counter, redemption)).status == "refunded"
    assert (await counter.points(customer))[0] == 100


async def test_a_demos_providers_are_those_of_its_rewards(own_counter: Counter) -> None:
    await own_counter.import_file(DEMO)
    customer = await own_counter.customer(1000)
    app = app_of(own_counter, "demo")
    for reward in ("NSP30", "GAME7", "MUSIC30"):
        redemption = (await own_counter.redeem(customer, reward, client_ref=uuid.uuid4())).redemption
        await handlers_of(app)[TOPIC_ORDER]([await taken(own_counter, redemption)])
        assert (await reread(own_counter, redemption)).status == "done"
