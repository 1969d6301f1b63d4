"""A customer's own points: the card on the first page, what moved them and why, tiers, redemptions."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.access.people import Stage
from tests.loyalty.people import People
from tests.loyalty.rewards.conftest import Counter as Rewards
from tests.web.poin_desk import Desk, Phones
from tests.web.statements import statements
from tests.web.test_poin import plain

from konter.app import App
from konter.platform.db import Pool


@pytest.fixture
async def db(own_db: Pool) -> Pool:
    return own_db


@pytest.fixture
async def desk(stage: Stage, shop: App, phone: Phones, tmp_path: Path) -> Desk:
    return Desk(stage, shop, Rewards(stage, tmp_path, shop.references), phone)


@pytest.fixture
def people(desk: Desk) -> People:
    return People(desk.stage.pool, desk.stage.ids)


@pytest.mark.requirement("P-25", "P-30", "P-41")
async def test_it_works(desk: Desk, people: People) -> None:
    """Recharges of this month: points, why, and the tier that came of them, on the first page and in detail."""
    p, customer = await desk.comes(0)
    await people.recharge(customer.id, 62_000, at=desk.stage.now - timedelta(hours=2))
    await people.accrue(desk.stage.now)
    await p.get("/saya")
    for words in ("12 poin", "Poin 2026", "s.d. 31 Mar 2027", "Status RED", "Isi ulang bulan ini Rp62.000"):
        assert words in plain(p.text), words
    await p.get("/saya/poin")
    for words in (
        "Poin masuk",
        "12:00 · s.d. 31 Mar 2027 +12",
        "12 poin: 12 kali Rp5.000 penuh dari isi ulang November 2026 Rp62.000, 1 poin tiap Rp5.000",
        "RED sejak 21 Nov 2026",
        "mencapai Rp62.000",
    ):
        assert words in plain(p.text), (words, plain(p.text))


@pytest.mark.requirement("P-28")
async def test_rules_have_their_names_in_a_fold_alone(desk: Desk, people: People) -> None:
    """They say nothing to customers, who read them to the service office."""
    p, customer = await desk.comes(0)
    await people.recharge(customer.id, 62_000, at=desk.stage.now - timedelta(hours=2))
    await people.accrue(desk.stage.now)
    await p.get("/saya/poin")
    before, fold = p.text.split("<summary>Aturan yang dipakai</summary>")
    assert ("id-2014" in before, "id-2014@" in fold, "(aturan" in p.text) == (False, True, False)
    assert "Poin baru tampil paling lambat 24 jam setelah isi ulang." in p.text


@pytest.mark.requirement("P-14")
async def test_who_pays_by_bill_is_told_of_bills(desk: Desk) -> None:
    p, customer = await desk.comes(0)
    await desk.stage.pool.execute("UPDATE subscription SET kind = 'postpaid' WHERE id = $1", customer.id)
    await p.get("/saya/poin")
    assert "paling lambat 72 jam setelah tagihan terbit" in p.text
    assert "setelah isi ulang" not in p.text


@pytest.mark.requirement("P-09")
async def test_how_far_the_month_is_from_the_minimum(desk: Desk, people: People) -> None:
    p, customer = await desk.comes(0)
    await people.recharge(customer.id, 20_000, at=desk.stage.now - timedelta(hours=2))
    await people.accrue(desk.stage.now)
    await p.get("/saya")
    assert "Isi ulang bulan ini Rp20.000. Isi Rp30.000 lagi s.d. 30 Nov" in plain(p.text)
    assert '<progress max="50000" value="20000"' in p.text


async def test_what_ends_soon_is_told(desk: Desk) -> None:
    p, _ = await desk.comes(30)
    await p.get("/saya")
    assert "berakhir" not in p.text
    desk.stage.clock.at = desk.stage.now.replace(year=2027, month=2, day=1)
    p, _ = await desk.comes(30, y2026=100)
    await p.get("/saya")
    assert "100 poin berakhir 31 Mar 2027" in p.text
    shown = plain(p.text)
    assert shown.index("Poin 2026") < shown.index("Poin 2027")


@pytest.mark.requirement("G-P19")
async def test_points_below_zero_are_explained(desk: Desk) -> None:
    p, customer = await desk.comes(20)
    await desk.rewards.grant(customer, -32, 2026)
    await p.get("/saya")
    assert "-12 poin" in p.text
    assert "di bawah nol karena isi ulang atau tagihan yang dibatalkan" in p.text
    reward = await desk.rewards.reward()
    await p.get("/poin")
    assert "Poin di bawah nol" in p.text
    await p.get(f"/poin/{reward}/tukar")
    assert p.page.status_code == 409


async def test_nothing_yet(desk: Desk) -> None:
    p, _ = await desk.comes(0)
    await p.get("/saya/poin")
    for words in (
        "0 poin",
        "Isi ulang Rp50.000 s.d. 30 Nov supaya bulan ini",
        "Belum ada penukaran",
        "Belum ada poin yang masuk",
        "Status Anda MASS sejak awal",
    ):
        assert words in plain(p.text), words


@pytest.mark.requirement("P-30")
async def test_redemptions_lead_to_what_became_of_them(desk: Desk) -> None:
    reward = await desk.rewards.reward()
    p, _ = await desk.comes(100)
    trx = await desk.redeems(p, reward)
    await p.get("/saya/poin")
    shown = plain(p.text)
    assert p.text.count(f'href="/saya/penukaran/{trx}"') == 2, "in the list and in the history"
    assert ("Ditukar: Hadiah" in shown, "-20" in shown, "+100" in shown) == (True, True, True)


async def test_names_cost_no_look_at_the_stock(desk: Desk) -> None:
    """Stock and codes of every reward were counted, twice, for the names of a few."""
    reward = await desk.rewards.reward()
    p, _ = await desk.comes(100)
    trx = await desk.redeems(p, reward)
    for address in ("/saya/poin", "/saya/penukaran", f"/saya/penukaran/{trx}"):
        with statements(desk.stage.pool) as asked:
            await p.get(address)
        assert "Hadiah" in p.text
        assert not [each for each in asked if "reward_stock" in each], address


async def test_what_is_held_says_so(desk: Desk) -> None:
    reward = await desk.rewards.reward(kind="digital", provider="tones", item="RBT30", days=30, points=30)
    p, _ = await desk.comes(100)
    await desk.redeems(p, reward)
    await p.get("/saya/poin")
    assert "dicek" in p.text
    assert "70 poin" in plain(p.text)


async def test_long_histories_go_on(desk: Desk) -> None:
    reward = await desk.rewards.reward(points=1)
    p, customer = await desk.comes(100)
    for _ in range(32):
        desk.stage.clock.advance(timedelta(seconds=1))
        await desk.rewards.redeem(customer, reward)
    for address, total, line in (("/saya/penukaran", 32, "<li>"), ("/saya/poin", 33, '<strong class="num')):
        await p.get(address)
        assert p.text.count(line) == 30, address
        older = p.text.split(f'href="{address}?sebelum=')[1].split('"')[0]
        await p.get(f"{address}?sebelum={older}")
        assert p.text.count(line) == total - 30, address
        for bad in ("x", "9" * 60, "1-x", "1-" + "9" * 30, "%C2%B2"):
            await p.get(f"{address}?sebelum={bad}")
            assert p.page.status_code == 200


async def test_the_pages_are_behind_the_door(desk: Desk) -> None:
    p = await desk.phones()
    for address in ("/saya/poin", "/saya/penukaran"):
        await p.get(address)
        assert p.path == "/saya/masuk"
        assert f'name="next" value="{address}"' in p.text


async def test_a_customer_is_not_led_to_the_merchants_page(desk: Desk) -> None:
    p, _ = await desk.comes(0)
    assert "/poin/mitra" not in p.text
    q, _ = await desk.merchant()
    await q.get("/saya")
    assert 'href="/poin/mitra"' in q.text
    assert "Toko Melati" in q.text
