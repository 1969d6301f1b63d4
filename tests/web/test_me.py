"""A customer's own pages, without script: in by number and code, the page that was asked for, and out again."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from tests.access.people import Stage, wrong
from tests.web.phone import Phone

from konter.platform.ids import Msisdn
from konter.subscriber.msisdn import masked, national, pretty

Phones = Callable[[], Awaitable[Phone]]


async def come_in(stage: Stage, p: Phone, number: Msisdn, at: str = "/saya") -> None:
    await p.get(at)
    assert p.path == "/saya/masuk"
    await p.submit("/saya/masuk", number=national(number))
    assert p.path.startswith("/saya/kode/"), p.text
    await p.submit("/saya/kode/", code=await stage.last_otp(number))


@pytest.mark.requirement("P-30")
async def test_it_works(stage: Stage, phone: Phones) -> None:
    p, number = await phone(), await stage.number()
    await come_in(stage, p, number)
    assert p.path == "/saya", p.text
    for words in (pretty(number), "Nusa", "prabayar", "Aktif sampai 21 Des 2026", "Rp0", "Belum ada kuota"):
        assert words in p.text, words
    await p.submit("/saya/keluar")
    assert (p.path, "Anda sudah keluar" in p.text) == ("/saya/masuk", True)
    await p.get("/saya")
    assert p.path == "/saya/masuk"


@pytest.mark.requirement("P-30")
async def test_the_page_that_was_asked_for_follows(stage: Stage, phone: Phones) -> None:
    """Through a wrong code and one that is sent again."""
    p, number = await phone(), await stage.number()
    await p.get("/saya/perangkat?pesan=x")
    await p.submit("/saya/masuk", number=national(number))
    await p.submit("/saya/kode/", code=wrong(await stage.last_otp(number)))
    assert p.page.status_code == 401
    stage.clock.advance(timedelta(minutes=2))
    await p.submit(f"{p.path}/kirim-ulang")
    assert "kode baru sudah dikirim" in p.text
    await p.submit("/saya/kode/", code=await stage.last_otp(number))
    assert p.page.url.raw_path == b"/saya/perangkat?pesan=x"


@pytest.mark.parametrize("bad", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x"])
async def test_nobody_is_led_to_another_site(stage: Stage, phone: Phones, bad: str) -> None:
    p, number = await phone(), await stage.number()
    await p.get("/saya/masuk")
    form = [(name, bad if name == "next" else value) for name, value in p.form("/saya/masuk")["fields"]]
    form = [(name, national(number) if name == "number" else value) for name, value in form]
    await p.send("/saya/masuk", "post", form)
    assert "evil" not in str(p.page.url)
    await p.submit("/saya/kode/", code=await stage.last_otp(number))
    assert p.path == "/saya"


async def test_a_number_that_is_none_of_ours_sees_the_same_page(stage: Stage, phone: Phones) -> None:
    seen = []
    for number in (await stage.number(), Msisdn(6285700000002)):
        p = await phone()
        await p.get("/saya/masuk")
        await p.submit("/saya/masuk", number=national(number))
        assert p.path.startswith("/saya/kode/")
        assert masked(number) in p.text
        seen.append(re.sub(r"<[^>]*>", " ", p.text).replace(masked(number), "NUMBER"))
    assert seen[0] == seen[1]


async def test_who_asked_too_soon_finds_the_way_to_the_code(stage: Stage, phone: Phones) -> None:
    p, number = await phone(), await stage.number()
    for _ in range(2):
        await p.get("/saya/masuk")
        await p.submit("/saya/masuk", number=national(number))
    assert p.page.status_code == 429
    assert "Masukkan kode yang sudah dikirim" in p.text
    stranger = await phone()
    await stranger.get("/saya/masuk")
    await stranger.submit("/saya/masuk", number=national(number))
    assert "Masukkan kode yang sudah dikirim" not in stranger.text


async def test_the_way_to_the_code_leads_to_the_newest_one(stage: Stage, phone: Phones) -> None:
    """A code that was sent again has another ticket, and only that one can be entered."""
    p, number = await phone(), await stage.number()
    await p.get("/saya/masuk")
    await p.submit("/saya/masuk", number=national(number))
    stage.clock.advance(timedelta(minutes=2))
    await p.submit(f"{p.path}/kirim-ulang")
    newest = p.path
    await p.get("/saya/masuk?next=/saya/perangkat")
    await p.submit("/saya/masuk", number=national(number))
    assert p.page.status_code == 429
    assert f'href="{newest}?' in p.text
    await p.get(newest)
    await p.submit("/saya/kode/", code=await stage.last_otp(number))
    assert p.path == "/saya"


async def test_what_is_no_number_is_told_so(phone: Phones) -> None:
    p = await phone()
    await p.get("/saya/masuk")
    await p.submit("/saya/masuk", number="halo")
    assert p.page.status_code == 422
    assert 'value="halo"' in p.text


async def test_a_code_that_is_over_leads_to_another(stage: Stage, phone: Phones) -> None:
    p, number = await phone(), await stage.number()
    await p.get("/saya/masuk")
    await p.submit("/saya/masuk", number=national(number))
    stage.clock.advance(timedelta(hours=1))
    await p.submit("/saya/kode/", code=await stage.last_otp(number))
    assert p.page.status_code == 410
    assert 'href="/saya/masuk"' in p.text


async def test_another_phone_is_put_out(stage: Stage, phone: Phones) -> None:
    mine, other, number = await phone(), await phone(), await stage.number()
    await come_in(stage, other, number)
    stage.clock.advance(timedelta(minutes=2))
    await come_in(stage, mine, number)
    await mine.get("/saya/perangkat")
    await mine.submit("/saya/perangkat/")
    assert "cabut" in str(mine.page.url)
    await other.get("/saya")
    assert other.path == "/saya/masuk"
    await mine.get("/saya")
    assert mine.path == "/saya"


async def test_out_everywhere(stage: Stage, phone: Phones) -> None:
    p, number = await phone(), await stage.number()
    await come_in(stage, p, number)
    await p.get("/saya/perangkat")
    await p.submit("/saya/perangkat/cabut-semua")
    assert "keluar dari semua perangkat" in p.text
    await p.get("/saya")
    assert p.path == "/saya/masuk"


@pytest.mark.requirement("P-30")
async def test_a_number_that_ends_is_led_to_the_door(stage: Stage, phone: Phones) -> None:
    p, number = await phone(), await stage.number()
    await come_in(stage, p, number)
    await stage.pool.execute("UPDATE subscription SET ended_at = $2 WHERE msisdn = $1", number, stage.now)
    await p.get("/saya")
    assert p.path == "/saya/masuk"


async def test_a_page_that_is_not_there_is_told_so(phone: Phones) -> None:
    p = await phone()
    await p.get("/saya/entah")
    assert p.page.status_code == 404
    assert 'href="/saya"' in p.text


async def test_the_other_language_stays_on_the_page(stage: Stage, phone: Phones) -> None:
    p, number = await phone(), await stage.number()
    await come_in(stage, p, number)
    await p.submit("/outlet/bahasa", {"to": "en"})
    assert p.path == "/saya"
    assert "Active until 21 Dec 2026" in p.text


async def test_the_other_language_stays_where_a_number_or_a_code_was_refused(stage: Stage, phone: Phones) -> None:
    p, number = await phone(), await stage.number()
    await p.get("/saya/perangkat")
    await p.submit("/saya/masuk", number="halo")
    assert p.page.status_code == 422
    await p.submit("/outlet/bahasa", {"to": "en"})
    assert (p.path, 'name="next" value="/saya/perangkat"' in p.text) == ("/saya/masuk", True)
    await p.submit("/saya/masuk", number=national(number))
    asked, code = p.page.url, await stage.last_otp(number)
    for refused in ("/saya/kode/", f"{p.path}/kirim-ulang"):
        fields = {"code": wrong(code)} if refused == "/saya/kode/" else {}
        await p.submit(refused, **fields)
        assert p.page.status_code in {401, 429}
        await p.submit("/outlet/bahasa", {"to": "id"})
        assert p.page.url == asked
    await p.submit("/saya/kode/", code=code)
    assert p.path == "/saya/perangkat"
