"""From the log-in page to *sold* on 50 kbit/s and 500 ms, weighed on the wire. [D-15]"""

import time

import pytest
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.slow_line import slow

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
FIRST_LOAD_BYTES_MAX = 30 * 1024
FURTHER_PAGE_BYTES_MAX = 12 * 1024
FIRST_LOAD_S_MAX = 8
SALE_S_MAX = 15
REQUESTS_MAX = 4


@pytest.mark.requirement("D-15", "D-18")
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_sale_on_a_line_of_2g(operator: Operator, browse: Browse, *, script: bool) -> None:
    visitor = await browse(script=script)
    person, customer = await operator.seller(), await operator.customer()
    handset = await visitor.handset(person.msisdn)
    wire = await slow(visitor)

    started = time.monotonic()
    await visitor.page.goto(f"{operator.address}/outlet/masuk", wait_until="load")
    first_load_s = time.monotonic() - started
    first_load_bytes = sum(wire.bytes.values())
    assert any(".css" in url for url in wire.bytes), "the style was weighed too"
    wire.forget()

    await visitor.log_in_on(handset, person)
    await visitor.sees("Rp1.000.000")
    await visitor.page.wait_for_load_state("load")
    log_in_s, weights = time.monotonic() - started - first_load_s, dict(wire.bytes)
    wire.forget()

    started = time.monotonic()
    await visitor.choose(customer)
    await visitor.confirm(person.pin)
    await visitor.at("Selesai")
    sale_s = time.monotonic() - started
    weights.update(wire.bytes)
    heaviest = max(weights.values())
    print(  # noqa: T201 - read with -s
        f"first load {first_load_bytes:,} B in {first_load_s:.1f} s, log-in {log_in_s:.1f} s, "
        f"home to sold {len(wire.asked)} requests in {sale_s:.1f} s, heaviest further page {heaviest:,} B"
    )
    assert 0 < first_load_bytes <= FIRST_LOAD_BYTES_MAX
    assert 0 < heaviest <= FURTHER_PAGE_BYTES_MAX, weights
    assert 0 < len(wire.asked) <= REQUESTS_MAX, wire.asked
    assert first_load_s < FIRST_LOAD_S_MAX
    assert sale_s < SALE_S_MAX
