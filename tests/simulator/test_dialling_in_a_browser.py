"""The dial page in a real browser: with script and without, on a phone and on a desk, for everyone."""

import shutil
from html import escape

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect
from tests.messaging.customers import subscribe
from tests.simulator.handset_site import CUSTOMER, NOON, SELLER, ground_on, site_on

from konter.messaging.served import Served
from konter.messaging.ussd.model import Menu, Option, Screen
from konter.platform.clock import FrozenClock

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
HOST = "http://handsets.test"
ALONE = f"/simulator/handsets/{CUSTOMER}?with=dial"
SIZES = [(360, 640), (1366, 768)]

pytestmark = pytest.mark.e2e


async def kiosk(turn):
    match turn.path:
        case ():
            options = (Option("Tukar poin", "swap"), Option("Riwayat poin", "story"), Option("Bantuan", "help"))
            return Screen(text="Poin Anda 48, berlaku s.d. 31/03/2027. Status RED.", options=options)
        case ("swap",):
            rewards = (Option(f"Voucher Kopi Senja {n} ribu, {n} poin", str(n)) for n in range(10, 110, 10))
            return Screen(text="Pilih hadiah:", options=tuple(rewards))
    return Screen(text="Voucher Kopi Senja Anda KXW7-MP2Q, berlaku s.d. 31/12/2026. Sisa poin 38.", end=True)


@pytest.fixture
async def visit(own_db, ids):
    """Open a page of the simulator; the browser's requests are answered by the application without a port."""
    served = Served(menus={"*700#": Menu(kiosk, page_chars=182)})
    ground = ground_on(own_db, ids, FrozenClock(NOON), served)
    await subscribe(own_db, ids)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app=site_on(ground)), base_url=HOST) as site,
        async_playwright() as play,
    ):

        async def answer(route):
            request = route.request
            headers = await request.all_headers()
            reply = await site.request(request.method, request.url, content=request.post_data_buffer, headers=headers)
            if reply.is_redirect:  # the browser would look for the next address on the net: it is led there by a page
                there = f'<meta http-equiv="refresh" content="0;url={escape(reply.headers["location"])}">'
                await route.fulfill(status=200, content_type="text/html", body=there)
                return
            await route.fulfill(status=reply.status_code, headers=dict(reply.headers), body=reply.content)

        async def visit(path, *, width=1366, height=768, script=True):
            context = await browser.new_context(
                viewport={"width": width, "height": height}, java_script_enabled=script, locale="id-ID"
            )
            await context.route("**/*", answer)
            page = await context.new_page()
            await page.goto(HOST + path)
            return page

        browser = await play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield visit
        await browser.close()


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("size", SIZES)
async def test_it_works(visit, size, script):
    page = await visit(f"/simulator/handsets/{CUSTOMER}", width=size[0], height=size[1], script=script)
    await page.get_by_role("link", name="Panggil kode").click()
    await page.get_by_label("Kode, misalnya").fill("*700#")
    await page.get_by_role("button", name="Panggil").click()
    for typed, shown in (("1", "Pilih hadiah:"), ("9", "Voucher"), ("1", "KXW7-MP2Q")):
        await page.get_by_label("Jawaban Anda").fill(typed)
        await page.get_by_role("button", name="Kirim").click()
        await expect(page.get_by_role("status").first).to_contain_text(shown)
    await expect(page.get_by_label("Kode, misalnya")).to_be_in_viewport()


async def test_a_reply_can_be_sent_by_the_keyboard_alone(visit):
    page = await visit(ALONE)
    await page.get_by_label("Kode, misalnya").fill("*700#")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Jawaban Anda")).to_be_focused()
    await page.keyboard.type("1")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("Pilih hadiah:")


@pytest.mark.parametrize("script", [True, False])
async def test_the_menu_is_left_by_the_button_beside_the_answer(visit, script):
    page = await visit(ALONE, script=script)
    await page.get_by_label("Kode, misalnya").fill("*700#")
    await page.get_by_role("button", name="Panggil").click()
    await page.get_by_role("button", name="Tutup").click()
    await page.get_by_role("link", name="Panggil kode").click()
    await expect(page.get_by_label("Kode, misalnya")).to_be_in_viewport()
    await expect(page.locator(".ussd")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
async def test_everyone_can_use_it(visit, size):
    desk = f"/simulator?h={CUSTOMER}~dial&h={SELLER}"
    for path, typed in ((ALONE, []), (ALONE, ["*700*1#"]), (desk, ["1"]), (ALONE, ["*700*2#"])):
        page = await visit(path, width=size[0], height=size[1])
        for each in typed:
            await page.locator("#text-0").fill(each)
            await page.locator("#text-0").press("Enter")
            await expect(page.get_by_role("status").first).to_contain_text("V")
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        found = (await Axe().run(page, options=AXE)).response["violations"]
        assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []
        await page.context.close()
