"""A line of 50 kbit/s and 500 ms, and what goes over it."""

from playwright.async_api import CDPSession
from tests.e2e.visitor import Visitor

BYTES_PER_S = 50_000 // 8
DELAY_MS = 500


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
    """From now on this page is on 2G."""
    line = await visitor.page.context.new_cdp_session(visitor.page)
    await line.send("Network.enable")
    speed = {"offline": False, "latency": DELAY_MS, "downloadThroughput": BYTES_PER_S, "uploadThroughput": BYTES_PER_S}
    await line.send("Network.emulateNetworkConditions", speed)
    return Wire(line)
