"""(a) pgbench calling the stored procedure of `baseline.sql`, one transaction per sale."""

import re
import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from bench import queries
from bench.bed import Bed, as_owner
from bench.model import RATE, SOLD, Case, Measured, Results
from bench.people import Market, People, requests_of
from konter.app import open_app
from konter.platform.db import APP_ROLE, Connection
from konter.platform.embedded.run import run
from konter.platform.secrets import Keys
from konter.sales.sell import sell
from konter.simulator.operator.model import PEOPLE_FROM, PREFIXES

KEY = "a"
TITLE = "pgbench, one stored procedure per sale"
CLIENTS = (16, 64)
THREADS = 2
DATABASE = "bench"
COUNTED = 100
_PROGRESS = re.compile(r"progress: ([\d.]+) s, ([\d.]+) tps, lat ([\d.]+) ms .* (\d+) failed")
_PROCESSED = re.compile(r"number of transactions actually processed: (\d+)")


def cases(bed: Bed) -> list[Case]:
    """16 and 64 clients."""
    return [
        Case(f"pgbench/{clients}", f"pgbench, {clients} clients", partial(pgbench, bed, clients)) for clients in CLIENTS
    ]


def ratios(results: Results) -> dict[str, float]:
    """None of its own: the others are held against it."""
    del results
    return {}


def pgbench(bed: Bed, clients: int, *, outlets: int | None = None) -> Measured:
    """One run; its first seconds, in which connections plan their statements, do not count.

    `outlets`: only the first so many sell.
    """
    seconds = round(bed.form.warm_s + bed.form.run_s)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sale.sql"
        file.write_text(script(bed.people, outlets=outlets))

        def repeat() -> Measured:
            done = run(
                bed.server.bin_dir / "pgbench", "--no-vacuum", "--protocol=prepared", "--progress=1",
                f"--client={clients}", f"--jobs={THREADS}", f"--time={seconds}", f"--file={file}",
                env={**bed.server.environment(DATABASE), "PGOPTIONS": f"-c role={APP_ROLE} -c jit=off"},
                timeout_s=seconds + 60,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(f"pgbench failed: {done.stderr.strip()[-2000:]}")
            return read_progress(done.stderr + done.stdout, warm_s=bed.form.warm_s)

        return bed.measured(repeat)


def read_progress(said: str, *, warm_s: float) -> Measured:
    """The mean of the seconds after the warm-up, as pgbench reported them."""
    lines = [(float(at), float(tps), float(ms), int(failed)) for at, tps, ms, failed in _PROGRESS.findall(said)]
    counted = [line for line in lines if line[0] > warm_s + 0.5]
    sold = _PROCESSED.findall(said)
    if not counted or not sold or any(failed for *_, failed in lines):
        raise RuntimeError(f"pgbench reported nothing that counts: {said[-2000:]}")
    rates = [tps for _, tps, _, _ in counted]
    return {
        RATE: sum(rates) / len(rates),
        "mean_ms": sum(ms for _, _, ms, _ in counted) / len(counted),
        SOLD: float(sold[0]),
    }


def script(people: People, *, outlets: int | None = None) -> str:
    """What each client repeats: a random outlet sells to a random customer; pgbench works out id and number."""
    prefixes = " ".join(f"when :n % {len(PREFIXES)} = {place} then {code}" for place, code in enumerate(PREFIXES))
    last = people.first_outlet + (outlets or people.outlets) - 1
    return (
        f"\\set o random({people.first_outlet}, {last})\n"
        "\\set outlet (:o << 8) | (((:o * 40503) >> 8) & 255)\n"
        f"\\set n random({people.first_customer}, {people.first_customer + people.customers - 1})\n"
        f"\\set prefix case {prefixes} end\n"
        f"\\set msisdn 6200000000000 + :prefix * 100000000 + {PEOPLE_FROM} + :n\n"
        f"SELECT bench_sell(:outlet, gen_random_uuid(), :msisdn, '{queries.PRODUCT}', {queries.PRICE_RP});\n"
    )


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What a number of sales wrote: rows per sale by table, and bytes of new rows per sale."""

    rows: dict[str, float]
    row_bytes: float


async def compare(bed: Bed, database: str) -> dict[str, Written]:
    """The rows per sale of the stored procedure and of `sell`, counted by PostgreSQL inside one transaction each."""
    settings = bed.settings_for(database)
    market = Market(tokens=bed.people.tokens, msisdns=bed.people.msisdns(), seed=1)
    requests = requests_of(market, Keys(pepper=settings.pepper, seal_keys=settings.seal_keys), COUNTED)

    async def by_procedure(connection: Connection) -> Written:
        async with connection.transaction():
            now = await connection.fetchval("SELECT clock_timestamp()")
            for request in requests:
                outlet, msisdn = request.outlet_id, request.msisdn
                await queries.call_baseline(connection, outlet=outlet, ref=uuid4(), msisdn=msisdn)
            return await _written(connection, now)

    async def by_sell(connection: Connection) -> Written:
        async with open_app(settings, settings.database_url) as app, connection.transaction():
            now = app.clock.now()
            outcomes = await sell(
                connection, requests, clock=app.clock, ids=app.ids, keys=app.keys, references=app.references
            )
            assert all(outcome.sale for outcome in outcomes)
            return await _written(connection, now)

    url = settings.database_url
    return {"pgbench": await as_owner(url, by_procedure), "sell": await as_owner(url, by_sell)}


async def _written(connection: Connection, since: Any) -> Written:
    counted = {f"{row['relname']} {what}": row[column] for row in await queries.read_written(connection)
               for what, column in (("added", "n_tup_ins"), ("changed", "n_tup_upd")) if row[column]}  # fmt: skip
    return Written(
        rows={name: count / COUNTED for name, count in counted.items()},
        row_bytes=await queries.read_bytes(connection, since=since) / COUNTED,
    )
