"""A sale whose outcome is not known yet, and one that was refunded, as their outlet and their customer see them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.web.conftest import Counter
from tests.web.phone import Phone

from konter.app import App
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.clock import FrozenClock
from konter.sales import selling
from konter.sales.network.model import Answer, NetworkOrder
from konter.subscriber.msisdn import masked, national, pretty

Phones = Callable[[], Awaitable[Phone]]
AWAY = Answer("unknown", "AWAY")


class Moody:
    """A network that says what a test has it say, when the test lets it."""

    def __init__(self) -> None:
        self.says, self.asked, self.voids = AWAY, 0, 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def deliver(self, orders: Sequence[NetworkOrder]) -> list[Answer]:
        self.asked += 1
        await self.may_answer.wait()
        return [self.answer(order) for order in orders]

    async def void(self, orders: Sequence[NetworkOrder]) -> list[Answer]:
        self.voids += 1
        return [self.answer(order) for order in orders]

    async def statement(self, day: date) -> bytes:
        return b""

    def answer(self, order: NetworkOrder) -> Answer:
        return Answer("done", nominal_rp=order.nominal_rp) if self.says.state == "done" else self.says


@pytest.fixture
def network() -> Moody:
    return Moody()


async def press_check(counter: Counter, code: str) -> None:
    await counter.phone.get(f"/outlet/transaksi/{code}")
    await counter.phone.submit(f"/outlet/transaksi/{code}/cek")


@pytest.mark.requirement("D-43", "D-46")
async def test_an_open_sale_says_until_when_and_what_happens_then(counter: Counter) -> None:
    p = counter.phone
    code = await counter.sells()
    for shown in ("Dicek sampai 22 Nov 12:00", "Rp49.500 kembali ke saldo Anda otomatis", "Rp1.000.000 → Rp950.500"):
        assert shown in p.text
    assert 'data-reload="5"' in p.text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in p.text
    for address in ("/outlet", "/outlet/riwayat"):
        await p.get(address)
        assert "Dicek s.d. 22 Nov 12:00" in p.text
        assert code in p.text
    await p.get("/outlet")
    assert "+ Rp49.500 sedang dicek" in p.text


@pytest.mark.requirement("D-43")
async def test_on_the_day_itself_the_hour_is_enough(counter: Counter, clock: FrozenClock) -> None:
    code = await counter.sells()
    clock.advance(timedelta(hours=13))
    await counter.log_in()
    await counter.phone.get(f"/outlet/transaksi/{code}")
    assert "Dicek sampai 12:00" in counter.phone.text
    assert 'data-reload="30"' in counter.phone.text


@pytest.mark.requirement("D-43")
async def test_a_look_finds_the_delivery_and_the_story_tells_it(
    counter: Counter, network: Moody, clock: FrozenClock
) -> None:
    code = await counter.sells()
    network.says = Answer("done")
    clock.advance(timedelta(seconds=9))
    await press_check(counter, code)
    text = counter.phone.text
    assert "Selesai" in text
    assert "data-reload" not in text
    told = [text.index(part) for part in ("diterima", "uangnya ditahan", "dikirim ke", "outlet minta", "sampai ke")]
    assert told == sorted(told)
    await counter.phone.get("/outlet")
    assert "sedang dicek" not in counter.phone.text
    (sale,) = await counter.sales()
    actor = f"outlet_user:{counter.user.id}"
    asked = "SELECT count(*) FROM audit WHERE subject_id = $1 AND action = 'refresh_sale' AND actor = $2"
    assert await counter.shop.pool.fetchval(asked, sale["id"], actor) == 1


@pytest.mark.requirement("D-43")
async def test_however_often_the_button_is_pressed_the_network_is_asked_every_five_seconds(
    counter: Counter, network: Moody, clock: FrozenClock
) -> None:
    code = await counter.sells()
    for _ in range(4):
        await press_check(counter, code)
    assert network.asked == 2, "the sale itself, and one look"
    clock.advance(timedelta(seconds=5))
    await press_check(counter, code)
    assert network.asked == 3
    assert "Dicek sampai" in counter.phone.text
    assert counter.phone.text.count("outlet minta dicek") == 2
    (row,) = await counter.shop.pool.fetch("SELECT checks FROM sale_check WHERE sale_id = $1", await id_of(counter))
    assert row["checks"] == 0, "pressing does not hurry a sale towards its end"


async def id_of(counter: Counter) -> int:
    (sale,) = await counter.sales()
    return int(sale["id"])


@pytest.mark.requirement("D-43")
async def test_while_the_network_thinks_the_page_comes_and_the_look_goes_on(
    counter: Counter, network: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selling, "OUTCOME_WITHIN_S", 0.05)
    network.may_answer.clear()
    code = await counter.sells()
    assert "Dicek sampai" in counter.phone.text, "three seconds went by"
    await press_check(counter, code)
    assert network.asked == 1, "the look under way is joined"
    network.says = Answer("done")
    network.may_answer.set()
    monkeypatch.undo()
    await counter.shop.selling.close()
    await counter.phone.get(f"/outlet/transaksi/{code}")
    assert "Selesai" in counter.phone.text


@pytest.mark.requirement("D-46")
async def test_a_look_after_the_deadline_gives_nothing_back_by_itself(
    counter: Counter, network: Moody, clock: FrozenClock
) -> None:
    code = await counter.sells()
    clock.advance(timedelta(hours=25))
    await counter.log_in()
    await press_check(counter, code)
    assert network.voids == 1
    assert "Dicek sampai" in counter.phone.text, "to give up is the reconciler's"
    network.says = Answer("voided", "VOIDED")
    clock.advance(timedelta(seconds=5))
    await press_check(counter, code)
    assert "Dana kembali" in counter.phone.text


@pytest.mark.requirement("D-43")
async def test_what_is_held_for_its_seller_is_not_sent_by_a_look(
    counter: Counter, network: Moody, clock: FrozenClock
) -> None:
    await counter.shop.pool.execute("UPDATE outlet SET hold_s = 60 WHERE id = $1", counter.user.outlet_id)
    code = await counter.sells()
    csrf = counter.phone.field("/outlet/bahasa", "csrf")
    await counter.phone.send(f"/outlet/transaksi/{code}/cek", "post", [("csrf", csrf)])
    assert "Belum dikirim" in counter.phone.text
    assert "belum dikirim, bisa dibatalkan sampai 12:01:00" in counter.phone.text
    assert "dikirim ke jaringan" not in counter.phone.text
    clock.advance(timedelta(seconds=61))
    await press_check(counter, code)
    assert network.asked == 0, "the reconciler sends it, under the outlet's lock"


@pytest.mark.requirement("D-43", "D-44", "D-45")
async def test_a_refunded_sale_says_why_shows_the_money_back_and_the_way_on(counter: Counter, network: Moody) -> None:
    network.says = Answer("refused", "NUMBER_BARRED")
    p, number = counter.phone, await counter.stage.number()
    code = await counter.sells(number=number)
    for shown in (
        "Dana kembali",
        "Rp49.500 sudah kembali ke saldo Anda",
        "Nomor pelanggan diblokir jaringan",
        "Rp1.000.000 → Rp950.500",
        "Rp950.500 → Rp1.000.000",
        "tidak terkirim, dana kembali ke saldo outlet",
    ):
        assert shown in p.text
    assert f'href="/outlet/transaksi/{code}/keluhan"' in p.text
    again = re.search(r'href="(/outlet/jual\?[^"]+)"', p.text)[1].replace("&amp;", "&")
    await p.get("/outlet/riwayat")
    assert "Dana kembali Rp950.500 → Rp1.000.000" in p.text
    await p.get(again)
    assert pretty(number) in p.text
    assert "Jual sekarang" in p.text, "what was refunded is no repeat"


@pytest.mark.requirement("D-43", "D-105")
async def test_who_was_not_served_is_told_so_by_slip_and_by_page(
    counter: Counter, network: Moody, phone: Phones
) -> None:
    network.says = Answer("refused", "NUMBER_BARRED")
    code = await counter.sells()
    await counter.phone.get(f"/outlet/transaksi/{code}/struk")
    assert "Uang pelanggan kembali" in counter.phone.text
    assert "Bayar" not in counter.phone.text
    share = urlsplit(re.search(rf'href="([^"]+/t/{code}\?v=\w+)"', counter.phone.text)[1])
    anybody = await phone()
    await anybody.get(f"{share.path}?{share.query}")
    assert "Tidak terkirim. Mintalah uang Anda kembali di outlet." in anybody.text


@pytest.mark.requirement("D-43")
@pytest.mark.parametrize(
    ("charged_rp", "told"), [(49_500, "Ternyata terkirim: Rp49.500 dipotong"), (0, "Ditanggung operator")]
)
async def test_what_was_delivered_after_all_is_not_called_undelivered(
    counter: Counter, network: Moody, phone: Phones, charged_rp: int, told: str
) -> None:
    network.says = Answer("refused", "NUMBER_BARRED")
    p, code = counter.phone, await counter.sells()
    (sale,) = await counter.sales()
    await counter.shop.pool.execute(
        "INSERT INTO adjustment (id, cell, sale_id, payer, reason, state, asked_by, asked_at, decided_by, decided_at,"
        " delivery, charged_rp, written_off_rp)"
        " SELECT id, cell, id, 'if_held', 'terlambat', 'done', 1, $2, 2, $2, '{}', $3, 49500 - $3::bigint FROM sale"
        " WHERE client_ref = $1",
        sale["client_ref"], counter.stage.now, charged_rp,
    )  # fmt: skip
    await p.get(f"/outlet/transaksi/{code}")
    assert told in p.text
    assert "Tidak terkirim" not in p.text
    assert "Jual ulang ke nomor ini" not in p.text
    share = urlsplit(re.search(rf'href="([^"]+/t/{code}\?v=\w+)"', p.text)[1])
    anybody = await phone()
    await anybody.get(f"{share.path}?{share.query}")
    assert "Ternyata terkirim." in anybody.text
    assert "Mintalah uang" not in anybody.text


@pytest.mark.requirement("D-12", "D-44")
async def test_money_that_came_back_is_a_line_of_the_days_close(counter: Counter, network: Moody) -> None:
    network.says = Answer("refused", "NUMBER_BARRED")
    p, code = counter.phone, await counter.sells()
    await p.get("/outlet/tutup-hari")
    for line in ("Penjualan", "-Rp49.500", "Dana kembali", "+Rp49.500", "Pembatalan"):
        assert line in p.text
    await p.get("/outlet/tutup-hari/refund")
    assert f"/outlet/transaksi/{code}" in p.text
    assert "+Rp49.500" in p.text
    await p.get("/outlet/tutup-hari/sale")
    assert "+Rp49.500" not in p.text


@pytest.mark.requirement("D-39", "D-40", "D-45")
async def test_a_complaint_fills_itself(counter: Counter) -> None:
    p, number = counter.phone, await counter.stage.number()
    code = await counter.sells(number=number)
    await p.get(f"/outlet/transaksi/{code}/keluhan")
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", p.text, re.DOTALL)[1]
    for part in (
        code,
        "sedang dicek, paling lambat 22/11/2026 12:00:00 WIB",
        "Nomor reseller: 08",
        "Pengguna: ",
        "Pulsa 50.000",
        "Nominal: Rp50.000",
        national(number),
        "Waktu: 21/11/2026 12:00:00 WIB",
        "Rp1.000.000 → Rp950.500",
        "dikirim ke jaringan",
    ):
        assert part in text
    assert 'href="tel:357"' in p.text
    link = urlsplit(re.search(r'href="(https://wa\.me/[^"]+)"', p.text)[1])
    assert parse_qs(link.query)["text"][0].splitlines() == text.splitlines()


async def test_of_another_outlet_nothing_is_looked_at_or_complained_of(
    counter: Counter, shop: App, phone: Phones, network: Moody
) -> None:
    code = await counter.sells()
    stranger = Counter(counter.stage, shop, await phone(), await counter.stage.user())
    await stranger.log_in()
    assert (await stranger.phone.get(f"/outlet/transaksi/{code}/keluhan")).status_code == 404
    await stranger.phone.get("/outlet")
    csrf = stranger.phone.field("/outlet/bahasa", "csrf")
    answer = await stranger.phone.send(f"/outlet/transaksi/{code}/cek", "post", [("csrf", csrf)])
    assert answer.status_code == 404
    unsigned = await counter.phone.send(f"/outlet/transaksi/{code}/cek", "post", [])
    assert unsigned.status_code == 403
    assert network.asked == 1


@pytest.mark.requirement("D-43")
async def test_the_customer_sees_the_same_story_without_the_outlets_money(
    counter: Counter, phone: Phones, clock: FrozenClock
) -> None:
    number = await counter.stage.number()
    code = await counter.sells(number=number)
    clock.advance(timedelta(seconds=5))
    await press_check(counter, code)
    share = urlsplit(re.search(rf'href="([^"]+/t/{code}\?v=\w+)"', counter.phone.text)[1])
    anybody = await phone()
    await anybody.get(f"{share.path}?{share.query}")
    for shown in ("Sedang dicek", masked(number), "diterima", "dikirim ke jaringan", "22 Nov 12:00"):
        assert shown in anybody.text
    for hidden in (pretty(number), "49.500", "950.500", "saldo", "outlet minta"):
        assert hidden not in anybody.text, hidden


@pytest.mark.requirement("D-43")
async def test_in_english_too(counter: Counter, network: Moody, clock: FrozenClock) -> None:
    p, code = counter.phone, await counter.sells()
    p.client.headers["accept-language"] = "en"
    await p.get(f"/outlet/transaksi/{code}")
    for shown in ("Checking until 22 Nov 12:00", "comes back to your balance by itself", "the money is held"):
        assert shown in p.text
    network.says = Answer("refused", "")
    clock.advance(timedelta(seconds=5))
    await press_check(counter, code)
    assert "Refused by the network without a reason." in p.text


@pytest.mark.requirement("D-43")
async def test_of_many_looks_the_newest_are_told_and_the_others_counted(counter: Counter, clock: FrozenClock) -> None:
    code = await counter.sells()
    system, (sale,) = Actor("system", 0), await counter.sales()
    answer = {"answer": "AWAY"}
    async with counter.shop.pool.acquire() as connection:
        await counter.shop.ids.ensure(connection, 30)
        moments = [clock.now() + timedelta(minutes=minute) for minute in range(30)]
        rows = [AuditRow(sale["cell"], at, system, "check_sale", sale["id"], answer) for at in moments]
        await write_audit(connection, counter.shop.ids, rows)
    await counter.phone.get(f"/outlet/transaksi/{code}")
    assert counter.phone.text.count("belum ada jawaban") == 8
    assert "dicek 22 kali" in counter.phone.text
    assert "12:29:00" in counter.phone.text


@pytest.mark.requirement("D-12", "D-44")
async def test_money_that_came_back_after_midnight_belongs_to_that_day(
    counter: Counter, network: Moody, clock: FrozenClock
) -> None:
    code = await counter.sells()
    network.says = Answer("refused", "NUMBER_BARRED")
    clock.advance(timedelta(hours=13))
    await counter.log_in()
    await press_check(counter, code)
    p = counter.phone
    await p.get("/outlet/tutup-hari?tanggal=2026-11-21")
    assert "-Rp49.500" in p.text
    assert "+Rp49.500" not in p.text
    await p.get("/outlet/tutup-hari?tanggal=2026-11-22")
    assert [line in p.text for line in ("-Rp49.500", "+Rp49.500", "Rp950.500", "Rp1.000.000")] == [
        False,
        True,
        True,
        True,
    ]
