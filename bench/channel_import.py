"""`python -m bench.channel_import [--outlets 600000]`: an import of outlets over a plain COPY of the same rows.

Both into copies of one database in one run: a registry that knows every number, partners, areas. The import reads and
checks CSV, decides by the command that opens any outlet, and keeps the past and the audit; COPY writes the same rows
into the same tables, with their indexes and foreign keys, and decides nothing.
"""

import argparse
import asyncio
import sys
import time
from functools import partial
from pathlib import Path

import asyncpg
from rich.progress import Progress

from bench import queries
from bench.bed import as_owner, remove
from bench.channel_seed import AREA, PARTNERS, partner_code, seed_ground, seed_numbers
from konter.channel.importing.bring import import_channel
from konter.channel.importing.report import Report
from konter.platform.audit import SYSTEM
from konter.platform.clock import Clock
from konter.platform.db import Connection, open_pool
from konter.platform.embedded import EmbeddedServer, start_embedded
from konter.platform.ids import IdBlocks
from konter.platform.migrate import migrate
from konter.rules.load import load_ruleset, read_rulebook

ROOT = Path(__file__).parent.parent
GROUND, IMPORTED, COPIED = "channel_ground", "channel_imported", "channel_copied"
DUPLICATES_OF_10_000 = 5  # of numbers in a real file; they become conflicts
# In the order of their foreign keys: what an import writes, and which of the rows are its own.
TABLES = {
    "owner": "kind = 'outlet'",
    "account": "kind = 'wallet'",
    "outlet": "true",
    "outlet_code": "true",
    "outlet_number": "true",
    "reseller_number": "true",
    "number_registration": "true",
    "number_conflict": "true",
    "audit": "action = 'outlet.opened'",
}
RATIO_MAX = 3


def main() -> None:
    """Seed, import, copy, print both and the ratio."""
    parser = argparse.ArgumentParser(prog="python -m bench.channel_import", description=__doc__)
    parser.add_argument("--outlets", type=int, default=600_000)
    parser.add_argument("--data", type=Path, default=ROOT / ".konter" / "bench-channel", help="a folder to fill")
    given = parser.parse_args()
    folder = given.data.resolve()
    remove(folder)
    try:
        with start_embedded(folder / "pg") as server:
            asyncio.run(run(server, folder, given.outlets))
    finally:
        remove(folder)


async def run(server: EmbeddedServer, folder: Path, outlets: int) -> tuple[float, float]:
    """(seconds of the import, seconds of COPY); prints both."""
    say(f"seeding a registry of {outlets:,} numbers")
    await make_ground(server, outlets)
    file = folder / "outlets.csv"
    await asyncio.to_thread(write_file, file, outlets)
    await as_owner(server.url, queries.flush)
    imported_s = await time_import(server.url_of(IMPORTED), file)
    copied_s = await time_copy(server, folder)
    ratio = imported_s / copied_s
    print(
        f"import {imported_s:.1f} s ({outlets / imported_s:,.0f} outlets/s), COPY {copied_s:.1f} s, ratio {ratio:.2f}"
    )
    return imported_s, copied_s


async def make_ground(server: EmbeddedServer, outlets: int) -> None:
    """Rules, partners and numbers in use, and two copies of all that."""

    async def fill(connection: Connection) -> None:
        await load_ruleset(connection, "id-2014", now=Clock().now(), actor=SYSTEM, ids=IdBlocks())
        await seed_ground(connection, at=Clock().now())
        await seed_numbers(connection, outlets, at=Clock().now())
        await queries.settle(connection)

    await as_owner(server.url, partial(queries.make_database, name=GROUND, template="template1"))
    await migrate(server.url_of(GROUND))
    await as_owner(server.url_of(GROUND), fill)
    for name in (IMPORTED, COPIED):
        await as_owner(server.url, partial(queries.make_database, name=name, template=GROUND))


def write_file(file: Path, outlets: int) -> None:
    """The channel as a spreadsheet would export it; every two-thousandth number is another outlet's too."""
    every = 10_000 // DUPLICATES_OF_10_000
    with file.open("w", encoding="utf-8", newline="") as lines:
        lines.write("code,name,kind,partner,area,segment,zone,address,reseller_number\r\n")
        for n in range(outlets):
            number = n - 1 if n % every == every - 1 else n
            lines.write(
                f"22{n:08d},Sukses Cell {n},outlet,{partner_code(n % PARTNERS)},{AREA},retail,WIB,"
                f'"Jl. Merdeka {n % 200}, Bandung",0812{number:08d}\r\n'
            )


async def time_import(url: str, file: Path) -> float:
    """How long the import takes, reading and checking included."""
    size = await asyncio.to_thread(lambda: file.stat().st_size)
    async with await open_pool(url, size=1) as pool, pool.acquire() as connection:
        now = Clock().now()
        rules = (await read_rulebook(connection)).at(now)
        with Progress(transient=True) as progress:
            bar = progress.add_task("import", total=size)
            begun = time.perf_counter()
            report = await import_channel(
                connection,
                file,
                actor=SYSTEM,
                now=now,
                ids=IdBlocks(),
                rules=rules,
                advance=lambda count: progress.advance(bar, count),
            )
            took = time.perf_counter() - begun
    assert isinstance(report, Report), report
    assert not report.faults, report.faults[:3]
    print(*report.sentences("en"), sep="\n")
    return took


async def time_copy(server: EmbeddedServer, folder: Path) -> float:
    """How long COPY takes for the rows that the import wrote, table by table."""
    left, right = await asyncpg.connect(server.url_of(IMPORTED)), await asyncpg.connect(server.url_of(COPIED))
    took = 0.0
    try:
        for table, own in TABLES.items():
            file = folder / f"{table}.copy"
            columns = await queries.read_columns(left, table=table)
            await queries.copy_out(left, table=table, columns=columns, own=own, file=file)
            begun = time.perf_counter()
            await right.copy_to_table(table, source=file, columns=columns, format="binary")
            took += time.perf_counter() - begun
            same = [await queries.count_rows(side, table=table, own=own) for side in (left, right)]
            assert same[0] == same[1] > 0, (table, same)
    finally:
        await left.close()
        await right.close()
    return took


def say(what: str) -> None:
    """Progress on standard error."""
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
