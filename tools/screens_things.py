"""What the demo has not: items of the reconciliation and reversals that wait for a colleague; for `make screens`."""

from typing import Any

import httpx

from konter.access.step import IDS_MAX, Step
from konter.app import App
from konter.platform.clock import business_day
from konter.platform.ids import SaleId
from konter.sales.codes import sale_code
from konter.sales.reconciliation.items import open_items
from konter.sales.reconciliation.model import Kind, NewItem
from konter.simulator.demo import Ready, Staff

ITEMS = 4


async def furnish_queues(app: App, ready: Ready) -> None:
    """Both, with the real commands, to a demo that is served."""
    await _items(app)
    await _asked(app, ready)


async def _step(app: App) -> Step:
    now = app.clock.now()
    async with app.connection() as connection:
        ids = await app.ids.reserve(connection, IDS_MAX)
    return Step(now=now, ids=ids, keys=app.keys, rules=await app.rules_at_hand(now))


async def _items(app: App) -> None:
    step = await _step(app)
    sales = await app.pool.fetch(
        "SELECT id, transfer_id, at FROM sale WHERE transfer_id IS NOT NULL ORDER BY at DESC LIMIT $1", ITEMS
    )
    kinds = (Kind.NOT_AT_NETWORK, Kind.LATE_DELIVERY)
    items = [
        NewItem(
            kind=kinds[place % len(kinds)],
            transfer_id=row["transfer_id"],
            day=business_day(row["at"]),
            sale_id=SaleId(row["id"]),
        )
        for place, row in enumerate(sales)
    ]
    async with app.connection() as connection:
        await open_items(connection, items, now=step.now, ids=step.ids)


async def _asked(app: App, ready: Ready) -> None:
    """Two reversals and the end of an entry that wait for a second pair of eyes, and a machine that is let in."""
    sales = await app.pool.fetch("SELECT id FROM sale WHERE status = 'done' ORDER BY at DESC LIMIT 6")
    async with httpx.AsyncClient(base_url=f"{ready.base_url}/api/v1") as client:
        care = await _token(client, ready.staff)
        for row in sales[4:]:
            await client.post(
                "/reversals", json={"sale": sale_code(SaleId(row["id"])), "reason": "salah nomor"}, **care
            )
        colleagues = {each.username: await _token(client, each) for each in ready.colleagues}
        barred = {"kind": "nik", "value": "3273014107900001", "reason": "voucher palsu"}
        entry = (await client.post("/blacklist", json=barred, **colleagues["patuh1"])).raise_for_status().json()["id"]
        why = {"reason": "keliru orang"}
        (await client.post(f"/blacklist/{entry}/lift", json=why, **colleagues["patuh1"])).raise_for_status()
        machine = {"name": "Pusat panggilan", "scopes": ["phones.report"]}
        (await client.post("/clients", json=machine, **colleagues["admin1"])).raise_for_status()


async def _token(client: httpx.AsyncClient, who: Staff) -> dict[str, Any]:
    given = {"username": who.username, "password": who.password}
    answer = (await client.post("/login", json=given)).raise_for_status().json()
    return {"headers": {"Authorization": f"Bearer {answer['token']}"}}
