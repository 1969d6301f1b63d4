"""A customer redeems points at a shop, without script: catalogue, log-in, confirm, code; then the merchant burns it."""

import os
from pathlib import Path

import pytest
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.visitor import Visitor
from tests.loyalty.rewards.conftest import Counter

from konter.loyalty.rewards.merchants.manage import add_merchant_number
from konter.platform.audit import SYSTEM
from konter.platform.ids import Msisdn
from konter.subscriber.msisdn import national

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PHONE, DESK = {"width": 360, "height": 640}, {"width": 1366, "height": 768}
PICTURES = os.environ.get("PICTURES", "")
MERCHANT = "KOPISENJA"


async def seen(visitor: Visitor, name: str) -> None:
    """As everybody meets it; with PICTURES a picture is kept there."""
    await visitor.look()
    if PICTURES:
        size = visitor.page.viewport_size["width"]
        await visitor.page.screenshot(path=str(Path(PICTURES) / f"{name}-{size}.png"))


async def come_in(visitor: Visitor, number: Msisdn) -> None:
    """From the log-in page to the page that was asked for."""
    handset = await visitor.handset(number)
    await visitor.fill("Nomor HP Anda", national(number))
    await visitor.tap("Kirim kode")
    await visitor.fill("Kode dari SMS", await handset.otp())
    await visitor.tap("Lanjut")


@pytest.mark.requirement("P-23", "P-24", "P-25", "P-30")
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_customer_redeems(operator: Operator, browse: Browse, tmp_path: Path, size: dict[str, int]) -> None:
    visitor, customer = await browse(script=False, **size), await Counter(operator.stage, tmp_path).customer(1_300)
    await visitor.go("/poin")
    await visitor.at("Poin dan hadiah")
    await visitor.sees("Kopi susu gratis", "12 poin", "Cara mendapat poin", "PRIORITY")
    await seen(visitor, "catalogue")
    await visitor.tap("Masuk dan lihat poin Anda", role="link")
    await come_in(visitor, customer.msisdn)
    await visitor.at("Poin dan hadiah")
    await visitor.sees("1.300 poin", "Bisa ditukar", "Perlu status GOLD")
    await seen(visitor, "catalogue-mine")
    await visitor.page.get_by_role("link", name="Botol minum").click()
    await visitor.sees("mulai dari status GOLD")
    await seen(visitor, "reward-not")
    await visitor.go("/poin/KOPI")
    await seen(visitor, "reward")
    await visitor.tap("Tukar 12 poin", role="link")
    await visitor.sees("1.300 → 1.288")
    await seen(visitor, "confirm")
    await visitor.tap("Tukar sekarang")
    await visitor.sees("Kode Anda siap")
    await seen(visitor, "code")
    code = await visitor.page.get_by_label("Kode Anda").input_value()
    await visitor.page.reload()
    await visitor.sees("1.300 → 1.288")
    await visitor.go("/poin/NSP30/tukar")
    await visitor.tap("Tukar sekarang")
    await visitor.sees("1.288 → 1.258")
    await seen(visitor, "provided")
    for path, heading in (("/saya/penukaran", "Penukaran Anda"), ("/saya/poin", "Rincian poin")):
        await visitor.go(path)
        await visitor.at(heading)
        await visitor.sees(code)
        await seen(visitor, heading.replace(" ", "-"))
    await visitor.go("/saya")
    await visitor.sees("1.258 poin")
    await seen(visitor, "me-points")
    await the_merchant_burns(operator, await browse(script=False, **size), code)
    await visitor.go("/saya/penukaran")
    await visitor.sees("Sudah dipakai")


async def the_merchant_burns(operator: Operator, visitor: Visitor, code: str) -> None:
    """A number of the merchant's looks at the code, burns it, and is told that it is burnt."""
    stage, number = operator.stage, await operator.customer()
    async with stage.pool.acquire() as connection:
        await add_merchant_number(connection, MERCHANT, number, now=stage.now, actor=SYSTEM, ids=stage.ids)
    await visitor.go("/poin/mitra")
    await come_in(visitor, number)
    await visitor.at("Kopi Senja")
    await visitor.fill("Kode pelanggan", "SALAH-1")
    await visitor.tap("Periksa kode")
    await visitor.sees("tidak dikenal sebagai kode penjual", "kali lagi")
    await seen(visitor, "merchant-wrong")
    await visitor.fill("Kode pelanggan", code.lower())
    await visitor.tap("Periksa kode")
    await visitor.sees("Kopi susu gratis")
    await seen(visitor, "merchant-found")
    await visitor.tap("Pakai kode ini")
    await visitor.sees("Kode dipakai", "Sekarang berikan: Kopi susu gratis")
    await seen(visitor, "merchant-burnt")
    await visitor.fill("Kode pelanggan", code)
    await visitor.tap("Periksa kode")
    await visitor.sees("sudah dipakai")
    await seen(visitor, "merchant-used")
