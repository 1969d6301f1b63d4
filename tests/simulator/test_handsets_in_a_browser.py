"""The handset pages in a real browser: they renew themselves, keep what is typed, and can be read by everyone."""

import shutil
from datetime import timedelta

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect
from tests.simulator.handset_site import CUSTOMER, NOON, SELLER, STRANGER, ground_on, rich_in, site_on

from konter.messaging.handsets import HandsetMessage, deliver
from konter.platform.clock import FrozenClock
from konter.platform.ids import IdBlocks
from konter.subscriber.open import NewSubscription, open_subscriptions

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
HOST = "http://handsets.test"
DESK = f"/simulator?h={SELLER}~1818&h={CUSTOMER}"

pytestmark = pytest.mark.e2e


@pytest.fixture
async def arrive(own_db):
    async def arrive(msisdn, text, *, at=NOON, peer="1818"):
        message = HandsetMessage(msisdn=msisdn, direction="in", peer=peer, text=text, at=at)
        async with own_db.acquire() as connection:
            await deliver(connection, [message], ids=IdBlocks())

    return arrive


@pytest.fixture
async def browser():
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def visit(own_db, ids, browser, arrive):
    """Open a page of the simulator; the browser's requests are answered by the application without a port."""
    site = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=site_on(ground_on(own_db, ids, FrozenClock(NOON)))), base_url=HOST
    )

    async def answer(route):
        request = route.request
        reply = await site.request(
            request.method, request.url, content=request.post_data_buffer, headers=await request.all_headers()
        )
        await route.fulfill(status=reply.status_code, headers=dict(reply.headers), body=reply.content)

    async def visit(path, *, width=1280, height=800, script=True):
        context = await browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=script, locale="id-ID"
        )
        await context.route("**/*", answer)
        page = await context.new_page()
        await page.goto(HOST + path)
        return page

    async with own_db.acquire() as connection:
        new = NewSubscription(msisdn=CUSTOMER, brand="nusa", active_until=NOON + timedelta(days=30))
        await open_subscriptions(connection, [new], now=NOON, ids=ids)
    await arrive(SELLER, "Kode OTP Anda 493817 untuk masuk.", at=NOON - timedelta(days=1))
    yield visit
    await site.aclose()


async def test_a_new_text_appears_by_itself_and_what_is_typed_stays(visit, arrive):
    page = await visit(DESK)
    await page.fill("#text-0", "sedang saya tulis")
    await arrive(SELLER, "Trx K7Q2-9M4D BERHASIL.")
    await arrive(CUSTOMER, "Pulsa Rp50.000 sudah masuk.")
    await expect(page.locator("#screen-0")).to_contain_text("Trx K7Q2-9M4D BERHASIL.")
    await expect(page.locator("#screen-1")).to_contain_text("Pulsa Rp50.000 sudah masuk.")
    await expect(page.locator("#said")).to_contain_text("Pulsa Rp50.000 sudah masuk.")
    assert await page.input_value("#text-0") == "sedang saya tulis"


async def test_a_reader_of_old_texts_is_not_pulled_away(visit, arrive):
    for n in range(30):
        await arrive(SELLER, f"SMS lama nomor {n}", at=NOON - timedelta(hours=2))
    page = await visit(f"/simulator/handsets/{SELLER}?with=1818", width=360, height=640)
    await page.evaluate("document.getElementById('screen-0').scrollTop = -600")
    await arrive(SELLER, "SMS baru")
    await expect(page.locator("#screen-0")).to_contain_text("SMS baru")
    assert await page.evaluate("document.getElementById('screen-0').scrollTop") <= -500


MANY = ("data", "data-local", "data-night", "data-games", "data-social", "data-video", "data-learning", "voice", "sms")


@pytest.mark.parametrize("size", [(360, 640), (1280, 800)])
async def test_opened_quotas_stay_open_and_can_all_be_reached(visit, arrive, monkeypatch, size):
    async def look(*_, **__):
        return rich_in(*MANY)

    monkeypatch.setattr("konter.simulator.handsets.view.subscriber_view", look)
    page = await visit(f"/simulator/handsets/{CUSTOMER}", width=size[0], height=size[1])
    await page.get_by_text("+6 lagi").click()
    await arrive(CUSTOMER, "SMS baru")
    await expect(page.locator("#screen-0")).to_contain_text("SMS baru")  # the page has been renewed
    last = page.locator(".quotas li").last
    await last.scroll_into_view_if_needed()
    await expect(last).to_be_in_viewport()
    await expect(page.get_by_role("link", name="SMS baru")).to_be_in_viewport()
    assert (await Axe().run(page, options=AXE)).response["violations"] == []


@pytest.mark.parametrize("script", [True, False])
async def test_the_newest_text_is_in_sight(visit, arrive, script):
    for n in range(30):
        await arrive(SELLER, f"SMS nomor {n}", at=NOON + timedelta(seconds=n))
    page = await visit(f"/simulator/handsets/{SELLER}?with=1818", width=360, height=640, script=script)
    await expect(page.get_by_text("SMS nomor 29")).to_be_in_viewport()


@pytest.mark.parametrize(
    "path",
    [
        DESK,
        f"/simulator?h={SELLER}~new&h={STRANGER}&h=zzz",
        "/simulator",
        f"/simulator/handsets/{CUSTOMER}",
        f"/simulator/handsets/{SELLER}?with=1818",
    ],
)
async def test_everyone_can_use_it(visit, arrive, path):
    await arrive(CUSTOMER, "Pulsa Rp50.000 sudah masuk.")
    for width, height in ((360, 640), (1280, 800)):
        page = await visit(path, width=width, height=height)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        found = (await Axe().run(page, options=AXE)).response["violations"]
        assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []
