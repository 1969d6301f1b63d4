"""What a partner's people see, at a desk and on a phone, without a fault that a machine can find."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright
from tests.channel.onboarding.desk import Desk
from tests.web.office.test_office_look import AXE, SIZES, write
from tests.web.page_server import CHROMIUM, served
from tests.web.partner.conftest import Console


@pytest.mark.e2e
async def test_every_page_is_for_everybody(console: Console, desk: Desk, tmp_path: Path) -> None:
    """Axe finds nothing, and nothing is wider than the screen."""
    id_ = await desk.sent()
    agent = await console.agent(partner_id=desk.ground.mine, logged_in=False)
    await agent.get("/partner/masuk")
    pages = {"login": agent.text}
    await agent.log_in()
    places = (
        "",
        "/permohonan",
        f"/permohonan/{id_}",
        "/outlet",
        "/kunjungan",
        "/tinjauan",
        "/pengguna",
        "/hp-hilang",
        "/nomor",
        f"/nomor/{agent.user.nn_msisdn}",
        "/outlet?urut=sejak&arah=turun",
        "/outlet?status=suspended",
        "/akun",
        "/cari?q=zzz",
        "/tidak-ada",
    )
    for place in places:
        await agent.get(f"/partner{place}")
        pages[f"page{len(pages)}"] = agent.text
    faults = []
    write(tmp_path, pages)
    with served(tmp_path) as address:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for width, height in SIZES:
                page = await browser.new_page(viewport={"width": width, "height": height})
                for name in pages:
                    await page.goto(f"{address}/{name}.html")
                    if await page.locator("html").evaluate("e => e.scrollWidth > e.clientWidth"):
                        faults.append((name, width, "wider than the screen"))
                    found = (await Axe().run(page, options=AXE)).response["violations"]
                    faults += [(name, width, one["id"]) for one in found]
            await browser.close()
    assert faults == []
