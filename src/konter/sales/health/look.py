"""Look at how the products sell, every few seconds, and tell whoever asks. Selling itself never waits for it."""

import asyncio
from datetime import datetime, timedelta

from konter.platform.audit import SYSTEM, AuditRow, write_audit
from konter.platform.clock import Clock
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks
from konter.platform.metrics import PRODUCTS_TROUBLED
from konter.platform.rounds import run_rounds
from konter.rules.model import Rules
from konter.sales.health import queries
from konter.sales.health.model import NOT_THE_PRODUCT, Change, Health, decide_health
from konter.sales.mercy.model import HOLD_MAX_S
from konter.sales.references import References

LOOK_EVERY = timedelta(seconds=5)
TRY_EVERY_S = 1.0
FRESH_FOR = timedelta(seconds=60)  # what was seen longer ago is no reason to warn anybody


async def run_health(pool: Pool, *, clock: Clock, ids: IdBlocks, references: References, stop: asyncio.Event) -> None:
    """Look until `stop` is set; of any number of workers one every five seconds. A database away is waited for."""

    async def work() -> bool:
        async with pool.acquire() as connection:
            rulebook, _ = await references.current(connection)
            now = clock.now()
            await look(connection, now=now, rules=rulebook.at(now), ids=ids)
        return False

    await run_rounds("health", work, stop=stop, idle_s=TRY_EVERY_S)


async def look(connection: Connection, *, now: datetime, rules: Rules, ids: IdBlocks) -> list[Change] | None:
    """One look, if it is due: what changed. None: somebody else has just looked, or is at it.

    A change leaves an audit row with the counts that made it, so that staff can see later when a product was closed.
    """
    async with connection.transaction():
        if not await queries.lock_look(connection, before=now - LOOK_EVERY):
            return None
        counted = await queries.count_sales(
            connection,
            since=now - timedelta(seconds=rules.health.window_s),
            now=now,
            slow_after_s=rules.health.slow_after_s,
            unanswered_after_s=rules.health.unanswered_after_s,
            not_the_product=NOT_THE_PRODUCT,
            hold_max_s=HOLD_MAX_S,
        )
        before = {each.product: each for each in await queries.read_all_health(connection)}
        troubled, changes = decide_health(before, counted, rules.health, now=now)
        await queries.write_health(connection, troubled=troubled, now=now)
        if changes:
            own = await ids.reserve(connection, len(changes))
            await write_audit(connection, own, [_audit(change, now) for change in changes])
    for state in ("slow", "closed"):
        PRODUCTS_TROUBLED.labels(state).set(sum(each.state == state for each in troubled))
    return changes


async def product_health(connection: Connection, *, now: datetime) -> Health:
    """How the products sell, for pages and lists; one small query."""
    found = await queries.read_health(connection, looked_since=now - FRESH_FOR)
    return Health({each.product: each for each in found})


def _audit(change: Change, now: datetime) -> AuditRow:
    counts = change.counts
    data = {
        "product": change.product,
        "was": change.was,
        "now": change.now,
        "sales": counts.sales,
        "slow": counts.slow,
        "refused": counts.refused,
        "unanswered": counts.unanswered,
    }
    return AuditRow(0, now, SYSTEM, "product.health", 0, data)
