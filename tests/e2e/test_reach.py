"""For small screens, large text, a keyboard alone and a screen reader."""

import pytest
from playwright.async_api import Page, expect
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.visitor import Visitor

from konter.subscriber.msisdn import national

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PHONES = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
TABS_MAX = 40
CUT_OFF = """all => all.filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && !e.closest('.hide') && (box.left < -0.5 || box.right > innerWidth + 0.5 || box.height < 47.5);
}).map(e => e.outerHTML.slice(0, 100))"""


async def fits(visitor: Visitor) -> None:
    """Nothing is wider than the screen, and every control can be reached and touched."""
    page = visitor.page
    await page.locator("html").evaluate("e => { e.style.fontSize = '200%'; }")
    assert not await page.locator("html").evaluate("e => e.scrollWidth > e.clientWidth"), page.url
    controls = page.locator("a:visible, button:visible, input:not([type=hidden]):visible, select:visible")
    assert await controls.evaluate_all(CUT_OFF) == [], page.url


@PHONES
async def test_it_fits_a_small_screen_with_large_text(operator: Operator, browse: Browse, *, script: bool) -> None:
    visitor = await browse(script=script, width=320, height=480)
    person, customer = await operator.seller(), await operator.customer()
    handset = await visitor.enter_name(person)
    await fits(visitor)
    await visitor.fill("Kode dari SMS", await handset.otp())
    await visitor.tap("Lanjut")
    await visitor.sees("Saldo")
    await fits(visitor)
    await visitor.fill("Nomor pelanggan", national(customer))
    await visitor.tap("Pulsa")
    await visitor.at("Pulsa")
    await fits(visitor)
    await visitor.page.get_by_role("link", name="Pulsa 50.000").click()
    await visitor.at("Pulsa 50.000")
    await fits(visitor)
    await visitor.confirm(person.pin)
    await visitor.at("Selesai")
    await fits(visitor)
    code = visitor.page.url.rpartition("/")[2]
    for path in (f"/outlet/transaksi/{code}/struk", "/outlet/riwayat", "/outlet/tutup-hari", "/outlet/akun"):
        await visitor.go(path)
        await fits(visitor)


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus, and see that the focus shows."""
    for _ in range(TABS_MAX):
        focused = page.locator(":focus")
        if await focused.count() and name in await focused.evaluate(
            "e => [e.innerText, e.value, ...[...(e.labels || [])].map(l => l.innerText)].join(' ')"
        ):
            assert await focused.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name!r} on {page.url}")


@PHONES
async def test_a_keyboard_alone_sells(operator: Operator, browse: Browse, *, script: bool) -> None:
    visitor = await browse(script=script)
    person, customer = await operator.seller(), await operator.customer()
    handset = await visitor.handset(person.msisdn)
    await visitor.go("/outlet")
    page, keys = visitor.page, visitor.page.keyboard
    await page.bring_to_front()
    await tab_to(page, "Nama pengguna")
    await keys.type(person.username)
    await keys.press("Tab")
    await keys.type(person.password)
    await keys.press("Enter")
    await visitor.at("Kode OTP")
    code = await handset.otp()
    await page.bring_to_front()
    await tab_to(page, "Kode dari SMS")
    await keys.type(code)
    await keys.press("Enter")
    await visitor.sees("Saldo")
    await tab_to(page, "Nomor pelanggan")
    await keys.type(national(customer))
    await keys.press("Enter")
    await visitor.at("Pulsa")
    await tab_to(page, "Pulsa 50.000")
    await keys.press("Enter")
    await visitor.at("Pulsa 50.000")
    await tab_to(page, "PIN transaksi")
    await keys.type(person.pin)
    await tab_to(page, "Jual sekarang")
    await keys.press("Enter")
    await visitor.at("Selesai")
    assert await operator.sales_of(person) == 1


async def names_of(visitor: Visitor) -> list[tuple[str, str]]:
    """Role and name of each control in the browser's own accessibility tree."""
    tree = await visitor.page.context.new_cdp_session(visitor.page)
    nodes = (await tree.send("Accessibility.getFullAXTree"))["nodes"]
    roles = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "Date", "spinbutton"}
    return [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in roles
    ]


async def test_a_screen_reader_hears_a_name_for_every_control(operator: Operator, browse: Browse) -> None:
    visitor = await browse()
    person, customer = await operator.seller(), await operator.customer()
    await visitor.log_in(person)
    code = await visitor.sell(person, customer)
    desk = f"/simulator?h={person.msisdn}~1818&h={customer}"
    for path in (
        f"/outlet/transaksi/{code}",
        "/outlet",
        f"/outlet/produk?nomor={national(customer)}&kategori=recharge",
        f"/outlet/jual?produk=PULSA20&nomor={national(customer)}",
        f"/outlet/transaksi/{code}/struk",
        "/outlet/riwayat",
        "/outlet/tutup-hari",
        "/outlet/akun",
        desk,
    ):
        await visitor.go(path)
        await visitor.page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        named = await names_of(visitor)
        assert named, path
        assert [one for one in named if not one[1]] == [], path
        copies = [name for _, name in named if name.startswith(("Salin", "Cabut"))]
        assert len(copies) == len(set(copies)), "two buttons that sound alike do different things"
    await expect(visitor.page.get_by_role("region").first).to_be_visible()
    await visitor.look()
