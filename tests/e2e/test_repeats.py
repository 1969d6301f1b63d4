"""Whatever a thumb does twice is sold once; whatever is meant twice is sold twice. [D-107]"""

import asyncio

import pytest
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.slow_line import slow
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.requirement("D-107")]
PHONES = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


async def ready_to_sell(operator: Operator, visitor: Visitor) -> tuple:
    person, customer = await operator.seller(), await operator.customer()
    await visitor.log_in(person)
    await visitor.choose(customer)
    return person, customer


@PHONES
async def test_a_double_tap_sells_once(operator: Operator, browse: Browse, *, script: bool) -> None:
    """On a slow line the second tap comes while the first is on its way: without script both requests are sent."""
    visitor = await browse(script=script)
    person, _ = await ready_to_sell(operator, visitor)
    await visitor.fill("PIN transaksi", person.pin)
    button = visitor.page.get_by_role("button", name="Jual sekarang")
    await button.scroll_into_view_if_needed()
    place = await button.bounding_box()
    await slow(visitor)
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(request.method))
    for _ in range(2):
        await visitor.page.mouse.click(place["x"] + 30, place["y"] + 20)
        await asyncio.sleep(0.25)
    await visitor.at("Selesai")
    assert sent.count("POST") == (1 if script else 2)
    assert await operator.sales_of(person) == 1


async def test_two_windows_with_the_same_page_sell_once(operator: Operator, browse: Browse) -> None:
    """The browser keeps both requests, as it does for a tap on a line that hangs."""
    visitor = await browse()
    person, _ = await ready_to_sell(operator, visitor)
    second = await visitor.page.context.new_page()
    await second.goto(visitor.page.url)
    for page in (visitor.page, second):
        await page.get_by_label("PIN transaksi").fill(person.pin)
    first_tap = visitor.page.get_by_role("button", name="Jual sekarang").click(no_wait_after=True)
    second_tap = second.get_by_role("button", name="Jual sekarang").click(no_wait_after=True)
    await first_tap
    await second_tap
    await visitor.at("Selesai")
    await second.get_by_role("heading", name="Selesai").wait_for()
    assert second.url == visitor.page.url
    assert await operator.sales_of(person) == 1


@PHONES
async def test_reload_and_back_do_not_sell_again(operator: Operator, browse: Browse, *, script: bool) -> None:
    """The same form finds the same sale; a page that was loaded afresh warns and leads to it."""
    visitor = await browse(script=script)
    person, _ = await ready_to_sell(operator, visitor)
    await visitor.page.reload()
    await visitor.confirm(person.pin)
    await visitor.at("Selesai")
    sold = visitor.page.url
    await visitor.page.reload()
    await visitor.at("Selesai")
    await visitor.page.go_back()
    again = visitor.page.get_by_role("button", name="Jual sekarang")
    if await again.count():
        await visitor.confirm(person.pin)
    else:
        await visitor.tap("Lihat penjualan itu", role="link")
    await visitor.at("Selesai")
    assert visitor.page.url == sold
    assert await operator.sales_of(person) == 1


@PHONES
async def test_the_same_again_within_a_day_is_asked_about(operator: Operator, browse: Browse, *, script: bool) -> None:
    visitor = await browse(script=script)
    person, customer = await ready_to_sell(operator, visitor)
    await visitor.confirm(person.pin)
    await visitor.at("Selesai")
    first = visitor.page.url
    await visitor.tap("Jual lagi", role="link")
    await visitor.choose(customer)
    await visitor.look()
    await visitor.sees("Pulsa 50.000 sudah dijual ke nomor ini")
    await visitor.confirm(person.pin, "Jual kedua kali")
    await visitor.at("Selesai")
    assert visitor.page.url != first
    assert await operator.sales_of(person) == 2
