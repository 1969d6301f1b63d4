"""The microsite: the whole catalogue for anybody, and for a customer what can be had and why not."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from tests.access.people import Stage
from tests.loyalty.rewards.conftest import DEMO
from tests.loyalty.rewards.conftest import Counter as Rewards
from tests.web.poin_desk import Desk, Phones

from konter.app import App
from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.catalogue.read import rewards_for
from konter.platform.audit import SYSTEM
from konter.platform.db import Pool

EVERY_KIND = ("Kuota dan telepon", "Hiburan digital", "Toko dan makan")


@pytest.fixture
async def db(own_db: Pool) -> Pool:
    return own_db


@pytest.fixture
async def desk(stage: Stage, shop: App, phone: Phones, tmp_path: Path) -> Desk:
    return Desk(stage, shop, Rewards(stage, tmp_path, shop.references), phone)


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.mark.requirement("P-24", "P-42")
async def test_it_works(desk: Desk) -> None:
    """Everything on offer stands there for anybody, with price, terms, whom it is for, and a way in."""
    await desk.rewards.import_file(DEMO)
    p = await desk.phones()
    await p.get("/poin")
    assert p.page.status_code == 200
    async with desk.stage.pool.acquire() as connection:
        lines = await rewards_for(connection, None, now=desk.stage.now, rules=desk.stage.rules)
    shown = plain(p.text)
    assert len(lines) == 14
    for line in lines:
        assert f'href="/poin/{line.offer.reward}"' in p.text
        assert f"{line.offer.name_id} " in shown
        assert line.offer.terms_id in shown
    for words in (*EVERY_KIND, "12 poin", "600 poin", "Mulai status GOLD", "Untuk pascabayar", "Tersedia", "Habis"):
        assert words in shown, words
    assert 'href="/saya/masuk?next=/poin"' in p.text
    assert "Bisa ditukar" not in shown


@pytest.mark.requirement("P-24", "P-05", "P-08", "P-17")
async def test_how_points_are_earned_stands_there_by_the_rules(desk: Desk) -> None:
    p = await desk.phones()
    await p.get("/poin")
    shown = plain(p.text)
    for words in (
        "Prabayar: 1 poin tiap Rp5.000 isi ulang, bila isi ulang sebulan sedikitnya Rp50.000",
        "Pascabayar: 2 poin tiap Rp5.000 tagihan, bila tagihan sedikitnya Rp50.000",
        "Poin dari isi ulang tahun 2026, atau dari tagihan yang periodenya berakhir pada 2026, berlaku s.d. 31 Mar 2027",
        "MASS Status awal",
        "begitu isi ulang sebulan atau satu tagihan mencapai Rp50.000",
        "Belum ada hadiah",
    ):
        assert words in shown, words


@pytest.mark.requirement("P-24", "P-25")
async def test_a_customer_sees_what_can_be_had_and_why_not(desk: Desk) -> None:
    cheap, dear = await desk.rewards.reward(name_id="Murah"), await desk.rewards.reward(points=120, name_id="Mahal")
    await desk.rewards.reward(tier="gold", name_id="Emas")
    await desk.rewards.reward(kinds="postpaid", name_id="Tagihan")
    p, _ = await desk.comes(100)
    await p.get("/poin")
    shown = plain(p.text)
    for words in ("100 poin", "1 dari 4 hadiah", "Kurang 20 poin", "Perlu status GOLD", "Bukan untuk kartu Anda"):
        assert words in shown, words
    await p.get(f"/poin/{cheap}")
    assert "Tukar 20 poin" in p.text
    await p.get(f"/poin/{dear}")
    assert "kurang 20" in p.text
    assert "/tukar" not in p.text


@pytest.mark.parametrize(
    ("reward", "words"),
    [
        ({"points": 120}, "kurang 20"),
        ({"tier": "gold"}, "mulai dari status GOLD"),
        ({"kinds": "postpaid"}, "bukan untuk kartu Anda"),
        ({"stock": 0}, "sudah habis"),
    ],
)
async def test_each_reason_is_a_sentence_on_the_rewards_page(desk: Desk, reward: dict, words: str) -> None:
    code = await desk.rewards.reward(**reward)
    p, _ = await desk.comes(100)
    await p.get(f"/poin/{code}")
    assert words in p.text
    await p.get(f"/poin/{code}/tukar")
    assert words in p.text
    assert p.page.status_code in {403, 409}


async def test_one_reward_with_its_terms_leads_a_stranger_in_and_back(desk: Desk) -> None:
    code = await desk.rewards.vouchers(3, quota=2, quota_per="day", brands="nusa")
    p = await desk.phones()
    await p.get(f"/poin/{code}")
    for words in ("12 poin", "Tinggal sedikit", "Sekali pakai.", "2 kali sehari", "Untuk kartu Nusa"):
        assert words in plain(p.text), words
    assert f'href="/saya/masuk?next=/poin/{code}"' in p.text


async def test_a_reward_that_is_not_there_leads_to_the_others(desk: Desk) -> None:
    p = await desk.phones()
    for address in ("/poin/ENTAH", "/poin/%00", "/poin/" + "A" * 300):
        await p.get(address)
        assert p.page.status_code == 404
        assert 'href="/poin"' in p.text
    await p.get("/poin/ENTAH/tukar")
    assert p.path == "/saya/masuk"


async def test_a_reward_that_was_closed_says_so_by_its_name(desk: Desk) -> None:
    stage, code = desk.stage, await desk.rewards.reward(name_id="Kopi senja")
    p, _ = await desk.comes(100)
    async with stage.pool.acquire() as connection:
        await set_reward_open(connection, code, is_open=False, clock=stage.clock, actor=SYSTEM, ids=stage.ids)
    for address in (f"/poin/{code}", f"/poin/{code}/tukar"):
        await p.get(address)
        assert p.page.status_code == 410
        assert "Kopi senja dulu bisa ditukar, tetapi sekarang tidak ditawarkan lagi" in p.text
        assert 'href="/poin"' in p.text


async def test_terms_that_most_share_stand_once_and_others_with_their_reward(desk: Desk) -> None:
    long = "Hanya pada hari kerja di gerai yang memasang tanda program, dan tidak bersama potongan harga yang lain."
    for terms in ("Sekali pakai.", "Sekali pakai.", long):
        await desk.rewards.reward(terms_id=terms)
    p = await desk.phones()
    await p.get("/poin")
    assert p.text.count("Sekali pakai.") == 1
    assert "Ketentuan, kalau hadiahnya tidak menyebut yang lain: Sekali pakai." in plain(p.text)
    assert f"<summary>Ketentuan hadiah ini</summary><p>{long}</p></details>" in p.text


async def test_everybody_jumps_to_a_kind_and_to_how(desk: Desk) -> None:
    await desk.rewards.reward()
    p, _ = await desk.comes(100)
    for visitor in (p, await desk.phones()):
        await visitor.get("/poin")
        for place in ("telco", "cara"):
            assert (f'href="#{place}"' in visitor.text, f'id="{place}"' in visitor.text) == (True, True)


async def test_one_day_is_no_days(desk: Desk) -> None:
    code = await desk.rewards.reward(days=1)
    p = await desk.phones()
    await p.get(f"/poin/{code}")
    await p.submit("/outlet/bahasa", {"to": "en"})
    assert "1 day" in p.text
    assert "1 days" not in p.text
    await p.get("/poin")
    assert "1 days" not in p.text


async def test_a_long_catalogue_goes_on(desk: Desk) -> None:
    row = {"row": "reward", "kind": "telco", "points": 20, "valid_from": "2014-03-01", "days": 1}
    row |= {"source": "data", "quantity": "100 MB", "terms_id": "Sekali.", "terms_en": "Once."}
    rows = [{**row, "code": f"R{n:03}", "name_id": f"Hadiah {n:03}", "name_en": "x", "sort": n} for n in range(61)]
    await desk.rewards.import_rows(*rows)
    p = await desk.phones()
    await p.get("/poin")
    assert ("Hadiah 059" in p.text, "Hadiah 060" in p.text) == (True, False)
    await p.get("/poin?dari=60")
    assert ("Hadiah 059" in p.text, "Hadiah 060" in p.text) == (False, True)
    for bad in ("x", "-1", "9" * 30, "%C2%B2"):
        await p.get(f"/poin?dari={bad}")
        assert "Hadiah 000" in p.text


async def test_in_english(desk: Desk) -> None:
    await desk.rewards.reward()
    p = await desk.phones()
    await p.get("/poin")
    await p.submit("/outlet/bahasa", {"to": "en"})
    assert p.path == "/poin"
    for words in (
        "Points and rewards",
        "Reward",
        "20 points",
        "Used once.",
        "Prepaid: each Rp5.000 recharged adds 1 to your points",
    ):
        assert words in plain(p.text), words


async def test_a_session_that_ended_sees_what_anybody_sees(desk: Desk) -> None:
    p, _ = await desk.comes(100)
    desk.stage.clock.advance(timedelta(days=91))
    await p.get("/poin")
    assert p.page.status_code == 200
    assert "Masuk dan lihat poin" in p.text
