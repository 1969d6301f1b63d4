"""A customer, without script: number, code from the handset, the own page, devices, out."""

import os
from pathlib import Path

import pytest
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.visitor import Visitor

from konter.subscriber.msisdn import masked, national, pretty

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PHONE, DESK = {"width": 360, "height": 640}, {"width": 1366, "height": 768}
PICTURES = os.environ.get("PICTURES", "")


async def seen(visitor: Visitor, name: str) -> None:
    """As everybody meets it; with PICTURES a picture is kept there."""
    await visitor.look()
    if PICTURES:
        size = visitor.page.viewport_size["width"]
        await visitor.page.screenshot(path=str(Path(PICTURES) / f"{name}-{size}.png"))


@pytest.mark.requirement("P-30")
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_customer_comes_in(operator: Operator, browse: Browse, size: dict[str, int]) -> None:
    visitor, number = await browse(script=False, **size), await operator.customer()
    seller = await operator.seller()
    shop = await browse(**PHONE)
    await shop.log_in(seller)
    await shop.sell(seller, number)
    handset = await visitor.handset(number)
    await visitor.go("/saya/perangkat")
    await visitor.at("Masuk ke Nomor Saya")
    await seen(visitor, "number")
    await visitor.fill("Nomor HP Anda", national(number))
    await visitor.tap("Kirim kode")
    await visitor.at("Kode OTP")
    await visitor.sees(masked(number))
    await seen(visitor, "code")
    await visitor.fill("Kode dari SMS", "000000")
    await visitor.tap("Lanjut")
    await visitor.sees("salah")
    await seen(visitor, "code-wrong")
    await visitor.fill("Kode dari SMS", await handset.otp())
    await visitor.tap("Lanjut")
    await visitor.at("Perangkat yang masuk")
    await seen(visitor, "devices")
    await visitor.go("/saya")
    await visitor.at(pretty(number))
    await visitor.sees("Aktif sampai")
    await seen(visitor, "me")
    await visitor.tap("English")
    await visitor.sees("Active until")
    await visitor.tap("Log out")
    await visitor.sees("logged out")
    await visitor.go("/saya/entah")
    await seen(visitor, "missing")
