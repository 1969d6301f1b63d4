"""What staff see: every page at a desk and on a phone, without a fault that a machine can find."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, async_playwright
from tests.web.office.conftest import Office
from tests.web.office.walk import Pages, at_the_door, fill, fill_access, walk
from tests.web.page_server import CHROMIUM, served

from konter.web.statics import ASSETS, DESK_ASSETS

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"target-size": {"enabled": True}},
}
SIZES = ((1280, 800), (360, 640))
PAGE_BYTES_MAX = 200_000
PHONE_MAX, HEAD_PX_MAX = 760, 160  # a third of a small screen was head
HEAD_AMISS = """all => {
  const boxes = all.map(e => e.getBoundingClientRect());
  return boxes.some(a => Math.min(a.width, a.height) < 44)
    || boxes.some((a, i) => boxes.some((b, j) => i < j && a.left < b.right - 1 && b.left < a.right - 1
      && a.top < b.bottom - 1 && b.top < a.bottom - 1));
}"""
CUT_WITHOUT_A_WORD = """all => all.some(e => e.scrollWidth > e.clientWidth && !e.closest('details')
  && !(e.previousElementSibling && e.previousElementSibling.matches('.desk-swipe')
    && e.previousElementSibling.offsetHeight))"""
OUT_OF_SIGHT = (
    "all => all.some(e => e.getBoundingClientRect().right > innerWidth || e.getBoundingClientRect().left < 0)"
)


@pytest.fixture
async def pages(office: Office) -> Pages:
    door = await at_the_door(office)
    addresses = await fill(office)
    access = await walk(await office.clerk("admin", "compliance", "branch"), await fill_access(office))
    return {**door, **await walk(await office.clerk("supervisor"), addresses), **access}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


def write(folder: Path, pages: Pages) -> None:
    (folder / "static").mkdir()
    for asset in (*ASSETS.values(), *DESK_ASSETS.values()):
        (folder / "static" / asset.name).write_bytes(asset.body)
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")


@pytest.mark.e2e
async def test_every_page_is_for_everybody(pages: Pages, browser: Browser, tmp_path: Path) -> None:
    """Axe finds nothing on a phone, and nothing is wider than the screen."""
    folder = tmp_path / "site"
    folder.mkdir()
    write(folder, pages)
    faults = []
    shots = os.environ.get("KONTER_SHOTS")
    with served(folder) as address:
        for width, height in SIZES:
            page = await browser.new_page(viewport={"width": width, "height": height})
            for name in pages:
                await page.goto(f"{address}/{name}.html")
                if shots:
                    await page.screenshot(path=f"{shots}/{name}-{width}.png", full_page=width < 500)
                if await page.locator("html").evaluate("e => e.scrollWidth > e.clientWidth"):
                    faults.append((name, width, "wider than the screen"))
                if await page.locator(".desk-areas [aria-current]").evaluate_all(OUT_OF_SIGHT):
                    faults.append((name, width, "the open area is out of sight"))
                if await page.locator(".desk-wide").evaluate_all(CUT_WITHOUT_A_WORD):
                    faults.append((name, width, "a picture is cut and nothing says that it moves"))
                if width <= PHONE_MAX:
                    controls = page.locator(".desk-top :is(a, button, input:not([type=hidden]))")
                    if await controls.evaluate_all(HEAD_AMISS):
                        faults.append((name, width, "the head's controls are small or overlap"))
                    if await page.locator(".desk-top").evaluate("e => e.offsetHeight") > HEAD_PX_MAX:
                        faults.append((name, width, "the head takes the screen"))
                    # At a desk too by `tests/e2e/test_every_page`.
                    found = (await Axe().run(page, options=AXE)).response["violations"]
                    faults += [(name, one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found]
            await page.close()
    assert faults == []


async def test_no_page_holds_script_or_style_of_its_own(pages: Pages) -> None:
    for name, html in pages.items():
        assert "<style" not in html, name
        assert not re.search(r"\s(style|on[a-z]+)=", html), name
        assert set(re.findall(r"<script[^>]*>(.*?)</script>", html)) == {""}, name
        assert len(html) < PAGE_BYTES_MAX, name


async def test_every_page_speaks_english_too(office: Office) -> None:
    """No text is missing, and nothing of the Indonesian frame is left."""
    addresses = await fill(office)
    budi = await office.clerk("supervisor")
    budi.client.cookies.set("lang", "en")
    boss = await office.clerk("admin", "compliance", "branch")
    boss.client.cookies.set("lang", "en")
    pages = {**await walk(budi, addresses), **await walk(boss, await fill_access(office))}
    for name, html in pages.items():
        assert '<html lang="en"' in html, name
        assert "Yang bisa dilakukan" not in html, name
