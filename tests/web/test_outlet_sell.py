"""Selling on the phone without script: the main job, every refusal, repeats, lost answers."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.access.people import PASSWORD, PIN
from tests.sales.reversing import reverse
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.platform.refusal import UNAVAILABLE, Refused
from konter.sales.inquire import inquire
from konter.subscriber.msisdn import national, pretty

Phones = Callable[[], Awaitable[Phone]]
NEW_PIN = "582917"


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
    await counter.sells(code, number=number)
    await p.get(f"/outlet/produk?nomor={national(number)}&kategori=recharge")
    await p.submit("/outlet/jual", jumlah="37.000")
    assert "37.000" in p.text
    await p.submit("/outlet/jual", pin=PIN)
    assert [sale["nominal_rp"] for sale in await counter.sales()] == [10_000, 37_000]


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
    (sale,) = await counter.sales()
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
    await counter.sells(pin=NEW_PIN, number=number)


async def test_a_form_that_is_sent_twice_sells_once(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    fields = [(name, PIN if name == "pin" else value) for name, value in p.form("/outlet/jual")["fields"]]
    await p.send("/outlet/jual", "post", fields)
    first = p.path
    await p.send("/outlet/jual", "post", fields)
    assert p.path == first
    assert len(await counter.sales()) == 1


async def test_the_same_again_within_a_day_is_asked_about_first(counter: Counter) -> None:
    number = await counter.stage.number()
    code = await counter.sells(number=number)
    p = counter.phone
    ref = str((await counter.sales())[0]["client_ref"])
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}&ref={ref}")
    assert "sudah dijual ke nomor ini" in p.text
    assert f"/outlet/transaksi/{code}" in p.text
    assert p.field("/outlet/jual", "ref") != ref, "a second sale has a ref of its own"
    await p.submit("/outlet/jual", pin=PIN)
    assert len(await counter.sales()) == 2


async def test_a_sale_that_became_a_repeat_meanwhile_asks_too(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    stale = [(name, PIN if name == "pin" else value) for name, value in p.form("/outlet/jual")["fields"]]
    await counter.sells(number=number)
    await p.send("/outlet/jual", "post", stale)
    assert p.page.status_code == 409
    assert "Jual kedua kali" in p.text
    assert p.field("/outlet/jual", "ref") == dict(stale)["ref"]
    await p.submit("/outlet/jual", pin=PIN)
    assert len(await counter.sales()) == 2


async def test_a_repeat_that_is_none_any_more_can_simply_be_sold(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the refusal and the page that explains it the earlier sale was taken back."""
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    stale = [(name, PIN if name == "pin" else value) for name, value in p.form("/outlet/jual")["fields"]]
    await counter.sells(number=number)
    (first,) = await counter.sales()

    async def look_after_a_reversal(*given: Any, **named: Any) -> Any:
        if not await counter.shop.pool.fetchval("SELECT true FROM reversal WHERE sale_id = $1", first["id"]):
            assert await reverse(counter.stage, first["id"]) == "done"
        return await inquire(*given, **named)

    monkeypatch.setattr("konter.web.outlet.sell.inquire", look_after_a_reversal)
    await p.send("/outlet/jual", "post", stale)
    assert p.page.status_code == 200
    assert "Jual kedua kali" not in p.text
    await p.submit("/outlet/jual", pin=PIN)
    assert [str(sale["client_ref"]) for sale in await counter.sales()][1:] == [dict(stale)["ref"]]


async def test_a_changed_price_shows_old_and_new(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    await p.submit("/outlet/jual", pin=PIN, harga="51000")
    assert p.page.status_code == 409
    assert "Rp51.000 → Rp51.500" in p.text
    assert await counter.sales() == []
    await p.submit("/outlet/jual", pin=PIN)
    assert p.path.startswith("/outlet/transaksi/")


@pytest.mark.requirement("D-107")
async def test_too_little_balance_is_said_before_and_after_the_pin(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA500&nomor={national(number)}")
    form = [(name, PIN if name == "pin" else value) for name, value in p.form("/outlet/jual")["fields"]]
    for product in ("PULSA300", "PULSA300"):
        await counter.sells(product)
    await p.get(f"/outlet/jual?produk=PULSA500&nomor={national(number)}")
    assert "kurang" in p.text
    assert 'name="pin"' not in p.text
    await p.send("/outlet/jual", "post", form)
    assert p.page.status_code == 409
    assert "kurang" in p.text
    assert len(await counter.sales()) == 2


async def test_while_the_database_is_away_the_same_ref_can_be_sent_again(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    p, number = counter.phone, await counter.stage.number()
    await p.get(f"/outlet/jual?produk=PULSA50&nomor={national(number)}")
    ref = p.field("/outlet/jual", "ref")
    lane = counter.shop.selling.sell_lanes[0]
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
    (sale,) = await counter.sales()
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
    assert len(await counter.sales()) == 1


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
    assert await counter.sales() == []


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
