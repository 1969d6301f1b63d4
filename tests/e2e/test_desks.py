"""The desks in a real browser: lists that answer while one types, the way back, refusals in words, and no script."""

import re

import pytest
from playwright.async_api import expect
from tests.e2e.clerk import OFFICE, Clerk
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
DESK = {"width": 1366, "height": 768}


async def supervisor(operator: Operator, browse: Browse, **how: object) -> Clerk:
    clerk = Clerk(await browse(**DESK, **how), OFFICE)
    await clerk.enter(await operator.member("supervisor", "branch"))
    return clerk


async def test_a_list_answers_while_one_types_and_the_way_back_works(operator: Operator, browse: Browse) -> None:
    for name in ("Kios Zamrud", "Kios Zaitun"):
        await operator.stage.outlet(name=name)
    clerk = await supervisor(operator, browse)
    page = clerk.page
    await clerk.visitor.go("/office/outlet")
    await page.evaluate("window.stays = true")
    table = page.locator("#outlets")
    await page.get_by_role("searchbox").last.press_sequentially("Kios Za", delay=20)
    await expect(table).to_contain_text("Kios Zamrud")
    await expect(table).to_contain_text("Kios Zaitun")
    await page.get_by_role("searchbox").last.press_sequentially("mrud", delay=20)
    await expect(table).not_to_contain_text("Kios Zaitun")
    assert await page.evaluate("window.stays"), "the page was not loaded again"
    await expect(page).to_have_url(re.compile("cari=Kios%20Zamrud"))
    await page.get_by_role("link", name="Kios Zamrud").click()
    await clerk.visitor.at(re.compile("^Kios Zamrud"))
    await page.go_back()
    await expect(page.locator("#outlets")).to_contain_text("Kios Zamrud")
    await page.reload()
    await expect(page.locator("#outlets")).not_to_contain_text("Kios Zaitun")


async def test_without_script_the_same_list_is_a_form(operator: Operator, browse: Browse) -> None:
    await operator.stage.outlet(name="Kios Tanpa Skrip")
    clerk = await supervisor(operator, browse, script=False)
    await clerk.visitor.go("/office/outlet")
    await clerk.page.get_by_role("searchbox").last.fill("Kios Tanpa")
    await clerk.visitor.tap("Saring")
    await clerk.visitor.sees("Kios Tanpa Skrip")


async def test_a_refusal_stands_on_the_page_in_words(operator: Operator, browse: Browse) -> None:
    clerk = await supervisor(operator, browse)
    await clerk.visitor.go("/office/permohonan/FP-1234567")
    await clerk.visitor.at(re.compile("tidak ditemukan", re.IGNORECASE))
    await clerk.visitor.look()
