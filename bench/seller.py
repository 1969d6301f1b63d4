"""A process that sells through its lanes, fed by tasks that each wait for their sale: `python -m bench.seller`.

What to do comes on standard input, the settings of the process in its environment, as a server's do.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Iterator

import msgspec
import uvloop
from prometheus_client import REGISTRY

from bench.model import RATE, SOLD, Measured
from bench.people import Market, requests_of
from konter.app import App, open_app
from konter.platform.config import load_settings
from konter.sales.model import SellRequest

PER_SECOND_MAX = 20_000  # requests are made before the clock runs, enough for more than a process can do


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """What to sell, for how long, and how many callers wait for a sale at any moment."""

    market: Market
    callers: int
    warm_s: float
    run_s: float


class Count:
    """Sales done and refused so far."""

    def __init__(self) -> None:
        self.done = 0
        self.not_done: dict[str, int] = {}


async def feed(app: App, spec: Spec, requests: Iterator[SellRequest]) -> Measured:
    """Keep the lanes full; count what was answered between the end of the warm-up and the end."""
    count, stop = Count(), asyncio.Event()

    async def caller() -> None:
        while not stop.is_set():
            outcome = await app.selling.sell(next(requests))
            if outcome.sale is not None and outcome.sale.status == "done":
                count.done += 1
            else:
                code = outcome.refusal.code if outcome.refusal else "CHECKING"
                count.not_done[code] = count.not_done.get(code, 0) + 1

    callers = [asyncio.create_task(caller()) for _ in range(spec.callers)]
    await asyncio.sleep(spec.warm_s)
    before, batches, started, cpu = count.done, _batches(), time.perf_counter(), time.process_time()
    await asyncio.sleep(spec.run_s)
    sold, run_s = count.done - before, time.perf_counter() - started
    measured = {
        RATE: sold / run_s,
        "batch": sold / max(1, _batches() - batches),
        "python_us": (time.process_time() - cpu) / max(1, sold) * 1e6,
    }
    stop.set()
    await asyncio.gather(*callers)
    if count.not_done:
        raise RuntimeError(f"sales were not done: {count.not_done}")
    return {**measured, SOLD: count.done}


def _batches() -> float:
    """Batches of new sales so far, in all lanes of this process."""
    (metric,) = (metric for metric in REGISTRY.collect() if metric.name == "konter_lane_batch_size")
    return sum(
        sample.value
        for sample in metric.samples
        if sample.name.endswith("_count") and sample.labels["lane"].startswith("sell")
    )


async def main(spec: Spec) -> Measured:
    """Open the parts of a process and sell."""
    settings = load_settings()
    async with open_app(settings, settings.database_url) as app:
        requests = requests_of(spec.market, app.keys, round((spec.warm_s + spec.run_s + 1) * PER_SECOND_MAX))
        gc.freeze()  # the requests stand for the network; looking them through is nobody's work
        return await feed(app, spec, iter(requests))


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Spec)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(main(given))))
