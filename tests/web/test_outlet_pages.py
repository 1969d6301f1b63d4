"""The outlet's pages over HTTP on a real database, as a phone without script sees them."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.access.people import PASSWORD, PIN, Stage, wrong
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.app import App
from konter.platform.refusal import UNAVAILABLE, Refused
from konter.subscriber.msisdn import masked, national, pretty

Phones = Callable[[], Awaitable[Phone]]
NEW_PASSWORD = "teh-manis-hangat-7"
NEW_PIN = "582917"


async def sold(counter: Counter, product: str = "PULSA50", pin: str = PIN, number: int | None = None) -> str:
    """Sell and give the transaction code."""
    phone = counter.phone
    number = number or await counter.stage.number()
    await phone.get(f"/outlet/jual?produk={product}&nomor={national(number)}")
    await phone.submit("/outlet/jual", pin=pin)
    assert phone.path.startswith("/outlet/transaksi/"), phone.text
    return phone.path.rpartition("/")[2]


async def sales_of(counter: Counter) -> list[Any]:
    return await counter.shop.pool.fetch(
        "SELECT * FROM sale WHERE outlet_id = $1 ORDER BY at, id", counter.user.outlet_id
    )


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


@pytest.mark.requirement("D-08", "D-12", "D-15", "D-44", "D-106", "D-107")
async def test_from_the_home_page_to_sold_in_four_requests(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    assert "Rp1.000.000" in p.text
    p.asked = 0
    await p.submit("/outlet/produk", {"kategori": "recharge"}, nomor=national(number))
    assert pretty(number) in p.text
    link = re.search(r'href="(/outlet/jual\?produk=PULSA50&amp;[^"]+)"', p.text)[1].replace("&amp;", "&")
    await p.get(link)
    for shown in ("Rp51.500", "Rp49.500", "Rp2.000", "+ Rp50.000", "Rp1.000.000 → Rp950.500"):
        assert shown in p.text
    await p.submit("/outlet/jual", pin=PIN)
    assert p.asked <= 4
    assert "Selesai" in p.text
    assert "Rp1.000.000 → Rp950.500" in p.text
    await p.get("/outlet")
    assert "Rp950.500" in p.text
    assert pretty(number) in p.text


@pytest.mark.requirement("D-106")
async def test_a_quick_button_and_a_free_amount_sell_too(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    code = re.search(r'formaction="/outlet/jual" name="produk" value="(\w+)"', p.text)[1]
    await sold(counter, code, number=number)
    await p.get(f"/outlet/produk?nomor={national(number)}&kategori=recharge")
    await p.submit("/outlet/jual", jumlah="37.000")
    assert "37.000" in p.text
    await p.submit("/outlet/jual", pin=PIN)
    assert [sale["nominal_rp"] for sale in await sales_of(counter)] == [10_000, 37_000]


async def test_a_wrong_pin_keeps_everything_and_the_right_one_sells(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    ref = p.field("/outlet/jual", "ref")
    await p.submit("/outlet/jual", pin=NEW_PIN)
    assert p.page.status_code == 401
    assert "Sisa percobaan: 2" in p.text
    assert p.field("/outlet/jual", "ref") == ref
    assert NEW_PIN not in p.text
    await p.submit("/outlet/jual", pin=PIN)
    (sale,) = await sales_of(counter)
    assert (str(sale["client_ref"]), sale["msisdn"]) == (ref, number)


async def test_the_third_wrong_pin_locks_and_shows_the_way_back(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    for _ in range(3):
        await p.submit("/outlet/jual", pin=NEW_PIN)
    assert p.page.status_code == 423
    await p.get("/outlet/lupa-pin")
    await p.submit("/outlet/lupa-pin", password=PASSWORD)
    await p.submit(
        "/outlet/lupa-pin/", code=await counter.stage.last_otp(counter.user.nn_msisdn), pin=NEW_PIN, again=NEW_PIN
    )
    assert "PIN sudah disimpan" in p.text
    await sold(counter, pin=NEW_PIN, number=number)


async def test_a_form_that_is_sent_twice_sells_once(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    fields = [(name, PIN if name == "pin" else value) for name, value in p.form("/outlet/jual")["fields"]]
    await p.send("/outlet/jual", "post", fields)
    first = p.path
    await p.send("/outlet/jual", "post", fields)
    assert p.path == first
    assert len(await sales_of(counter)) == 1


async def test_the_same_again_within_a_day_is_asked_about_first(counter: Counter) -> None:
    number = await counter.stage.number()
    code = await sold(counter, number=number)
    p = counter.phone
    ref = str((await sales_of(counter))[0]["client_ref"])
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}&ref={ref}")
    assert "sudah dijual ke nomor ini" in p.text
    assert f"/outlet/transaksi/{code}" in p.text
    assert p.field("/outlet/jual", "ref") != ref, "a second sale has a ref of its own"
    await p.submit("/outlet/jual", pin=PIN)
    assert len(await sales_of(counter)) == 2


async def test_a_sale_that_became_a_repeat_meanwhile_asks_too(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    stale = [(name, PIN if name == "pin" else value) for name, value in p.form("/outlet/jual")["fields"]]
    await sold(counter, number=number)
    await p.send("/outlet/jual", "post", stale)
    assert p.page.status_code == 409
    assert "Jual kedua kali" in p.text
    assert p.field("/outlet/jual", "ref") == dict(stale)["ref"]
    await p.submit("/outlet/jual", pin=PIN)
    assert len(await sales_of(counter)) == 2


async def test_a_changed_price_shows_old_and_new(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    await p.submit("/outlet/jual", pin=PIN, harga="51000")
    assert p.page.status_code == 409
    assert "Rp51.000 → Rp51.500" in p.text
    assert await sales_of(counter) == []
    await p.submit("/outlet/jual", pin=PIN)
    assert p.path.startswith("/outlet/transaksi/")


@pytest.mark.requirement("D-107")
async def test_too_little_balance_is_said_before_and_after_the_pin(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA500&nomor={national(number)}")
    form = [(name, PIN if name == "pin" else value) for name, value in p.form("/outlet/jual")["fields"]]
    for product in ("PULSA300", "PULSA300"):
        await sold(counter, product)
    await p.get(f"/outlet/jual?produk=PULSA500&nomor={national(number)}")
    assert "kurang" in p.text
    assert 'name="pin"' not in p.text
    await p.send("/outlet/jual", "post", form)
    assert p.page.status_code == 409
    assert "kurang" in p.text
    assert len(await sales_of(counter)) == 2


async def test_while_the_database_is_away_the_same_ref_can_be_sent_again(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    ref = p.field("/outlet/jual", "ref")
    lane = counter.shop.lanes.sell
    submit = lane.submit

    async def sells_but_answer_is_lost(request: Any) -> Any:
        await submit(request)
        raise Refused(UNAVAILABLE(retry_after_s=2))

    with monkeypatch.context() as patch:
        patch.setattr(lane, "submit", sells_but_answer_is_lost)
        await p.submit("/outlet/jual", pin=PIN)
    assert p.page.status_code == 503
    assert p.page.headers["retry-after"] == "2"
    assert "Uang Anda aman" in p.text
    assert PIN not in p.text
    assert p.field("/outlet/jual", "ref") == ref
    await p.submit("/outlet/jual", pin=PIN)
    (sale,) = await sales_of(counter)
    assert str(sale["client_ref"]) == ref
    assert p.path.startswith("/outlet/transaksi/")


async def test_a_session_that_ended_loses_nothing(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    ref = p.field("/outlet/jual", "ref")
    await counter.shop.pool.execute("UPDATE session SET revoked_at = now() WHERE user_id = $1", counter.user.id)
    await p.submit("/outlet/jual", pin=PIN)
    assert p.path == "/outlet/masuk"
    await p.submit("/outlet/masuk", username=counter.user.username, password=PASSWORD)
    await counter.enter_otp()
    assert p.path == "/outlet/jual"
    assert p.field("/outlet/jual", "ref") == ref
    await p.submit("/outlet/jual", pin=PIN)
    assert len(await sales_of(counter)) == 1


async def test_a_form_from_elsewhere_changes_nothing(counter: Counter, phone: Phones) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    stranger = await phone()
    await stranger.get("/outlet/masuk")
    alien = stranger.field("/outlet/masuk", "csrf")
    for token in ("", "x" * 32, alien):
        await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
        await p.submit("/outlet/jual", pin=PIN, csrf=token)
        assert p.page.status_code == 403
    assert await sales_of(counter) == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("produk=PULSA50&nomor=0812", 422),
        ("produk=PULSA50&nomor=%F0%9F%98%80", 422),
        ("produk=PULSA50&nomor=021-5551234", 422),
        ("produk=PULSA50&nomor=08171234567", 422),
        ("produk=PULSA50&nomor=081299999999", 404),
        ("produk=%00&nomor={number}", 404),
        ("produk=';DROP TABLE sale;--&nomor={number}", 404),
        ("produk=PULSABEBAS&nomor={number}&jumlah=1", 422),
        ("produk=PULSA50&nomor={number}&jumlah=99999999999999999999&ref=nonsense", 200),
        ("", 422),
    ],
)
async def test_bad_input_gets_a_sentence(counter: Counter, query: str, status: int) -> None:
    p = counter.phone
    await p.get(f"/outlet/jual?{query.format(number=national(await counter.stage.number()))}")
    assert p.page.status_code == status
    assert status == 200 or 'role="alert"' in p.text


@pytest.mark.requirement("D-12", "D-41", "D-44")
async def test_history_filters_and_adds_up(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    first = await sold(counter, "PULSA50", number=number)
    await sold(counter, "PULSA20")
    await p.get("/outlet/riwayat")
    assert f'data-copy="{first}"' in p.text
    assert "Rp1.000.000 → Rp950.500" in p.text
    assert "Rp69.650" in p.text, "49,500 + 20,150"
    for query in (f"q={national(number)}", f"q={first}", "q=Pulsa 50", f"pengguna={counter.user.id}&q={first}"):
        await p.get(f"/outlet/riwayat?{query}")
        assert p.text.count("data-copy=") == 1, query
    await p.get("/outlet/riwayat?kategori=data")
    assert "Tidak ada penjualan" in p.text
    await p.get("/outlet/riwayat?periode=range&dari=2026-11-21&sampai=2026-01-01")
    assert "Tanggal tidak benar" in p.text
    await p.get("/outlet/riwayat?periode=range&dari=kemarin&sampai=%00&sesudah=x.y&pengguna=siapa")
    assert p.page.status_code == 200


async def test_history_goes_on_page_by_page(counter: Counter) -> None:
    p = counter.phone
    for _ in range(21):
        await sold(counter, "PULSA5")
    await p.get("/outlet/riwayat")
    seen = re.findall(r'data-copy="([^"]+)"', p.text)
    await p.get(re.search(r'href="(/outlet/riwayat\?[^"]+sesudah=[^"]+)"', p.text)[1].replace("&amp;", "&"))
    seen += re.findall(r'data-copy="([^"]+)"', p.text)
    assert len(seen) == len(set(seen)) == 21


@pytest.mark.requirement("D-12", "D-44")
async def test_the_day_is_closed_and_each_line_opens(counter: Counter) -> None:
    p = counter.phone
    code = await sold(counter, "PULSA50")
    await p.get("/outlet/tutup-hari")
    for shown in ("-Rp49.500", "+Rp1.000.000", "Rp950.500"):
        assert shown in p.text
    links = re.findall(r'href="(/outlet/tutup-hari/\w+\?[^"]+)"', p.text)
    assert len(links) == 3
    pages = []
    for link in links:
        await p.get(link)
        assert p.page.status_code == 200
        pages.append(p.text)
    assert f"/outlet/transaksi/{code}" in pages[0]
    assert "+Rp1.000.000" in "".join(pages)


async def test_another_outlets_sale_is_not_found(counter: Counter, shop: App, phone: Phones) -> None:
    code = await sold(counter)
    stranger = Counter(counter.stage, shop, await phone(), await counter.stage.user())
    await stranger.log_in()
    for address in (
        f"/outlet/transaksi/{code}",
        f"/outlet/transaksi/{code}/struk",
        "/outlet/transaksi/abc",
        "/outlet/x",
    ):
        await stranger.phone.get(address)
        assert stranger.phone.page.status_code == 404
        assert "/outlet" in stranger.phone.text


async def test_a_receipt_shows_no_cost_and_its_link_opens_for_anybody(counter: Counter, phone: Phones) -> None:
    number = await counter.stage.number()
    code = await sold(counter, number=number)
    p = counter.phone
    await p.get(f"/outlet/transaksi/{code}/struk")
    assert "Rp51.500" in p.text
    assert "49.500" not in p.text
    share = urlsplit(re.search(rf'href="([^"]+/t/{code}\?v=\w+)"', p.text)[1])
    anybody = await phone()
    await anybody.get(f"{share.path}?{share.query}")
    assert anybody.page.status_code == 200
    assert masked(number) in anybody.text
    assert pretty(number) not in anybody.text
    assert "49.500" not in anybody.text
    assert "950.500" not in anybody.text


async def test_verify_codes_cannot_be_tried_without_end(counter: Counter, phone: Phones, clock: Any) -> None:
    code = await sold(counter)
    await counter.phone.get(f"/outlet/transaksi/{code}/struk")
    right = parse_qs(urlsplit(re.search(r'href="([^"]+/t/[^"]+)"', counter.phone.text)[1]).query)["v"][0]
    clock.advance(timedelta(minutes=30))
    anybody = await phone()
    statuses = [(await anybody.get(f"/t/{code}?v={n:010d}")).status_code for n in range(61)]
    assert statuses == [404] * 60 + [429]
    assert (await anybody.get(f"/t/{code}?v={right}")).status_code == 429
    clock.advance(timedelta(minutes=11))
    assert (await anybody.get(f"/t/{code}?v={right}")).status_code == 200


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
    assert await sales_of(counter) == []


async def test_a_forgotten_password_is_set_anew_by_otp(stage: Stage, shop: App, phone: Phones) -> None:
    counter = Counter(stage, shop, await phone(), await stage.user())
    p = counter.phone
    await p.get("/outlet/lupa-sandi")
    await p.submit("/outlet/lupa-sandi", username=counter.user.username)
    code = await stage.last_otp(counter.user.nn_msisdn)
    await p.submit("/outlet/lupa-sandi/", code=code, new=NEW_PASSWORD, again="lain")
    assert "tidak sama" in p.text
    await p.submit("/outlet/lupa-sandi/", code=code, new=NEW_PASSWORD, again=NEW_PASSWORD)
    assert "Kata sandi sudah diganti" in p.text
    await p.submit("/outlet/masuk", username=counter.user.username, password=NEW_PASSWORD)
    await counter.enter_otp()
    assert p.path == "/outlet"


@pytest.mark.requirement("D-105")
async def test_documents_can_be_read_without_login(shop: App, phone: Phones) -> None:
    p = await phone()
    await p.get("/dokumen")
    links = re.findall(r'href="(/dokumen/[^"]+)"', p.text)
    assert len(links) == 3
    await p.get(links[0])
    assert "Versi" in p.text
    assert (await p.get("/dokumen/tidak-ada")).status_code == 404
    assert (await p.get("/dokumen/%00")).status_code == 404


async def test_the_language_is_switched_and_kept(counter: Counter) -> None:
    p = counter.phone
    await p.get("/outlet/riwayat?periode=week")
    await p.submit("/outlet/bahasa", {"to": "en"})
    assert p.path == "/outlet/riwayat"
    assert "Last 7 days" in p.text
    await p.submit("/outlet/bahasa", {"to": "id"}, next="//evil.example/")
    assert p.page.url.host != "evil.example"


async def test_answers_are_small_private_and_strict(counter: Counter) -> None:
    answer = await counter.phone.get("/outlet")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    style = re.search(r'href="(/static/outlet\.\w+\.css)"', answer.text)[1]
    answer = await counter.phone.get(style)
    assert "immutable" in answer.headers["cache-control"]
    assert (await counter.phone.get("/static/outlet.0000.css")).status_code == 404
    worker = await counter.phone.get("/outlet/sw.js")
    assert worker.headers["service-worker-allowed"] == "/outlet"
    assert (await counter.phone.get("/outlet/manifest.webmanifest")).json()["start_url"] == "/outlet"


async def test_cookies_are_for_this_site_and_no_script(stage: Stage, shop: App, phone: Phones) -> None:
    counter = Counter(stage, shop, await phone(), await stage.user())
    await counter.phone.get("/outlet/masuk")
    await counter.phone.submit("/outlet/masuk", username=counter.user.username, password=PASSWORD)
    await counter.enter_otp()
    opened = counter.phone.page.history[0].headers.get_list("set-cookie")
    session = next(each for each in opened if each.startswith("konter_session="))
    assert "httponly" in session.lower()
    assert "samesite=lax" in session.lower()


async def test_a_broken_page_is_a_page_and_says_nothing_of_the_inside(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(counter.shop.references, "current", breaks)
    answer = await counter.phone.get("/outlet")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "/outlet/riwayat" in answer.text


async def test_while_the_database_is_away_every_page_says_so(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(counter.shop.references, "current", away)
    answer = await counter.phone.get("/outlet")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
