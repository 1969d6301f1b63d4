"""On the phone, without script: a number that looks wrong, a sale that is held, a product that fails."""

import re
from datetime import timedelta

import pytest
from tests.access.people import PIN
from tests.web.conftest import Counter

from konter.catalogue.availability import set_open
from konter.platform.audit import SYSTEM
from konter.platform.ids import Msisdn
from konter.subscriber.msisdn import national, pretty
from konter.subscriber.open import NewSubscription, open_subscriptions


async def neighbours(counter: Counter) -> tuple[Msisdn, Msisdn]:
    """Two customers whose numbers are one digit apart."""
    known = await counter.stage.number(prefix="62813")
    other = Msisdn(int(f"62823{str(known)[5:]}"))
    new = NewSubscription(msisdn=other, brand="nusa", active_until=counter.stage.now + timedelta(days=30))
    async with counter.shop.pool.acquire() as connection:
        await open_subscriptions(connection, [new], now=counter.stage.now, ids=counter.stage.ids)
    return known, other


async def hold(counter: Counter, seconds: int = 60) -> None:
    await counter.shop.pool.execute("UPDATE outlet SET hold_s = $2 WHERE id = $1", counter.user.outlet_id, seconds)


async def trouble(counter: Counter, product: str, state: str) -> None:
    now = counter.stage.now
    await counter.shop.pool.execute("DELETE FROM product_health")
    await counter.shop.pool.execute(
        "INSERT INTO product_health VALUES ($1, $2, $3, 9, 9, 0, 0)", product, state, now - timedelta(minutes=4)
    )
    await counter.shop.pool.execute("UPDATE health_look SET looked_at = $1", now)


@pytest.mark.requirement("D-106")
async def test_a_number_that_looks_wrong_is_asked_about_and_both_ways_lead_on(counter: Counter) -> None:
    p = counter.phone
    known, typed = await neighbours(counter)
    await counter.sells(number=known)
    await p.get(f"/outlet/jual?produk=PULSABEBAS&jumlah=25000&nomor={national(typed)}")
    assert f"Maksud Anda {pretty(known)}?" in p.text
    assert f"Tidak, {pretty(typed)} sudah benar" in p.text
    assert 'href="#pin"' in p.text
    assert 'id="pin"' in p.text
    (other,) = re.findall(r'<a class="btn" href="(/outlet/jual[^"]+)"', p.text)
    await p.get(other.replace("&amp;", "&"))
    assert (p.field("/outlet/jual", "nomor"), p.field("/outlet/jual", "jumlah")) == (national(known), "25000")
    assert "Maksud Anda" not in p.text
    await p.get(f"/outlet/jual?produk=PULSA5&nomor={national(typed)}")
    await p.submit("/outlet/jual", pin=PIN)
    assert p.path.startswith("/outlet/transaksi/")
    await p.get(f"/outlet/jual?produk=PULSA10&nomor={national(typed)}")
    assert "Maksud Anda" not in p.text


@pytest.mark.requirement("D-43", "D-44")
async def test_a_held_sale_says_when_it_goes_out_and_is_taken_back(counter: Counter) -> None:
    p = counter.phone
    await hold(counter)
    code = await counter.sells()
    assert "Dikirim pukul 12:01:00" in p.text
    assert 'data-left="60"' in p.text
    await p.submit(f"/outlet/transaksi/{code}/batal")
    assert (p.page.status_code, p.path) == (200, f"/outlet/transaksi/{code}")
    assert "Dana kembali" in p.text
    assert "/batal" not in p.text
    assert "Jual ulang ke nomor ini" not in p.text, "it was the wrong number"
    (sale,) = await counter.sales()
    assert (sale["status"], sale["reason"]) == ("refunded", "CANCELLED")


