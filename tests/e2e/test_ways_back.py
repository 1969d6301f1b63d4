"""Every no on a page says what happened, whether money moved, and has a button that leads on."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.visitor import NEW_PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PHONES = pytest.mark.parametrize("script", [False], ids=["no script"])  # the main job is driven both ways
OTHER_PIN = "592846"


@PHONES
@pytest.mark.requirement("D-24")
async def test_a_locked_pin_is_replaced_by_password_and_otp(
    operator: Operator, browse: Browse, *, script: bool
) -> None:
    visitor = await browse(script=script)
    person, customer = await operator.seller(), await operator.customer()
    handset = await visitor.log_in(person)
    await visitor.choose(customer)
    for _ in range(3):
        await visitor.confirm("000001")
        await expect(visitor.page.get_by_role("alert")).to_be_visible()
    await visitor.look()
    await visitor.confirm(person.pin)
    await visitor.sees("PIN", "kunci")
    assert "terkunci" in await handset.next_text("terkunci")
    await visitor.page.get_by_role("alert").get_by_role("link", name="Lupa PIN?").click()
    await visitor.at("Ganti PIN")
    await visitor.look()
    await visitor.fill("Kata sandi", person.password)
    await visitor.tap("Kirim kode")
    await visitor.at("Ganti PIN transaksi")
    await visitor.look()
    await visitor.fill("Kode dari SMS", await handset.otp())
    await visitor.fill("PIN baru", OTHER_PIN)
    await visitor.fill("Ulangi PIN baru", OTHER_PIN)
    await visitor.tap("Simpan PIN")
    await visitor.sees("PIN sudah disimpan.", "Rp1.000.000")
    await visitor.choose(customer)
    await visitor.confirm(OTHER_PIN)
    await visitor.at("Selesai")
    assert await operator.sales_of(person) == 1


@PHONES
@pytest.mark.requirement("D-23", "D-24")
async def test_a_forgotten_password_is_replaced_by_an_otp(operator: Operator, browse: Browse, *, script: bool) -> None:
    visitor = await browse(script=script)
    person = await operator.seller()
    handset = await visitor.handset(person.msisdn)
    await visitor.go("/outlet")
    await visitor.fill("Nama pengguna", person.username)
    await visitor.fill("Kata sandi", "bukan-sandi-saya")
    await visitor.tap("Masuk")
    await visitor.sees("Nama pengguna atau kata sandi salah")
    await visitor.look()
    await visitor.tap("Lupa kata sandi?", role="link")
    await visitor.look()
    await visitor.fill("Nama pengguna", person.username)
    await visitor.tap("Kirim kode")
    await visitor.at("Buat kata sandi baru")
    await visitor.look()
    await visitor.fill("Kode dari SMS", await handset.otp())
    await visitor.fill("Kata sandi baru", NEW_PASSWORD)
    await visitor.fill("Ulangi kata sandi baru", NEW_PASSWORD)
    await visitor.tap("Simpan")
    await visitor.sees("Kata sandi sudah diganti. Silakan masuk.")
    await visitor.log_in_on(handset, person, NEW_PASSWORD)
    await visitor.sees("Rp1.000.000")


@pytest.mark.requirement("D-107")
async def test_a_balance_that_is_too_small_is_said_before_the_pin(operator: Operator, browse: Browse) -> None:
    visitor = await browse()
    person, customer = await operator.seller(balance_rp=30_000), await operator.customer()
    await visitor.log_in(person)
    await visitor.choose(customer)
    await visitor.look()
    await visitor.sees("Saldo kurang Rp19.500.", "Belum ada yang terpotong.")
    assert await visitor.page.get_by_label("PIN transaksi").count() == 0
    await visitor.tap("Pilih produk lain", role="link")
    await visitor.page.get_by_role("link", name="Pulsa 20.000").click()
    await visitor.confirm(person.pin)
    await visitor.at("Selesai")
    await visitor.sees("Rp30.000 → Rp9.850")


@pytest.mark.requirement("D-107")
async def test_a_balance_that_shrank_meanwhile_refuses_the_sale(operator: Operator, browse: Browse) -> None:
    """Another phone of the outlet was faster."""
    visitor, other = await browse(script=False), await browse(script=False)
    person = await operator.seller(balance_rp=60_000)
    handset = await visitor.log_in(person)
    await visitor.choose(await operator.customer())
    await other.enter_name(person)
    await other.fill("Kode dari SMS", await handset.otp())
    await other.tap("Lanjut")
    await other.sell(person, await operator.customer())
    await visitor.confirm(person.pin)
    await visitor.sees("Tidak ada yang terpotong", "kurang Rp39.000")
    await visitor.look()
    assert await operator.sales_of(person) == 1


@pytest.mark.requirement("D-08")
async def test_a_price_that_changed_meanwhile_is_shown_and_asked_for(
    operator: Operator, browse: Browse, tmp_path: Path
) -> None:
    visitor = await browse(script=False)
    person, customer = await operator.seller(), await operator.customer()
    await visitor.log_in(person)
    await visitor.choose(customer, "Pulsa 75.000")
    from_then = operator.app.clock.now() + timedelta(minutes=1)
    await operator.import_prices(
        tmp_path / "harga.csv",
        f"row,code,valid_from,cost_rp,price_rp\nprice,PULSA75,{from_then.isoformat()},74200,77000\n",
    )
    await operator.move_clock("2m")
    await visitor.confirm(person.pin)
    await visitor.sees("Harga sudah berubah.", "Rp76.500 → Rp77.000", "Belum ada yang terpotong.")
    await visitor.look()
    assert await operator.sales_of(person) == 0
    await visitor.confirm(person.pin, "Jual dengan harga baru")
    await visitor.at("Selesai")
    await visitor.sees("Rp1.000.000 → Rp925.800", "Rp77.000")


@PHONES
async def test_a_lost_phone_is_shut_out_from_another_one(operator: Operator, browse: Browse, *, script: bool) -> None:
    """Its next tap leads to the log-in page, and from there back to the sale that was under way."""
    lost, mine = await browse(script=script), await browse(script=script)
    person, customer = await operator.seller(), await operator.customer()
    handset = await lost.log_in(person)
    await lost.choose(customer)
    await mine.enter_name(person)
    await mine.fill("Kode dari SMS", await handset.otp())
    await mine.tap("Lanjut")
    await mine.tap("Akun", role="link")
    await mine.look()
    await mine.tap("Cabut")
    await mine.sees("Perangkat itu sudah dikeluarkan.")
    await lost.confirm(person.pin)
    await lost.at("Masuk")
    assert await operator.sales_of(person) == 0
    await lost.log_in_on(handset, person)
    await lost.at("Pulsa 50.000")
    await lost.confirm(person.pin)
    await lost.at("Selesai")
    assert await operator.sales_of(person) == 1


async def test_what_cannot_be_is_said_on_a_page(operator: Operator, browse: Browse) -> None:
    """A number that is none or another operator's, an unknown product, sale and address."""
    visitor = await browse()
    await visitor.log_in(await operator.seller())
    for path in (
        "/outlet/produk?nomor=0812&kategori=recharge",
        "/outlet/jual?produk=PULSA50&nomor=0817-1234-5678",
        "/outlet/jual?produk=TIDAKADA&nomor=081200000001",
        "/outlet/transaksi/AAAA-BBBB",
        "/outlet/tidak-ada",
    ):
        await visitor.go(path)
        await expect(visitor.page.get_by_role("alert")).to_be_visible()
        await visitor.look()
        typed = visitor.page.get_by_label("Nomor pelanggan")
        if await typed.count():
            assert await typed.input_value(), "what was typed is kept"
