"""The database goes away between the confirm page and the answer: the money is safe, and one tap finds the truth."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.conftest import Browse
from tests.e2e.served import operating, settings_in

from konter.platform.embedded import EmbeddedServer, start_embedded
from konter.simulator.operator.model import Size

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
TINY = Size(outlets=1, subscribers=20, sales=0, days=1)
DOWN_WITHIN_S = 15


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that another user may pass through, as the embedded server needs when run by root."""
    folder = Path(tempfile.mkdtemp(prefix="konter-e2e-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def take_away(server: EmbeddedServer) -> None:
    """Stop PostgreSQL at once, as a crash does."""
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGQUIT)
    until = time.monotonic() + DOWN_WITHIN_S
    while server.pid is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert server.pid is None


@pytest.mark.requirement("D-107")
async def test_a_sale_during_an_outage_is_made_once(place: Path, browse: Browse) -> None:
    with start_embedded(place / "pg", test=True) as server:
        async with operating(settings_in(place, server.url), size=TINY) as operator:
            visitor = await browse(script=False, address=operator.address)
            visitor.allows("status of 503")
            person, customer = await operator.seller(), await operator.customer()
            await visitor.log_in(person)
            await visitor.choose(customer)
            take_away(server)
            await visitor.confirm(person.pin)
            await visitor.at("Sambungan terputus")
            await visitor.look()
            await visitor.sees("Uang Anda aman", "Pulsa 50.000", "0812")
            async with visitor.page.expect_navigation():
                await visitor.confirm(person.pin, "Cek / ulangi")
            await visitor.at("Sambungan terputus")

            with start_embedded(place / "pg", test=True):
                for _ in range(3):  # connections of before the outage are found broken one by one
                    async with visitor.page.expect_navigation():
                        await visitor.confirm(person.pin, "Cek / ulangi")
                    if "/outlet/transaksi/" in visitor.page.url:
                        break
                await visitor.at("Selesai")
                await visitor.sees("Rp1.000.000 → Rp950.500")
                assert await operator.sales_of(person) == 1