async def test_too_late_is_told_with_the_way_back(counter: Counter) -> None:
    p = counter.phone
    await hold(counter)
    code = await counter.sells()
    form = p.form(f"/outlet/transaksi/{code}/batal")
    counter.stage.clock.advance(timedelta(seconds=60))
    await p.send(form["action"], "post", form["fields"])
    assert p.page.status_code == 409
    assert "sudah dikirim dan tidak dapat dibatalkan" in p.text
    assert f'href="/outlet/transaksi/{code}"' in p.text
    await p.get(f"/outlet/transaksi/{code}")
    assert "/batal" not in p.text


async def test_a_held_sale_in_a_list_is_not_sent_yet(counter: Counter) -> None:
    await hold(counter)
    await counter.sells()
    for path in ("/outlet", "/outlet/riwayat"):
        await counter.phone.get(path)
        assert "Belum dikirim" in counter.phone.text, path
        assert "Dicek s.d." not in counter.phone.text, path


async def test_a_sale_that_is_not_held_has_no_such_button(counter: Counter) -> None:
    await counter.sells()
    assert "/batal" not in counter.phone.text


async def test_cancelling_needs_the_pages_own_form(counter: Counter) -> None:
    await hold(counter)
    code = await counter.sells()
    await counter.phone.send(f"/outlet/transaksi/{code}/batal", "post", [("csrf", "x")])
    assert counter.phone.page.status_code == 403
    (sale,) = await counter.sales()
    assert sale["status"] == "checking"


async def test_somebody_elses_or_no_code_is_not_found(counter: Counter) -> None:
    await hold(counter)
    code = await counter.sells()
    fields = counter.phone.form(f"/outlet/transaksi/{code}/batal")["fields"]
    for wrong in ("0000-0000", "nothing"):
        await counter.phone.send(f"/outlet/transaksi/{wrong}/batal", "post", fields)
        assert counter.phone.page.status_code == 404


async def test_a_failing_product_is_marked_warned_of_and_sold_all_the_same(counter: Counter) -> None:
    p, number = counter.phone, national(await counter.stage.number())
    await trouble(counter, "PULSA50", "closed")
    await p.get(f"/outlet/produk?nomor={number}&kategori=recharge")
    assert p.text.count("Gangguan") == 1
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={number}")
    assert "Produk ini sedang gangguan." in p.text
    assert "Sejak 11:56" in p.text
    await p.submit("/outlet/jual", pin=PIN)
    assert p.path.startswith("/outlet/transaksi/")


async def test_a_slow_product_says_so(counter: Counter) -> None:
    p, number = counter.phone, national(await counter.stage.number())
    await trouble(counter, "PULSABEBAS", "slow")
    await p.get(f"/outlet/produk?nomor={number}&kategori=recharge")
    assert p.text.count("Lambat") == 1
    await p.get(f"/outlet/jual?produk=PULSABEBAS&jumlah=25000&nomor={number}")
    assert "Produk ini sedang lambat." in p.text
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={number}")
    assert "sedang lambat" not in p.text


async def test_a_product_that_staff_closed_is_shown_and_cannot_be_chosen(counter: Counter) -> None:
    p, number, stage = counter.phone, national(await counter.stage.number()), counter.stage
    given = {"now": stage.now, "actor": SYSTEM, "ids": stage.ids, "reason": "gangguan"}
    async with counter.shop.pool.acquire() as connection:
        await set_open(connection, "PULSA300", is_open=False, **given)
    await p.get(f"/outlet/produk?nomor={number}&kategori=recharge")
    assert p.text.count("Ditutup") == 1
    assert "produk=PULSA300" not in p.text
    await p.get(f"/outlet/jual?produk=PULSA300&nomor={number}")
    assert "sedang tidak dijual" in p.text
    async with counter.shop.pool.acquire() as connection:
        await set_open(connection, "PULSA300", is_open=True, **given)
    await p.get(f"/outlet/produk?nomor={number}&kategori=recharge")
    assert "produk=PULSA300" in p.text
