"""Sellers who sell and then do not, and the daily sweep at a moment of the test's choice."""

from datetime import datetime, timedelta

import msgspec
from tests.access.people import Stage
from tests.shop import Shop, open_shop

from konter.rules.model import Rules
from konter.sales.activity.sweep import sweep_inactivity

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


async def seller(stage: Stage, *, kind: str = "individual", segment: str = "retail") -> Shop:
    """Somebody who has just bought a million of balance; stays logged in for a year."""
    outlet = await stage.outlet(kind=kind, segment=segment)
    shop = await open_shop(stage, outlet_id=outlet, role="OUTLET_OWNER", nn_type="OWNER", balance_rp=0)
    stage.clock.advance(SECOND)
    await shop.buy(1_000_000)
    await stage.pool.execute("UPDATE session SET expires_at = expires_at + interval '400 days'")
    return shop


async def sweep(stage: Stage, at: datetime | None = None, *, rules: Rules | None = None, page: int = 5_000) -> dict:
    """What a run does at a moment: how many notices, ends and so on; the clock stands there afterwards."""
    if at is not None:
        stage.clock.at = at
    async with stage.pool.acquire() as connection:
        done = await sweep_inactivity(connection, now=stage.now, ids=stage.ids, rules=rules or stage.rules, page=page)
    return {what: count for what, count in done.items() if what != "looked"}


def ruled(stage: Stage, **changed) -> Rules:
    """The rules with other values for sellers."""
    return msgspec.structs.replace(stage.rules, seller=msgspec.structs.replace(stage.rules.seller, **changed))


async def notices(shop: Shop) -> list[int]:
    """For which days the seller was warned."""
    return [data["days"] for data in await shop.stage.texts(shop.user.nn_msisdn, "inactivity_notice")]


async def status(shop: Shop) -> str:
    return await shop.stage.pool.fetchval("SELECT status FROM outlet WHERE id = $1", shop.user.outlet_id)


async def evidence(shop: Shop) -> list[dict]:
    """The seller's countdowns, oldest first."""
    rows = await shop.stage.pool.fetch(
        "SELECT * FROM inactivity WHERE outlet_id = $1 ORDER BY opened_at", shop.user.outlet_id
    )
    return [dict(row) for row in rows]


async def last_texts(shop: Shop) -> list[dict]:
    return await shop.stage.texts(shop.user.nn_msisdn, "inactivity_ended")
