"""What a product gives and what may be typed, before anything is sold: names of buckets, limits, other networks."""

import re
from collections.abc import Awaitable, Callable

import pytest
from tests.access.people import PIN
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.subscriber.msisdn import national
from konter.web.views import Gain
from konter.web.words import Words

Phones = Callable[[], Awaitable[Phone]]


@pytest.mark.requirement("D-106", "D-12")
async def test_every_bucket_of_a_package_is_called_by_its_name(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=D16C30&nomor={national(number)}")
    pages = [p.text]
    await p.submit("/outlet/jual", pin=PIN)
    pages.append(p.text)
    await p.get(f"{p.path}/struk")
    pages.append(p.text)
    for html in pages:
        gained = re.findall(r'<dt>([^<]+)</dt><dd class="gain">\+ (\d+ GB)', html)
        assert gained == [("Kuota internet", "10 GB"), ("Kuota lokal", "4 GB"), ("Kuota malam", "2 GB")]


def test_a_source_without_a_text_is_shown_as_its_code() -> None:
    gain = Gain(asset="BYTES", amount=1 << 30, source="data-of-tomorrow")
    assert Words("id", "Asia/Jakarta").gain_name(gain) == "data-of-tomorrow"
    assert Words("en", "Asia/Jakarta").gain_name(Gain(asset="SECONDS", amount=60, source="voice-roaming")) == (
        "Calls abroad"
    )


@pytest.mark.requirement("D-106")
async def test_a_free_amount_outside_its_limits_is_mended_at_its_field(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/produk?nomor={national(number)}&kategori=recharge")
    for typed in ("2500", "5.500", "9.000.000", "lima ribu"):
        await p.submit("/outlet/jual", jumlah=typed)
        assert p.page.status_code == 422
        assert "Nominal harus Rp5.000 sampai Rp1.000.000, kelipatan Rp1.000." in p.text
        assert p.field("/outlet/jual", "jumlah") == typed
        assert p.field("/outlet/jual", "nomor") == national(number)
    await p.submit("/outlet/jual", jumlah="25.000")
    assert p.field("/outlet/jual", "jumlah") == "25000"


@pytest.mark.requirement("G-D04")
async def test_another_operators_number_is_noticed_before_the_products(counter: Counter) -> None:
    p = counter.phone
    await p.get("/outlet/produk?nomor=08171234567&kategori=recharge")
    assert p.page.status_code == 422
    assert "bukan nomor operator kami" in p.text
    assert p.field("/outlet/produk", "nomor") == "08171234567"
    assert 'aria-invalid="true"' in p.text


async def test_a_customer_who_brought_a_foreign_number_is_served(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("konter.web.outlet.products.has_prefix", lambda *_: False)
    await counter.phone.get(f"/outlet/produk?nomor={national(await counter.stage.number())}&kategori=recharge")
    assert counter.phone.page.status_code == 200
    assert "PULSA50" in counter.phone.text


async def test_quick_buttons_are_the_six_most_sold_whatever_else_was_sold(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/produk?nomor={national(number)}&kategori=recharge")
    for amount in ("37.000", "38.000", "39.000"):
        await p.get(f"/outlet/produk?nomor={national(number)}&kategori=recharge")
        await p.submit("/outlet/jual", jumlah=amount)
        await p.submit("/outlet/jual", pin=PIN)
    for product in ("PULSA5", "PULSA10", "PULSA15", "PULSA20", "PULSA25", "PULSA300"):
        await counter.sells(product)
    await p.get("/outlet")
    buttons = re.findall(r'formaction="/outlet/jual" name="produk" value="PULSA(\d+)"', p.text)
    assert buttons == ["5", "10", "15", "20", "25", "300"]
