"""Looking at what was sold: history, totals, the day, receipts, the public view; and what every answer carries."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from tests.access.people import PIN
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.app import App
from konter.sales.history.sold import sold
from konter.subscriber.msisdn import masked, national, pretty

Phones = Callable[[], Awaitable[Phone]]


@pytest.mark.requirement("D-12", "D-41", "D-44")
async def test_history_filters_and_adds_up(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    first = await counter.sells("PULSA50", number=number)
    await counter.sells("PULSA20")
    await p.get("/outlet/riwayat")
    assert f'data-copy="{first}"' in p.text
    assert "Rp1.000.000 → Rp950.500" in p.text
    assert "Rp69.650" in p.text, "49,500 + 20,150"
    for query in (
        f"q={national(number)}",
        f"q={first}",
        "q=Pulsa 50",
        "q=Pulsa 50&kategori=recharge",
        f"pengguna={counter.user.id}&q={first}",
    ):
        await p.get(f"/outlet/riwayat?{query}")
        assert p.text.count("data-copy=") == 1, query
    await p.get("/outlet/riwayat?kategori=data")
    assert "Tidak ada penjualan" in p.text
    await p.get("/outlet/riwayat?periode=range&dari=2026-11-21&sampai=2026-01-01")
    assert "Tanggal tidak benar" in p.text
    await p.get("/outlet/riwayat?periode=range&dari=kemarin&sampai=%00&sesudah=x.y&pengguna=siapa")
    assert p.page.status_code == 200


@pytest.mark.requirement("D-41")
async def test_a_code_is_found_whatever_the_period(counter: Counter, clock: Any) -> None:
    p, code = counter.phone, await counter.sells()
    clock.advance(timedelta(days=9))
    await counter.log_in()
    for query in (f"q={code}", f"q=TRX {code.lower()}", f"q={code}&periode=range&dari=2026-01-01&sampai=2026-01-02"):
        await p.get(f"/outlet/riwayat?{query}")
        assert f'data-copy="{code}"' in p.text, query
        assert "Semua hari" in p.text
    await p.get("/outlet/riwayat?q=Pulsa 50")
    assert code not in p.text, "a name does not lift the period"


async def test_a_morning_without_sales_leads_to_the_days_before(counter: Counter, clock: Any) -> None:
    p, code = counter.phone, await counter.sells()
    clock.advance(timedelta(days=1))
    await counter.log_in()
    await p.get("/outlet/riwayat?kategori=recharge")
    assert code not in p.text
    assert 'href="/outlet/riwayat?periode=week&amp;kategori=recharge">Lihat 7 hari terakhir' in p.text
    await p.get("/outlet/riwayat?periode=week&kategori=recharge")
    assert f'data-copy="{code}"' in p.text
    await p.get("/outlet/riwayat?periode=week&kategori=data")
    assert "Lihat 7 hari" not in p.text, "a week without any leads nowhere further"


async def test_entered_dates_are_meant_whatever_the_period_says(counter: Counter, clock: Any) -> None:
    p, code = counter.phone, await counter.sells()
    day = clock.now().astimezone(ZoneInfo("Asia/Jakarta")).date()
    clock.advance(timedelta(days=9))
    await counter.log_in()
    await p.get("/outlet/riwayat")
    for dates in ({"dari": str(day)}, {"dari": str(day), "sampai": str(day)}, {"dari": "", "sampai": str(day)}):
        await p.get("/outlet/riwayat")
        await p.submit("/outlet/riwayat", **dates)
        assert f'data-copy="{code}"' in p.text, dates
    await p.submit("/outlet/riwayat", {"periode": "today"})
    assert code not in p.text, "dates that nobody touched do not hold against the period that was chosen"
    await p.submit("/outlet/riwayat", {"periode": "week"})
    await p.submit("/outlet/riwayat", {"periode": "today"})
    assert "Saring · Hari ini" in p.text


async def test_history_goes_on_page_by_page(counter: Counter) -> None:
    p = counter.phone
    for _ in range(21):
        await counter.sells("PULSA5")
    await p.get("/outlet/riwayat")
    seen = re.findall(r'data-copy="([^"]+)"', p.text)
    assert len(seen) == 20
    await p.get(re.search(r'href="(/outlet/riwayat\?[^"]+sesudah=[^"]+)"', p.text)[1].replace("&amp;", "&"))
    seen += re.findall(r'data-copy="([^"]+)"', p.text)
    assert len(seen) == len(set(seen)) == 21


@pytest.mark.requirement("D-12", "D-44")
async def test_the_day_is_closed_and_each_line_opens(counter: Counter) -> None:
    p = counter.phone
    number = await counter.stage.number()
    code = await counter.sells("PULSA50", number=number)
    await p.get("/outlet/tutup-hari")
    for shown in ("-Rp49.500", "+Rp1.000.000", "Rp950.500"):
        assert shown in p.text
    links = re.findall(r'href="(/outlet/tutup-hari/\w+\?[^"]+)"', p.text)
    assert len(links) == 4
    pages = []
    for link in links:
        await p.get(link)
        assert p.page.status_code == 200
        pages.append(p.text)
    for shown in (f"/outlet/transaksi/{code}", code, "Pulsa 50.000", pretty(number)):
        assert shown in pages[0]
    assert "+Rp1.000.000" in "".join(pages)


async def test_a_page_of_moves_asks_once_for_all_its_sales(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await counter.sells("PULSA5")
    asked = []

    async def counted(connection: Any, outlet_id: Any, ids: list[int]) -> Any:
        asked.append(len(ids))
        return await sold(connection, outlet_id, ids)

    monkeypatch.setattr("konter.web.outlet.day.sold", counted)
    await counter.phone.get("/outlet/tutup-hari/sale")
    assert counter.phone.text.count("Pulsa 5.000") == 3
    await counter.phone.get("/outlet/tutup-hari/purchase")
    assert asked == [3]


async def test_a_day_that_is_over_says_so(counter: Counter) -> None:
    await counter.phone.get("/outlet/tutup-hari")
    assert "Hari ini masih berjalan" in counter.phone.text
    await counter.phone.get("/outlet/tutup-hari?tanggal=2026-01-05")
    assert "Hari itu sudah ditutup." in counter.phone.text


async def test_another_outlets_sale_is_not_found(counter: Counter, shop: App, phone: Phones) -> None:
    code = await counter.sells()
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
    code = await counter.sells(number=number)
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


async def test_a_wrong_verify_code_says_so_and_leads_no_customer_to_the_log_in(counter: Counter, phone: Phones) -> None:
    code, anybody = await counter.sells(), await phone()
    for address in (f"/t/{code}?v=0000000000", f"/t/{code}", "/t/K7Q2-9M4D?v=0000000000", "/t/x"):
        answer = await anybody.get(address)
        assert answer.status_code == 404
        assert "Kode cek salah; lihat lagi struknya." in anybody.text
        assert not re.search(r'<a [^>]*href="/outlet', anybody.text), "the seller's pages are not the customer's"


async def test_both_codes_can_be_typed_from_the_slip(counter: Counter, phone: Phones) -> None:
    code, anybody = await counter.sells(), await phone()
    await counter.phone.get(f"/outlet/transaksi/{code}/struk")
    right = re.search(r"Kode cek: <b>(\w{10})</b>", counter.phone.text)[1]
    await anybody.get("/t/x")
    await anybody.submit("/t", trx=f" trx {code.lower()}", v=f"{right.lower()} ")
    assert (anybody.page.status_code, "Selesai" in anybody.text) == (200, True)
    await anybody.get("/t?trx=%2F%2Fevil.example&v=x%0d%0aX: y")
    assert (anybody.page.status_code, anybody.path.startswith("/t/")) == (404, True)


async def test_verify_codes_cannot_be_tried_without_end(counter: Counter, phone: Phones, clock: Any) -> None:
    code = await counter.sells()
    await counter.phone.get(f"/outlet/transaksi/{code}/struk")
    right = parse_qs(urlsplit(re.search(r'href="([^"]+/t/[^"]+)"', counter.phone.text)[1]).query)["v"][0]
    clock.advance(timedelta(minutes=30))
    anybody = await phone()
    statuses = [(await anybody.get(f"/t/{code}?v={n:010d}")).status_code for n in range(61)]
    assert statuses == [404] * 60 + [429]
    assert (await anybody.get(f"/t/{code}?v={right}")).status_code == 429
    clock.advance(timedelta(minutes=11))
    assert (await anybody.get(f"/t/{code}?v={right}")).status_code == 200


@pytest.mark.requirement("D-105")
async def test_documents_can_be_read_without_login(shop: App, phone: Phones) -> None:
    p = await phone()
    await p.get("/dokumen")
    links = re.findall(r'href="(/dokumen/[^"]+)"', p.text)
    assert len(links) == 4
    await p.get(links[0])
    assert "Versi" in p.text
    assert (await p.get("/dokumen/tidak-ada")).status_code == 404
    assert (await p.get("/dokumen/%00")).status_code == 404


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


async def test_a_broken_page_is_a_page_and_says_nothing_of_the_inside(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(counter.shop.references, "current", breaks)
    answer = await counter.phone.get("/outlet")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert re.search(r"nomor [0-9a-f]{10}", answer.text), "a reference that support finds in the log"
    assert "/outlet/riwayat" in answer.text


async def test_while_the_database_is_away_every_page_says_so(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(counter.shop.references, "current", away)
    answer = await counter.phone.get("/outlet")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_a_body_without_end_and_a_wrong_type_get_a_page(counter: Counter) -> None:
    huge = await counter.phone.client.post(
        "/outlet/jual", content=b"a" * 70_000, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert huge.status_code == 413
    assert "65.536" in huge.text
    json = await counter.phone.client.post("/outlet/jual", json={"pin": PIN})
    assert json.status_code == 415
    garbage = await counter.phone.client.post(
        "/outlet/jual",
        content=b"\xff\xfe=%zz&" + b"a&" * 90,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert garbage.status_code == 400
    assert all('role="alert"' in answer.text for answer in (huge, json, garbage))


async def test_the_way_on_stands_before_what_few_read(counter: Counter) -> None:
    p = counter.phone
    code = await counter.sells()
    sold_page = [p.text.index(part) for part in ("Selesai", f"{code}/struk", "Modal", "diterima", "Dihitung dengan")]
    assert sold_page == sorted(sold_page)
    await p.get("/outlet")
    home = [p.text.index(part) for part in ("/outlet/riwayat", "/outlet/tutup-hari", "/outlet/akun", "Terakhir")]
    assert home == sorted(home)
    await p.get("/outlet/produk?nomor=081200000001&kategori=recharge")
    assert p.text.index('href="#kategori"') < p.text.index("PULSA50")
