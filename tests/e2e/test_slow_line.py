"""From the log-in page to *sold* on 50 kbit/s and 500 ms, weighed on the wire. [D-15]"""

import time

import pytest
from playwright.async_api import CDPSession
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
BYTES_PER_S = 50_000 // 8
DELAY_MS = 500
FIRST_LOAD_BYTES_MAX = 30 * 1024
FURTHER_PAGE_BYTES_MAX = 12 * 1024
FIRST_LOAD_S_MAX = 8
SALE_S_MAX = 15
REQUESTS_MAX = 4


class Wire:
    """What a page costs, as the browser's own network panel counts it."""

    def __init__(self, line: CDPSession) -> None:
        self.bytes: dict[str, int] = {}
        self.asked: list[str] = []
        self._urls: dict[str, str] = {}
        self._cached: set[str] = set()
        line.on("Network.requestServedFromCache", self._from_memory)
        line.on("Network.requestWillBeSent", self._asks)
        line.on("Network.responseReceived", self._answered)
        line.on("Network.loadingFinished", self._got)

    def _asks(self, event: dict) -> None:
        self._urls[event["requestId"]] = event["request"]["url"]

    def _answered(self, event: dict) -> None:
        """A post and its redirect count as one; what the cache answers does not count."""
        if not event["response"].get("fromDiskCache") and event["requestId"] not in self._cached:
            self.asked.append(event["response"]["url"])

    def _from_memory(self, event: dict) -> None:
        self._cached.add(event["requestId"])

    def _got(self, event: dict) -> None:
        if event["requestId"] in self._urls:
            self.bytes[self._urls[event["requestId"]]] = int(event["encodedDataLength"])

    def forget(self) -> None:
        self.bytes.clear()
        self.asked.clear()


async def slow(visitor: Visitor) -> Wire:
    line = await visitor.page.context.new_cdp_session(visitor.page)
    await line.send("Network.enable")
    speed = {"offline": False, "latency": DELAY_MS, "downloadThroughput": BYTES_PER_S, "uploadThroughput": BYTES_PER_S}
    await line.send("Network.emulateNetworkConditions", speed)
    return Wire(line)


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
