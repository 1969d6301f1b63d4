"""The main job in a real browser on a real server: 360x640, script on and off, and on a line of 50 kbit/s and 500 ms."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Router
from playwright.async_api import Browser, Page, async_playwright
from tests.access.people import PASSWORD, PIN
from tests.web.conftest import Counter
from tests.web.page_server import CHROMIUM

from konter.app import App
from konter.subscriber.msisdn import national
from konter.web.errors import HANDLERS
from konter.web.outlet import OUTLET_ROUTES
from konter.web.public import PUBLIC_ROUTES

PHONE = {"width": 360, "height": 640}
SLOW_BYTES_PER_S = 50_000 // 8
SLOW_MS = 500
FIRST_LOAD_S_MAX = 12
SLOW_SALE_S_MAX = 20
FIRST_LOAD_BYTES_MAX = 30 * 1024
FURTHER_PAGE_BYTES_MAX = 12 * 1024

pytestmark = pytest.mark.e2e


@pytest.fixture
async def address(shop: App) -> AsyncIterator[str]:
    """A server in this very event loop, so that it shares the test's database pool."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    routes = Router("/", route_handlers=[*OUTLET_ROUTES, *PUBLIC_ROUTES], exception_handlers=HANDLERS)
    served = Litestar([routes], openapi_config=None)
    served.state.app = shop
    server = Server(served, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    running = asyncio.create_task(server.serve())
    await _answers(port)
    yield f"http://127.0.0.1:{port}"
    server.stop()
    await running


async def _answers(port: int) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            await writer.wait_closed()
            return
    raise TimeoutError("the server did not start")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


async def log_in(page: Page, address: str, counter: Counter) -> None:
    await page.goto(f"{address}/outlet")
    await page.get_by_label("Nama pengguna").fill(counter.user.username)
    await page.get_by_label("Kata sandi").fill(PASSWORD)
    await page.get_by_role("button", name="Masuk").click()
    await page.get_by_label("Kode dari SMS").fill(await counter.stage.last_otp(counter.user.nn_msisdn))
    await page.get_by_role("button", name="Lanjut").click()
    await page.get_by_label("Nomor pelanggan").wait_for()


async def sell(page: Page, number: int) -> None:
    await page.get_by_label("Nomor pelanggan").fill(national(number))
    await page.get_by_role("button", name="Pulsa", exact=True).click()
    await page.get_by_role("link", name="Pulsa 50.000").click()
    await page.get_by_label("PIN transaksi").fill(PIN)
    await page.get_by_role("button", name="Jual sekarang").click()
    await page.get_by_role("heading", name="Selesai").wait_for()


@pytest.mark.requirement("D-15", "D-18", "D-106")
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_person_sells_on_a_phone(
    counter: Counter, address: str, browser: Browser, tmp_path: Path, *, script: bool
) -> None:
    context = await browser.new_context(
        viewport=PHONE, locale="id-ID", java_script_enabled=script, service_workers="block"
    )
    page = await context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    await log_in(page, address, counter)
    await sell(page, await counter.stage.number())
    assert await page.get_by_text("Rp1.000.000 → Rp950.500").is_visible()
    await page.get_by_role("link", name="Struk").click()
    await page.get_by_role("heading", name="Sukses Cell").wait_for()
    await context.close()
    assert faults == [], "the policy forbade something, or a script failed"


@pytest.mark.requirement("D-15")
async def test_it_works_on_a_slow_line_and_stays_within_its_weight(
    counter: Counter, address: str, browser: Browser
) -> None:
    context = await browser.new_context(viewport=PHONE, locale="id-ID", service_workers="block")
    page = await context.new_page()
    line = await context.new_cdp_session(page)
    received: list[int] = []
    await line.send("Network.enable")
    await line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": SLOW_MS,
            "downloadThroughput": SLOW_BYTES_PER_S,
            "uploadThroughput": SLOW_BYTES_PER_S,
        },
    )
    line.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    started = time.monotonic()
    await page.goto(f"{address}/outlet/masuk", wait_until="load")
    assert time.monotonic() - started < FIRST_LOAD_S_MAX
    assert sum(received) <= FIRST_LOAD_BYTES_MAX
    await log_in(page, address, counter)
    await page.wait_for_load_state("load")
    received.clear()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.redirected_from is None else None)
    started = time.monotonic()
    await sell(page, await counter.stage.number())
    assert time.monotonic() - started < SLOW_SALE_S_MAX
    pages = [url for url in asked if "/static/" not in url]
    assert len(pages) <= 4, pages
    assert max(received) <= FURTHER_PAGE_BYTES_MAX
    await context.close()


@pytest.mark.requirement("D-43")
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_going_back_does_not_sell_again(
    counter: Counter, address: str, browser: Browser, *, script: bool
) -> None:
    """A person who is not sure goes back: the same form finds the same sale, a fresh one warns and links to it."""
    context = await browser.new_context(
        viewport=PHONE, locale="id-ID", java_script_enabled=script, service_workers="block"
    )
    page = await context.new_page()
    await log_in(page, address, counter)
    await sell(page, await counter.stage.number())
    first = page.url
    await page.go_back()
    again = page.get_by_role("button", name="Jual sekarang")
    if await again.count():
        await page.get_by_label("PIN transaksi").fill(PIN)
        await again.click()
    else:
        await page.get_by_role("link", name="Lihat penjualan itu").click()
    await page.get_by_role("heading", name="Selesai").wait_for()
    assert page.url == first
    sold = "SELECT count(*) FROM sale WHERE outlet_id = $1"
    assert await counter.shop.pool.fetchval(sold, counter.user.outlet_id) == 1
    await context.close()
