"""A new seller's first day in the browser, from the printed password to the day's close. Issue: the main job, 1 to 4."""

import re

import pytest
from playwright.async_api import expect
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator, Person
from tests.e2e.visitor import NEW_PASSWORD, NEW_PIN, Handset, Visitor

from konter.platform.ids import Msisdn
from konter.subscriber.msisdn import masked

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PHONES = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def rupiah_in(text: str) -> list[int]:
    return [int(found.replace("Rp", "").replace(".", "")) for found in re.findall(r"-?Rp[\d.]+", text)]


async def first_steps(visitor: Visitor, person: Person) -> Handset:
    """The initial password opens one page after the other, and nothing else."""
    handset = await visitor.handset(person.msisdn)
    initial = re.search(r"kata sandi (\S+),", await handset.next_text("Selamat"))[1]
    await visitor.enter_name(person, initial)
    await visitor.look()
    await visitor.sees(masked(person.msisdn))
    await visitor.fill("Kode dari SMS", await handset.otp())
    await visitor.tap("Lanjut")
    for path in ("/outlet", "/outlet/riwayat", "/outlet/pin"):
        await visitor.go(path)
        await visitor.at("Ganti kata sandi")
    await visitor.look()
    await visitor.fill("Kata sandi awal", initial)
    await visitor.fill("Kata sandi baru", NEW_PASSWORD)
    await visitor.fill("Ulangi kata sandi baru", NEW_PASSWORD)
    await visitor.tap("Simpan")
    await visitor.at("Syarat penggunaan")
    await visitor.look()
    await visitor.tap("Baca dokumen Kebijakan Privasi", role="link")
    await visitor.at("Kebijakan Privasi")
    await visitor.look()
    await visitor.go("/outlet/riwayat")
    await visitor.at("Syarat penggunaan")
    await visitor.tap("Setuju")
    await visitor.at("Buat PIN transaksi")
    await visitor.look()
    await visitor.fill("PIN baru", NEW_PIN)
    await visitor.fill("Ulangi PIN baru", NEW_PIN)
    await visitor.tap("Simpan PIN")
    await visitor.sees("PIN sudah disimpan.", "Rp1.000.000")
    await visitor.look()
    return handset


async def sell_fifty(visitor: Visitor, customer: Msisdn, phone: Handset) -> str:
    """Price, cost, margin and what the customer gets, before and after; returns the code."""
    assert "Rp0" in await phone.top()
    await visitor.choose(customer)
    await visitor.look()
    await visitor.sees("Harga jualRp51.500", "ModalRp49.500", "LabaRp2.000", "Rp1.000.000 → Rp950.500", "+ Rp50.000")
    until = re.search(r"→ (\d+ \w+ \d{4})", await visitor.text())[1]
    await visitor.confirm(NEW_PIN)
    await visitor.at("Selesai")
    await visitor.look()
    await visitor.sees("Rp1.000.000 → Rp950.500", f"s.d. {until}", "sampai ke pelanggan")
    code = await visitor.page.get_by_label("Nomor TRX").input_value()
    assert visitor.page.url.endswith(code)
    return code


@PHONES
@pytest.mark.requirement(
    "D-06", "D-07", "D-08", "D-12", "D-15", "D-18", "D-21", "D-23", "D-24", "D-44", "D-103", "D-106", "D-107"
)
async def test_a_new_seller_sells_on_the_first_day(operator: Operator, browse: Browse, *, script: bool) -> None:
    visitor, other = await browse(script=script), await browse(script=script)
    person, customer = await operator.newcomer(), await operator.customer()
    phone = await other.handset(customer)
    seller_phone = await first_steps(visitor, person)
    code = await sell_fifty(visitor, customer, phone)

    text = await phone.next_text("Pulsa Rp50.000 sudah masuk")
    assert code in text
    await other.look(phone.page)
    assert "Rp50.000" in await phone.top()
    await other.look(phone.page)
    assert code in await seller_phone.next_text("BERHASIL")

    await visitor.go("/outlet/riwayat")
    await visitor.look()
    await visitor.sees(code, "Rp1.000.000 → Rp950.500", "LabaRp2.000")
    await day_adds_up(visitor)
    await receipt_and_share(visitor, other, code, customer)


async def day_adds_up(visitor: Visitor) -> None:
    """Opening balance and every line make the closing balance, and each line opens."""
    await visitor.go("/outlet/tutup-hari")
    await visitor.look()
    opening, *moved, closing = rupiah_in(await visitor.page.locator("main .card").first.inner_text())
    assert opening + sum(moved) == closing == 950_500
    assert min(moved) == -49_500
    for name in ("Penjualan", "Isi saldo"):
        await visitor.page.get_by_role("link", name=name).click()
        await visitor.at(name)
        await visitor.look()
        await visitor.tap("Kembali", role="link")
    await visitor.at("Tutup hari")


async def receipt_and_share(visitor: Visitor, stranger: Visitor, code: str, customer: Msisdn) -> None:
    """The customer's paper shows no cost; a stranger with the link sees still less, and nothing without its check code."""
    await visitor.go(f"/outlet/transaksi/{code}")
    await visitor.tap("Struk", role="link")
    await visitor.at("Struk")
    await visitor.look()
    receipt = await visitor.text()
    assert "Rp51.500" in receipt
    assert not {"Rp49.500", "Rp2.000", "Rp950.500"} & set(re.findall(r"Rp[\d.]+", receipt))
    link = await visitor.page.get_by_role("link", name="Bagikan").get_attribute("href")

    await stranger.page.goto(link)
    await stranger.at("Selesai")
    await stranger.look()
    seen = await stranger.text()
    assert masked(customer) in seen
    assert code in seen
    assert "Rp" not in seen
    await stranger.page.goto(link[:-1] + ("A" if link[-1] != "A" else "B"))
    await stranger.look()
    assert code not in await stranger.text()
    await expect(stranger.page.get_by_role("alert")).to_be_visible()


@PHONES
@pytest.mark.requirement("D-41")
async def test_the_transaction_code_is_copied(operator: Operator, browse: Browse, *, script: bool) -> None:
    """Where no script runs, the code stands in a field from which a thumb copies it."""
    visitor = await browse(script=script)
    person = await operator.seller()
    await visitor.log_in(person)
    code = await visitor.sell(person, await operator.customer())
    if script:
        await visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await visitor.page.get_by_role("button", name=f"Salin {code}").click()
        assert await visitor.page.evaluate("navigator.clipboard.readText()") == code
        await visitor.go("/outlet/riwayat")
        await visitor.page.evaluate("navigator.clipboard.writeText('')")
        await visitor.page.get_by_role("button", name=f"Salin {code}").click()
        assert await visitor.page.evaluate("navigator.clipboard.readText()") == code
        return
    field = visitor.page.get_by_label("Nomor TRX")
    await field.focus()
    await visitor.page.keyboard.press("Control+A")
    assert await field.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == code
    assert await field.get_attribute("readonly") is not None
