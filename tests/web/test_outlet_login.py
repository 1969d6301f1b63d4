"""Logging in on the phone: first steps, resets, sessions, language."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.access.people import PASSWORD, PIN, Stage, wrong
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.app import App
from konter.platform.i18n import text
from konter.subscriber.msisdn import masked, national

Phones = Callable[[], Awaitable[Phone]]
NEW_PASSWORD = "teh-manis-hangat-7"
NEW_PIN = "582917"


@pytest.mark.requirement("D-06", "D-07", "D-23", "D-103")
async def test_a_newcomer_comes_all_the_way_to_the_home_page(stage: Stage, shop: App, phone: Phones) -> None:
    counter = Counter(stage, shop, await phone(), await stage.newcomer())
    p = counter.phone
    await counter.log_in()
    assert p.path == "/outlet/sandi"
    for elsewhere in ("/outlet", "/outlet/produk?nomor=0812", "/outlet/riwayat", "/outlet/akun", "/outlet/ketentuan"):
        await p.get(elsewhere)
        assert p.path == "/outlet/sandi", "nothing but the change of the initial password"
    await p.submit("/outlet/sandi", old=PASSWORD, new=NEW_PASSWORD, again=NEW_PASSWORD)
    assert p.path == "/outlet/ketentuan"
    await p.get("/outlet/pin")
    assert p.path == "/outlet/ketentuan", "nothing but the terms"
    assert p.text.count('name="accept"') == 3
    await p.submit("/outlet/ketentuan")
    assert p.path == "/outlet/pin"
    await p.submit("/outlet/pin", pin=NEW_PIN, again=NEW_PIN)
    assert p.path == "/outlet"
    assert "PIN sudah disimpan" in p.text


@pytest.mark.requirement("D-103")
async def test_who_does_not_agree_can_only_log_out(stage: Stage, shop: App, phone: Phones) -> None:
    counter = Counter(stage, shop, await phone(), await stage.newcomer())
    p = counter.phone
    await counter.log_in()
    await p.submit("/outlet/sandi", old=PASSWORD, new=NEW_PASSWORD, again=NEW_PASSWORD)
    await p.get(re.search(r'href="(/dokumen/[^"]+)"', p.text)[1])
    assert p.page.status_code == 200, "every document can be read first"
    await p.get("/outlet/ketentuan")
    await p.submit("/outlet/keluar")
    assert p.path == "/outlet/masuk"
    await p.get("/outlet")
    assert p.path == "/outlet/masuk"


@pytest.mark.requirement("D-24")
async def test_a_wrong_password_keeps_the_name_and_sends_no_otp(stage: Stage, shop: App, phone: Phones) -> None:
    user = await stage.user()
    p = await phone()
    await p.get("/outlet/masuk")
    await p.submit("/outlet/masuk", username=user.username, password="bukan ini")
    assert p.page.status_code == 401
    assert p.field("/outlet/masuk", "username") == user.username
    assert "Nama pengguna atau kata sandi salah" in p.text
    assert await stage.texts(user.nn_msisdn) == []


async def test_a_wrong_otp_says_how_many_tries_are_left_and_another_can_be_sent(
    stage: Stage, shop: App, phone: Phones, clock: Any
) -> None:
    counter = Counter(stage, shop, await phone(), await stage.user())
    p = counter.phone
    await p.get("/outlet/masuk")
    await p.submit("/outlet/masuk", username=counter.user.username, password=PASSWORD)
    assert masked(counter.user.nn_msisdn) in p.text
    await p.submit("/outlet/masuk/", code=wrong(await stage.last_otp(counter.user.nn_msisdn)))
    assert "Sisa percobaan: 4" in p.text
    assert masked(counter.user.nn_msisdn) in p.text
    resend = re.search(r'action="([^"]+/kirim-ulang)"', p.text)[1]
    await p.submit(resend)
    assert p.page.status_code == 429
    clock.advance(timedelta(seconds=61))
    await p.submit(resend)
    assert "Kode baru sudah dikirim" in p.text
    await counter.enter_otp()
    assert p.path == "/outlet"


async def test_who_logs_out_is_told(counter: Counter) -> None:
    await counter.phone.get("/outlet/akun")
    await counter.phone.submit("/outlet/keluar")
    assert counter.phone.path == "/outlet/masuk"
    assert "Anda sudah keluar." in counter.phone.text


async def test_the_account_holds_the_way_that_the_sms_of_a_locked_pin_names(counter: Counter) -> None:
    assert "Akun, Lupa PIN" in text("sms.pin_locked", "id", username="sari", at="10:02")
    await counter.phone.get("/outlet/akun")
    assert re.search(
        r'<h1>Akun</h1>.*<a class="btn quiet" href="/outlet/lupa-pin">Lupa PIN', counter.phone.text, re.DOTALL
    )


@pytest.mark.requirement("D-07")
async def test_a_password_that_is_too_short_is_said_before_anything_else(counter: Counter) -> None:
    p = counter.phone
    await p.get("/outlet/sandi")
    await p.submit("/outlet/sandi", old=PASSWORD, new="pendek", again="beda")
    assert p.page.status_code == 422
    assert "terlalu pendek" in p.text
    assert "tidak sama" not in p.text
    await p.submit("/outlet/sandi", old=PASSWORD, new=NEW_PASSWORD, again="beda")
    assert "tidak sama" in p.text


@pytest.mark.requirement("D-52")
async def test_a_lost_phone_is_revoked_and_sells_no_more(counter: Counter, shop: App, phone: Phones) -> None:
    lost = Counter(counter.stage, shop, await phone(), counter.user)
    counter.stage.clock.advance(timedelta(minutes=2))
    await lost.log_in()
    await lost.phone.get(f"/outlet/jual?produk=PULSA50&nomor={national(await counter.stage.number())}")
    await counter.phone.get("/outlet/akun")
    await counter.phone.submit("/outlet/akun/sesi/")
    assert "sudah dikeluarkan" in counter.phone.text
    await lost.phone.submit("/outlet/jual", pin=PIN)
    assert lost.phone.path == "/outlet/masuk"
    assert await counter.sales() == []


async def test_a_forgotten_password_is_set_anew_by_otp(stage: Stage, shop: App, phone: Phones) -> None:
    counter = Counter(stage, shop, await phone(), await stage.user())
    p = counter.phone
    await p.get("/outlet/lupa-sandi")
    await p.submit("/outlet/lupa-sandi", username=counter.user.username)
    code = await stage.last_otp(counter.user.nn_msisdn)
    assert "<h1>Buat kata sandi baru</h1>" in p.text, "nothing that is known is changed here"
    await p.submit("/outlet/lupa-sandi/", code=code, new=NEW_PASSWORD, again="lain")
    assert "tidak sama" in p.text
    await p.submit("/outlet/lupa-sandi/", code=code, new=NEW_PASSWORD, again=NEW_PASSWORD)
    assert "Kata sandi sudah diganti" in p.text
    await p.submit("/outlet/masuk", username=counter.user.username, password=NEW_PASSWORD)
    await counter.enter_otp()
    assert p.path == "/outlet"


@pytest.mark.requirement("G-D02")
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/outlet/sandi", {"old": "salah-sekali", "new": NEW_PASSWORD, "again": NEW_PASSWORD}),
        ("/outlet/lupa-pin", {"password": "salah-sekali"}),
    ],
)
async def test_five_wrong_passwords_within_a_session_lead_to_the_log_in(
    counter: Counter, path: str, fields: dict[str, str]
) -> None:
    p = counter.phone
    await p.get(path)
    for left in (4, 3, 2, 1):
        await p.submit(path, **fields)
        assert (p.path, f"{left}" in p.text) == (path, True)
    await p.submit(path, **fields)
    assert p.path == "/outlet/masuk"
    await p.get("/outlet")
    assert p.path == "/outlet/masuk"


async def test_the_language_is_switched_and_kept(counter: Counter) -> None:
    p = counter.phone
    await p.get("/outlet/riwayat?periode=week")
    await p.submit("/outlet/bahasa", {"to": "en"})
    assert p.path == "/outlet/riwayat"
    assert "Last 7 days" in p.text
    await p.submit("/outlet/bahasa", {"to": "id"}, next="//evil.example/")
    assert p.page.url.host != "evil.example"


async def test_cookies_are_for_this_site_and_no_script(stage: Stage, shop: App, phone: Phones) -> None:
    counter = Counter(stage, shop, await phone(), await stage.user())
    await counter.phone.get("/outlet/masuk")
    await counter.phone.submit("/outlet/masuk", username=counter.user.username, password=PASSWORD)
    await counter.enter_otp()
    opened = counter.phone.page.history[0].headers.get_list("set-cookie")
    session = next(each for each in opened if each.startswith("konter_session="))
    assert "httponly" in session.lower()
    assert "samesite=lax" in session.lower()
