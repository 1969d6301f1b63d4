"""What a partner's people see, at a desk and on a phone, without a fault that a machine can find."""

from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright
from tests.channel.onboarding.desk import Desk
from tests.web.office.test_office_look import AXE, PHONE_MAX, SIZES, write
from tests.web.page_server import CHROMIUM, served
from tests.web.partner.conftest import Agent, Console

from konter.channel.visits.model import Visits
from konter.channel.visits.plan import assign_visits
from konter.platform.audit import SYSTEM
from konter.platform.ids import OutletId


@pytest.mark.e2e
async def test_every_page_is_for_everybody(console: Console, desk: Desk, tmp_path: Path) -> None:
    """Axe finds nothing on a phone, and nothing is wider than the screen."""
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
    field = await console.agent(partner_id=desk.ground.mine, role="SBP_FIELD_SALES")
    outlet = await planned(desk, field)
    for place in ("/kunjungan", f"/kunjungan/{outlet}"):
        await field.get(f"/partner{place}")
        assert field.page.status_code == 200
        pages[f"field{len(pages)}"] = field.text
    await agent.get("/partner/kunjungan")
    pages["visits-planned"] = agent.text
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
                    if width <= PHONE_MAX:  # at a desk too by `tests/e2e/test_every_page`
                        found = (await Axe().run(page, options=AXE)).response["violations"]
                        faults += [(name, one["id"]) for one in found]
            await browser.close()
    assert faults == []


async def planned(desk: Desk, field: Agent) -> OutletId:
    """An outlet that this person visits every day, and two that nobody came to yesterday."""
    stage = desk.stage
    outlets = [await stage.outlet(partner_id=desk.ground.mine) for _ in range(3)]
    week = (1, 2, 3, 4, 5, 6, 7)
    plans = [Visits(outlet_id=each, field_sales_id=field.user.id, weekdays=week) for each in outlets]
    async with stage.pool.acquire() as connection:
        await assign_visits(connection, plans, actor=SYSTEM, now=stage.now - timedelta(days=2), ids=stage.ids)
    return outlets[0]
