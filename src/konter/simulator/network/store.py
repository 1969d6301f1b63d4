"""The simulated network's memory: one SQLite file, written by batches, so that one wait for the disk serves many."""

import asyncio
import csv
import io
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date
from pathlib import Path
from typing import TypeVar

import msgspec

from konter.platform.lane import Lane
from konter.simulator.network import queries
from konter.simulator.network.model import (
    Command,
    Count,
    Faults,
    Line,
    Outcome,
    Overview,
    TakeBack,
    Tally,
    Transfer,
    decide,
)

T = TypeVar("T")
LAST = 20
HEADER = ("transfer_id", "msisdn", "product", "nominal_rp", "state", "at")


class Store:
    """All that the network knows. What a method has returned is on the disk.

    SQLite, as its log has no half-written tail to mend and it answers by id, by day and by newest; a file of lines
    would have to be read whole at each start and kept whole in memory.
    """

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1, "store")
        self._connection = queries.open_file(path)
        self._lane: Lane[Command, Outcome] = Lane("network", self._apply)
        kept = queries.setting(self._connection, "faults")
        self.faults = msgspec.json.decode(kept, type=Faults) if kept else Faults()
        queries.count(self._connection, {"starts": 1})
        self.start = queries.tally(self._connection)["starts"]

    async def close(self) -> None:
        """Let what waits be written."""
        await self._lane.close()
        self._thread.shutdown()
        self._connection.close()

    async def submit(self, command: Command) -> Outcome:
        """Decide one command, with those that arrive meanwhile, and write it."""
        return await self._lane.submit(command)

    async def count(self, name: str) -> None:
        """One more of them."""
        await self._lane.submit(Count(name))

    async def set_faults(self, faults: Faults) -> None:
        """Keep what goes wrong from now on, over restarts too."""
        await self._run(lambda on: queries.keep(on, "faults", msgspec.json.encode(faults).decode()))
        self.faults = faults

    async def find(self, transfer_id: int) -> Transfer | None:
        """A transfer, if it is known."""
        return (await self._run(lambda on: queries.find(on, [transfer_id]))).get(transfer_id)

    async def accepted(self) -> list[int]:
        """Transfers that are yet to be done."""
        return await self._run(queries.accepted)

    async def account(self, msisdn: str) -> tuple[int, int]:
        """Rupiah given to a number, and deliveries."""
        return await self._run(lambda on: queries.account(on, msisdn))

    async def overview(self) -> Overview:
        """Figures, faults and the newest transfers."""

        def read(on: sqlite3.Connection) -> Overview:
            counts = {name: n for name, n in queries.tally(on).items() if name in Tally.__struct_fields__}
            tally = Tally(**{**counts, "accepted": len(queries.accepted(on))})
            return Overview(tally=tally, faults=self.faults, last=[_line(each) for each in queries.last(on, LAST)])

        return await self._run(read)

    async def statement(self, day: date) -> bytes:
        """The CSV of a WIB day; its last line says how many lines and rupiah done stand above it."""
        return await self._run(lambda on: _statement(queries.of_day(on, day)))

    async def _apply(self, commands: Sequence[Command]) -> list[Outcome]:
        def work(on: sqlite3.Connection) -> list[Outcome]:
            queries.begin(on)
            with on:  # commits, or rolls back when something fails
                ids = {command.transfer_id for command in commands if not isinstance(command, Count)}
                takes = [command for command in commands if isinstance(command, TakeBack)]
                takings = queries.find_takings(
                    on, ids={take.take_back_id for take in takes}, transfers={take.transfer_id for take in takes}
                )
                outcomes, change = decide(queries.find(on, ids), commands, takings)
                queries.write(on, change.transfers.values())
                queries.write_takings(on, change.takings.values())
                queries.give(on, change.given)
                queries.take(on, change.taken)
                queries.count(on, change.counts)
            return outcomes

        return await self._run(work)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._connection)


def _line(transfer: Transfer) -> Line:
    return Line(
        transfer_id=str(transfer.transfer_id),
        msisdn=transfer.msisdn,
        product=transfer.product,
        nominal_rp=transfer.nominal_rp,
        state=transfer.state,
        reason=transfer.reason,
        at=transfer.at,
    )


def _statement(transfers: Iterable[Transfer]) -> bytes:
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(HEADER)
    count = done_rp = 0
    for each in transfers:
        assert each.at is not None, "a day's transfers were ordered"
        moment = each.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        rows.writerow((each.transfer_id, each.msisdn, each.product, each.nominal_rp, each.state, moment))
        count += 1
        done_rp += each.nominal_rp if each.state == "done" else 0
    rows.writerow(("end", count, done_rp))
    return file.getvalue().encode()
