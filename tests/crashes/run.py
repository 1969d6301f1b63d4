"""One run: build, sell, kill by plan, let it heal, and prove."""

import asyncio
import contextlib
import logging
import statistics
import time
from collections import Counter
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from tests.crashes import journal, proof, site, world
from tests.crashes.client import Client, clients_of
from tests.crashes.plan import KILLS, plan

from konter.app import open_app
from konter.platform.embedded import start_embedded

PURCHASE_EVERY_S = 0.5  # so that most sales have the money, and some have not
HEALED_WITHIN_S = 90
IN_WITHIN_S = 60
GROUPS = 2


class Report(msgspec.Struct, kw_only=True):
    """What a run was and found. Times in seconds."""

    seed: int
    kills: int
    took_s: float
    killed: dict[str, int]
    blows: dict[str, int]
    restarts: dict[str, int]
    sales: dict[str, int]
    refused: dict[str, int]
    retries: int
    twins: int
    checking_heard: int
    longest_checking_s: float
    median_checking_s: float
    sold_after_refusal: int
    late: int
    faults: list[str]


async def crash(
    seed: int, kills: int, folder: Path, *, network: bool = True, say: Callable[[str], None] = lambda _: None
) -> Report:
    """Run in an empty folder. The first half sells between groups of cells, the second over the network."""
    begun = time.monotonic()
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # that the database is away is the point here
    with start_embedded(folder / "pg") as database:
        settings = site.settings_in(folder, database.url, groups=GROUPS)
        cast = await world.build(settings)
        struck: Counter[str] = Counter()
        async with site.running(settings, database) as running, open_app(settings, database.url) as app:
            bank = world.Bank(app, cast)
            clients = clients_of(cast, folder=folder / "journals", base_url=settings.address, seed=seed)
            async with selling(clients, bank):
                # A log-in that is cut off again and again uses up an hour's OTPs, and then nobody sells in the whole run.
                async with asyncio.timeout(IN_WITHIN_S):
                    await asyncio.gather(*(client.is_in.wait() for client in clients))
                for blow in plan(seed, kills, network=network):
                    if blow.network and not running.settings.network_url:
                        await running.restart_all(site.over_a_network(settings))
                    await running.strike(blow)
                    struck[blow.kind] += 1
                    say(blow.kind)
                await running.ready()
                if running.settings.network_url:
                    await running.misbehave({})
            await _heal(database.url)
        facts = await proof.read(
            running.settings, cast, journal.read((folder / "journals").glob("*.journal")), bank.paid_rp
        )
    return _report(seed, facts, clients, struck, dict(running.starts), time.monotonic() - begun)


@asynccontextmanager
async def selling(clients: list[Client], bank: world.Bank):
    """Clients and bank at work for the length of the block, and then until they have heard how everything ended."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(bank.serve(PURCHASE_EVERY_S, stop))
        for client in clients:
            tasks.create_task(client.work(stop))
        try:
            yield
        finally:
            stop.set()


async def _heal(dsn: str) -> None:
    """Until nothing is under way any more; what then still is, the proofs tell."""

    async def healed() -> bool:
        return await proof.open_sales(dsn) == 0

    with contextlib.suppress(TimeoutError):
        await site.until(healed, within_s=HEALED_WITHIN_S)


def _report(
    seed: int, facts: proof.Facts, clients: list[Client], struck: Counter[str], restarts: dict[str, int], took_s: float
) -> Report:
    counts: Counter[str] = sum((client.counts for client in clients), Counter())
    checked = [
        (s["resolved_at"] - s["at"]).total_seconds() for s in facts.sales if s["route"] != "direct" and s["resolved_at"]
    ]
    lesser = {kind: n for kind, n in struck.items() if kind not in KILLS}
    return Report(
        seed=seed,
        kills=sum(n for kind, n in struck.items() if kind in KILLS),
        took_s=round(took_s, 1),
        killed={kind: n for kind, n in sorted(struck.items()) if kind in KILLS},
        blows=lesser,
        restarts=restarts,
        sales=dict(Counter(f"{s['route']} {s['status']}" for s in facts.sales)),
        refused={code: counts[code] for code in ("INSUFFICIENT_BALANCE", "DUPLICATE_SALE", "REF_REUSED")},
        retries=counts["retries"],
        twins=counts["twins"],
        checking_heard=counts["checking"],
        longest_checking_s=round(max(checked, default=0.0), 2),
        median_checking_s=round(statistics.median(checked or [0.0]), 3),
        sold_after_refusal=len(proof.sold_after_refusal(facts)),
        late=len(proof.late(facts)),
        faults=list(proof.faults(facts)),
    )
