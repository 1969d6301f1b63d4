"""By itself, every day: yesterday, and the days whose file is still missing."""

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.api.world import settings_of
from tests.sales.reconciliation.bureau import Bureau, file, line
from tests.ways import Willing

from konter.app import App
from konter.jobs.schedule import jobs_of
from konter.platform.refusal import Refusal
from konter.platform.schedule import run_due
from konter.sales.model import Sale
from konter.sales.reconciliation import reconcile as reconciling
from konter.sales.reconciliation.model import Statement, read_statement
from konter.simulator.network.model import Transfer
from konter.simulator.network.store import _statement

DAY = timedelta(days=1)


class Filing(Willing):
    """A network whose files come when they are put here."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[date, bytes] = {}

    async def statement(self, day: date) -> bytes:
        return self.files.get(day, b"")


async def a_day_passes(bureau: Bureau, network: Filing | None) -> None:
    """Midnight, and the morning's jobs."""
    app = App(settings_of(Path("/nowhere")), bureau.stage.pool, bureau.stage.clock, network=network)
    jobs = [job for job in jobs_of(app) if job.name == "reconcile"]
    await run_due(bureau.stage.pool, jobs, now=bureau.stage.now)
    bureau.stage.clock.advance(DAY)
    assert await run_due(bureau.stage.pool, jobs, now=bureau.stage.now) == 1
    await app.selling.close()


async def test_it_works(bureau: Bureau) -> None:
    network = Filing()
    network.files[bureau.day] = file([line(await bureau.sold(), state="refused")])
    await a_day_passes(bureau, network)
    assert await bureau.kinds() == ["NOT_DONE_AT_NETWORK"]


async def test_a_file_that_did_not_come_is_asked_for_again_the_next_day(bureau: Bureau) -> None:
    network = Filing()
    whole = file([line(await bureau.sold())])
    await a_day_passes(bureau, network)
    assert await bureau.kinds() == ["NO_FILE"]
    network.files |= {bureau.day: whole, bureau.day + DAY: file([])}
    await a_day_passes(bureau, network)
    assert await bureau.items() == []


async def test_without_a_network_it_runs_all_the_same(bureau: Bureau) -> None:
    sale = await bureau.sold()
    await bureau.sql("UPDATE transfer SET amount = 1 WHERE id = $1", sale.transfer_id)
    await a_day_passes(bureau, None)
    assert await bureau.kinds() == ["OTHER_PAYMENT"]
    await bureau.sql("UPDATE transfer SET amount = $2 WHERE id = $1", sale.transfer_id, sale.cost_rp)


def as_transfer(sale: Sale) -> Transfer:
    assert sale.transfer_id is not None
    return Transfer(
        transfer_id=sale.transfer_id,
        msisdn=str(sale.msisdn),
        product=sale.product,
        nominal_rp=sale.nominal_rp,
        ordered_rp=sale.nominal_rp,
        state="done",
        at=sale.at,
    )


async def test_the_simulated_networks_file_is_read(bureau: Bureau) -> None:
    raw = _statement([as_transfer(await bureau.sold()), as_transfer(await bureau.sold(product="KB30"))])
    assert isinstance(read_statement(raw, bureau.day), Statement)
    assert (await bureau.compare(raw)).opened == {}


async def test_a_large_file_is_read_beside_the_loop(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds of reading in the loop would stop the texts and the looks of the same worker."""
    readers = []

    def reads(raw: bytes, day: date) -> Statement | Refusal:
        readers.append(threading.current_thread())
        return read_statement(raw, day)

    monkeypatch.setattr(reconciling, "read_statement", reads)
    await bureau.compare(file([line(await bureau.sold())]))
    assert [reader is threading.main_thread() for reader in readers] == [False]
