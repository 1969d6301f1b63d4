"""A merchant's page: a code is looked at, burnt once, and never more."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.access.people import Stage
from tests.loyalty.rewards.conftest import Counter as Rewards
from tests.web.poin_desk import Desk, Phones
from tests.web.test_poin import plain

from konter.access.limits.guesses import WRONG_MAX
from konter.app import App
from konter.loyalty.rewards.merchants.manage import add_merchant_number
from konter.platform.audit import SYSTEM
from konter.platform.db import Pool
from konter.subscriber.msisdn import national


@pytest.fixture
async def db(own_db: Pool) -> Pool:
    return own_db


@pytest.fixture
async def desk(stage: Stage, shop: App, phone: Phones, tmp_path: Path) -> Desk:
    return Desk(stage, shop, Rewards(stage, tmp_path, shop.references), phone)


async def code_of(desk: Desk, merchant: str, **reward: object) -> str:
    vouchers = await desk.rewards.vouchers(2, merchant=merchant, **reward)
    return await desk.rewards.code_of(await desk.rewards.customer(), vouchers)


@pytest.mark.requirement("P-23")
async def test_it_works(desk: Desk) -> None:
    p, merchant = await desk.merchant()
    code = await code_of(desk, merchant, days=30, name_id="Kopi gratis")
    await p.get("/poin/mitra")
    assert "Toko Melati" in p.text
    await p.submit("/poin/mitra/cek", kode=code.lower())
    for words in ("Kopi gratis", "Sekali pakai.", "s.d. 2", "Pakai kode ini"):
        assert words in plain(p.text), words
    assert code not in str(p.page.url)
    assert await desk.stage.pool.fetchval("SELECT count(*) FROM code_burn") == 0
    await p.submit("/poin/mitra/pakai")
    assert "Kode dipakai 12:00 WIB" in plain(p.text)
    assert "Sekarang berikan: Kopi gratis" in p.text


async def test_the_other_language_stays_with_the_merchant(desk: Desk) -> None:
    p, merchant = await desk.merchant()
    code = await code_of(desk, merchant)
    await p.get("/poin/mitra")
    await p.submit("/poin/mitra/cek", kode=code)
    await p.submit("/outlet/bahasa", {"to": "en"})
    assert (p.path, "Merchant of rewards" in p.text) == ("/poin/mitra", True)
    await p.submit("/poin/mitra/cek", kode=code)
    await p.submit("/poin/mitra/pakai")
    await p.submit("/outlet/bahasa", {"to": "id"})
    assert (p.path, "Penjual hadiah" in p.text) == ("/poin/mitra", True)


async def test_the_same_form_twice_burns_once_and_says_when(desk: Desk) -> None:
    p, merchant = await desk.merchant()
    code = await code_of(desk, merchant)
    await p.get("/poin/mitra")
    await p.submit("/poin/mitra/cek", kode=code)
    form = p.form("/poin/mitra/pakai")["fields"]
    for _ in range(2):
        await p.send("/poin/mitra/pakai", "post", form)
        assert (p.page.status_code, "Kode dipakai 12:00 WIB" in plain(p.text)) == (200, True)
        desk.stage.clock.advance(timedelta(minutes=3))
    assert await desk.stage.pool.fetchval("SELECT count(*) FROM code_burn") == 1


async def test_a_burnt_code_says_when(desk: Desk) -> None:
    p, merchant = await desk.merchant()
    code = await code_of(desk, merchant)
    await desk.rewards.burn(desk.rewards.burning(merchant, code))
    desk.stage.clock.advance(timedelta(hours=1))
    await p.get("/poin/mitra")
    await p.submit("/poin/mitra/cek", kode=code)
    assert p.page.status_code == 409
    assert "sudah dipakai 21/11/2026 12:00 WIB. Jangan berikan" in p.text
    assert "/poin/mitra/pakai" not in p.text


async def test_a_code_that_another_till_burnt_meanwhile(desk: Desk) -> None:
    p, merchant = await desk.merchant()
    code = await code_of(desk, merchant)
    await p.get("/poin/mitra")
    await p.submit("/poin/mitra/cek", kode=code)
    await desk.rewards.burn(desk.rewards.burning(merchant, code))
    await p.submit("/poin/mitra/pakai")
    assert (p.page.status_code, "Jangan berikan" in p.text) == (409, True)


async def test_a_code_that_is_over(desk: Desk) -> None:
    p, merchant = await desk.merchant()
    code = await code_of(desk, merchant, days=1)
    desk.stage.clock.advance(timedelta(days=3))
    await p.get("/poin/mitra")
    await p.submit("/poin/mitra/cek", kode=code)
    assert (p.page.status_code, "sudah habis" in p.text) == (409, True)


async def test_a_wrong_code_says_how_often_that_is_still_possible_and_when_again(desk: Desk) -> None:
    p, merchant = await desk.merchant()
    other = await code_of(desk, await desk.rewards.merchant())
    code = await code_of(desk, merchant)
    await p.get("/poin/mitra")
    await p.submit("/poin/mitra/cek", kode="SALAH")
    assert p.page.status_code == 404
    assert f"{WRONG_MAX - 1} kali lagi" in p.text
    assert 'value="SALAH"' in p.text
    await p.submit("/poin/mitra/cek", kode=other)
    assert (p.page.status_code, f"{WRONG_MAX - 2} kali lagi" in p.text) == (403, True)
    await desk.rewards.burn(*[desk.rewards.burning(merchant, "SALAH")] * (WRONG_MAX - 2))
    await p.submit("/poin/mitra/cek", kode=code)
    assert p.page.status_code == 429
    assert "Bisa lagi pukul 12:1" in p.text
    assert p.page.headers["retry-after"]


async def test_a_form_without_a_ref(desk: Desk) -> None:
    p, merchant = await desk.merchant()
    code = await code_of(desk, merchant)
    await p.get("/poin/mitra")
    csrf = p.field("/poin/mitra/cek", "csrf")
    await p.send("/poin/mitra/pakai", "post", [("csrf", csrf), ("kode", code)])
    assert p.page.status_code == 422
    await p.send("/poin/mitra/cek", "post", [("csrf", "x"), ("kode", code)])
    assert p.page.status_code == 403


@pytest.mark.requirement("P-23")
async def test_a_stranger_is_told_so_and_a_visitor_logs_in(desk: Desk) -> None:
    p, _ = await desk.comes(0)
    csrf = p.field("/saya/keluar", "csrf")
    for send in (
        p.get("/poin/mitra"),
        p.send("/poin/mitra/cek", "post", [("csrf", csrf), ("kode", "X")]),
        p.send("/poin/mitra/pakai", "post", [("csrf", csrf), ("kode", "X")]),
    ):
        await send
        assert p.page.status_code == 403
        assert "belum terdaftar untuk penjual hadiah" in p.text
    await p.submit("/outlet/bahasa", {"to": "en"})
    assert p.path == "/poin/mitra"
    visitor = await desk.phones()
    await visitor.get("/poin/mitra")
    assert (visitor.path, 'value="/poin/mitra"' in visitor.text) == ("/saya/masuk", True)
    csrf = visitor.field("/saya/masuk", "csrf")
    await visitor.send("/poin/mitra/pakai", "post", [("csrf", csrf), ("kode", "X")])
    assert (visitor.path, 'value="/poin/mitra"' in visitor.text) == ("/saya/masuk", True)


@pytest.mark.requirement("P-23")
async def test_the_log_in_says_that_merchants_check_codes_behind_it(desk: Desk) -> None:
    visitor, told = await desk.phones(), "Masuk dengan nomor yang terdaftar untuk penjual Anda."
    await visitor.get("/poin/mitra")
    assert (told in visitor.text, "Masuk ke Nomor Saya" in visitor.text) == (True, False)
    await visitor.submit("/saya/masuk", number="12")
    assert (visitor.page.status_code, told in visitor.text) == (422, True)
    await visitor.get("/saya/masuk?next=/poin")
    assert (told in visitor.text, "Masuk ke Nomor Saya" in visitor.text) == (False, True)


@pytest.mark.requirement("P-23")
async def test_a_customer_who_is_no_merchant_comes_back_with_another_number(desk: Desk) -> None:
    merchant, sessions = await desk.rewards.merchant(), "SELECT count(*) FROM customer_session WHERE revoked_at IS NULL"
    seller = await desk.rewards.customer(0)
    async with desk.stage.pool.acquire() as connection:
        await add_merchant_number(
            connection, merchant, seller.msisdn, now=desk.stage.now, actor=SYSTEM, ids=desk.stage.ids
        )
    p, _ = await desk.comes(0)
    await p.get("/poin/mitra")
    fields = p.form("/saya/keluar")["fields"]
    await p.send("/saya/keluar", "post", [(name, "x" if name == "csrf" else value) for name, value in fields])
    assert (p.page.status_code, await desk.stage.pool.fetchval(sessions)) == (403, 1)
    await p.get("/poin/mitra")
    await p.submit("/saya/keluar")
    assert (p.path, await desk.stage.pool.fetchval(sessions)) == ("/saya/masuk", 0)
    assert "Anda sudah keluar." in p.text
    await p.submit("/saya/masuk", number=national(seller.msisdn))
    await p.submit("/saya/kode/", code=await desk.stage.last_otp(seller.msisdn))
    assert (p.path, "Toko Melati" in p.text) == ("/poin/mitra", True)
