"""The worker: side effects, open sales and jobs that fell due, beside any number of servers and other workers."""

import asyncio
import signal
from datetime import datetime

import structlog
from prometheus_client import start_http_server

from konter.app import App, open_app
from konter.jobs.schedule import jobs_of
from konter.loyalty.rewards.redemption.redeem import TOPIC_ORDER
from konter.messaging.inbound.answer import inbound_handler
from konter.messaging.inbound.receive import TOPIC_INBOUND
from konter.messaging.model import TOPIC_SMS
from konter.messaging.providers.handset import HandsetProvider
from konter.messaging.send import sms_handler
from konter.platform.config import Settings
from konter.platform.outbox import Handler, run_outbox
from konter.platform.rounds import run_rounds
from konter.platform.schedule import Rests, run_due
from konter.rules.model import Rules
from konter.sales.checking.reconcile import Reconciler
from konter.sales.health.look import run_health

JOBS_EVERY_S = 1.0
log = structlog.get_logger()


async def work(settings: Settings, database_url: str) -> None:
    """Work until told to stop (SIGTERM, SIGINT); what is in hand is finished, the rest comes back by its lease."""
    if settings.worker_metrics_port:
        start_http_server(settings.worker_metrics_port, settings.host)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, stop.set)
    async with open_app(settings, database_url) as app, asyncio.TaskGroup() as tasks:
        tasks.create_task(run_outbox(app.pool, clock=app.clock, handlers=handlers_of(app), stop=stop))
        tasks.create_task(reconciler_of(app).run(stop))
        tasks.create_task(app.reversing.run(stop))
        tasks.create_task(run_jobs(app, stop))
        tasks.create_task(run_health(app.pool, clock=app.clock, ids=app.ids, references=app.references, stop=stop))


def reconciler_of(app: App) -> Reconciler:
    """Who looks after sales that no server brought to an end."""
    return Reconciler(app.pool, app.selling, clock=app.clock, ids=app.ids, references=app.references)


def handlers_of(app: App) -> dict[str, Handler]:
    """Who does which side effect. Customers' texts are answered; in demo and tests texts go to the simulated handsets.

    A live installation has no link to phones yet: its texts stay in the outbox until a provider is there, and the
    figure `konter_outbox_waiting` shows them.
    """

    async def rules(now: datetime) -> Rules:
        async with app.pool.acquire() as connection:
            return await app.rules(connection, now)

    handlers = {
        TOPIC_ORDER: app.providing.handler(),
        TOPIC_INBOUND: inbound_handler(app.pool, clock=app.clock, ids=app.ids, rules=rules, served=app.served),
    }
    if app.settings.mode == "live":
        log.warning("no provider for texts: they wait in the outbox")
        return handlers
    provider = HandsetProvider(app.pool, ids=app.ids)
    return {**handlers, TOPIC_SMS: sms_handler(provider, clock=app.clock, keys=app.keys, rules=rules)}


async def run_jobs(app: App, stop: asyncio.Event) -> None:
    """Look every second what fell due on the clock, which in demo and tests may have been moved."""
    rests = Rests()

    async def work() -> bool:
        await run_due(app.pool, jobs_of(app), now=app.clock.now(), rests=rests, stop=stop)
        return False

    await run_rounds("jobs", work, stop=stop, idle_s=JOBS_EVERY_S)
