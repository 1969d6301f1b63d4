"""Redeem on the pages: a last look, once, and what became of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from tests.access.people import Stage
from tests.loyalty.rewards.conftest import Counter as Rewards
from tests.web.phone import Phone
from tests.web.poin_desk import Desk, Phones
from tests.web.test_me import come_in
from tests.web.test_poin import plain

from konter.app import App
from konter.platform.db import Pool


@pytest.fixture
async def db(own_db: Pool) -> Pool:
    return own_db


@pytest.fixture
async def desk(stage: Stage, shop: App, phone: Phones, tmp_path: Path) -> Desk:
    return Desk(stage, shop, Rewards(stage, tmp_path, shop.references), phone)


def fields(p: Phone, reward: str) -> list[tuple[str, str]]:
    return p.form(f"/poin/{reward}/tukar")["fields"]


@pytest.mark.requirement("P-24", "P-29", "P-30")
async def test_it_works(desk: Desk) -> None:
    reward = await desk.rewards.reward()
    p, customer = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    for words in ("100 → 80", "Poin 2026", "20 poin", "s.d. 31 Mar 2027"):
        assert words in plain(p.text), words
    await p.submit(f"/poin/{reward}/tukar")
    assert p.path.startswith("/saya/penukaran/"), p.text
    for words in ("Hadiah sudah diberikan", "100 → 80", "100 MB", "id-2014"):
        assert words in plain(p.text), words
    assert (await desk.rewards.points(customer))[0] == 80


@pytest.mark.requirement("P-20")
async def test_the_oldest_points_are_shown_to_pay_first_and_do(desk: Desk) -> None:
    desk.stage.clock.at = desk.stage.now.replace(year=2027, month=2)
    reward = await desk.rewards.reward(points=110)
    p, customer = await desk.comes(30, y2026=100)
    await p.get(f"/poin/{reward}/tukar")
    shown = plain(p.text)
    assert shown.index("Poin 2026 s.d. 31 Mar 2027 100 poin") < shown.index("Poin 2027 s.d. 31 Mar 2028 10 poin")
    await p.submit(f"/poin/{reward}/tukar")
    assert list((await desk.rewards.points(customer))[1].values()) == [20]


@pytest.mark.requirement("P-23", "P-30")
async def test_a_code_is_shown_to_its_owner_alone(desk: Desk) -> None:
    reward = await desk.rewards.vouchers(2, days=30)
    p, customer = await desk.comes(100)
    trx = await desk.redeems(p, reward)
    code = (await desk.stage.texts(customer.msisdn, "reward_code_until"))[-1]["voucher"]
    assert f'value="{code}"' in p.text
    assert "Berlaku s.d. 20 Des 2026" in p.text or "Berlaku s.d. 21 Des 2026" in p.text
    for address in ("/saya/poin", "/saya/penukaran"):
        await p.get(address)
        assert code in p.text
    await p.get(f"/saya/penukaran/{trx}")
    assert ("Kode Anda siap" in p.text, "Tunjukkan hanya saat" in p.text, "data-copy" in p.text) == (True, True, True)
    other, _ = await desk.comes(100)
    await other.get(f"/saya/penukaran/{trx}")
    assert other.page.status_code == 404
    assert code not in other.text
    assert 'href="/saya/penukaran"' in other.text
    stranger = await desk.phones()
    await stranger.get(f"/saya/penukaran/{trx}")
    assert stranger.path == "/saya/masuk"


@pytest.mark.requirement("P-23")
async def test_a_code_that_is_over_is_not_recommended(desk: Desk) -> None:
    reward = await desk.rewards.vouchers(1, days=30)
    p, customer = await desk.comes(100)
    trx = await desk.redeems(p, reward)
    ends = datetime(2026, 12, 22, tzinfo=UTC)
    desk.stage.clock.advance(ends - desk.stage.now)
    back = await desk.phones()
    await come_in(desk.stage, back, customer.msisdn)
    await back.get(f"/saya/penukaran/{trx}")
    assert "Masa berlaku kode sudah habis" in back.text
    assert ("siap" in back.text, "Tunjukkan" in back.text, "data-copy" in back.text) == (False, False, False)


@pytest.mark.requirement("P-29")
async def test_the_same_form_twice_redeems_once(desk: Desk) -> None:
    reward = await desk.rewards.reward()
    p, customer = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    form = fields(p, reward)
    await p.send(f"/poin/{reward}/tukar", "post", form)
    first = p.path
    await p.send(f"/poin/{reward}/tukar", "post", form)
    assert p.path == first
    assert (await desk.redeemed(), (await desk.rewards.points(customer))[0]) == (1, 80)


async def test_whoever_comes_back_is_told_what_was_redeemed_a_moment_ago(desk: Desk) -> None:
    reward, other = await desk.rewards.reward(), await desk.rewards.reward()
    p, _ = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    assert "sudah Anda tukar" not in p.text
    await p.submit(f"/poin/{reward}/tukar")
    done = p.path
    await p.get(f"/poin/{reward}/tukar")
    assert "sudah Anda tukar pada 21 Nov 12:00" in p.text
    assert f'href="{done}"' in p.text
    await p.get(f"/poin/{other}/tukar")
    assert "sudah Anda tukar" not in p.text


async def test_a_ref_of_another_reward_leads_to_what_it_was(desk: Desk) -> None:
    one, two = await desk.rewards.reward(), await desk.rewards.reward()
    p, _ = await desk.comes(100)
    await p.get(f"/poin/{one}/tukar")
    form = fields(p, one)
    await p.send(f"/poin/{one}/tukar", "post", form)
    trx = p.path
    await p.send(f"/poin/{two}/tukar", "post", form)
    assert p.page.status_code == 409
    assert f'href="{trx}"' in p.text
    assert await desk.redeemed() == 1


async def test_a_price_that_changed_is_shown_and_asked_for_again(desk: Desk) -> None:
    reward = await desk.rewards.reward()
    p, customer = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    ref = dict(fields(p, reward))["ref"]
    begin = (desk.stage.now + timedelta(days=1)).date().isoformat()
    await desk.rewards.reward(code=reward, points=30, valid_from=begin)
    desk.stage.clock.advance(timedelta(days=1))
    await p.submit(f"/poin/{reward}/tukar")
    assert p.page.status_code == 409
    assert "berubah dari 20 menjadi 30 poin" in p.text
    assert "100 → 70" in plain(p.text)
    assert dict(fields(p, reward))["ref"] == ref
    await p.submit(f"/poin/{reward}/tukar")
    assert (await desk.rewards.points(customer))[0] == 70


async def test_something_else_at_the_same_price_is_shown_and_asked_for_again(desk: Desk) -> None:
    reward = await desk.rewards.reward()
    p, customer = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    begin = (desk.stage.now + timedelta(days=1)).date().isoformat()
    await desk.rewards.reward(code=reward, quantity="50 MB", valid_from=begin)
    desk.stage.clock.advance(timedelta(days=1))
    await p.submit(f"/poin/{reward}/tukar")
    assert p.page.status_code == 409
    assert "berubah sejak Anda melihatnya" in p.text
    assert "50 MB" in p.text
    assert (await desk.rewards.points(customer))[0] == 100
    await p.submit(f"/poin/{reward}/tukar")
    assert (await desk.rewards.points(customer))[0] == 80


async def test_points_that_went_elsewhere_meanwhile(desk: Desk) -> None:
    reward, dear = await desk.rewards.reward(), await desk.rewards.reward(points=95)
    p, customer = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    await desk.rewards.redeem(customer, dear)
    await p.submit(f"/poin/{reward}/tukar")
    assert p.page.status_code == 409
    assert "kurang 15. Poin tidak berkurang" in p.text
    assert await desk.redeemed() == 1


async def test_what_sold_out_meanwhile(desk: Desk) -> None:
    reward = await desk.rewards.vouchers(1)
    p, _ = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    await desk.rewards.redeem(await desk.rewards.customer(), reward)
    await p.submit(f"/poin/{reward}/tukar")
    assert (p.page.status_code, "sudah habis" in p.text) == (409, True)
    assert 'href="/poin"' in p.text


async def test_what_was_closed_meanwhile_leads_to_other_rewards(desk: Desk) -> None:
    last = desk.stage.now.date().isoformat()
    reward = await desk.rewards.reward(last_day=last)
    p, _ = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    desk.stage.clock.advance(timedelta(days=1))
    await p.submit(f"/poin/{reward}/tukar")
    assert (p.page.status_code, "sudah tidak ditawarkan" in p.text) == (409, True)
    assert 'href="/poin"' in p.text


async def test_whose_session_ended_comes_back_to_the_same_wish(desk: Desk) -> None:
    reward = await desk.rewards.reward()
    p, customer = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    ref = dict(fields(p, reward))["ref"]
    desk.stage.clock.advance(timedelta(minutes=2))
    await desk.stage.pool.execute("DELETE FROM customer_session")
    await p.submit(f"/poin/{reward}/tukar")
    assert (p.path, await desk.redeemed()) == ("/saya/masuk", 0)
    await p.submit("/saya/masuk", number=f"0{str(customer.msisdn)[2:]}")
    await p.submit("/saya/kode/", code=await desk.stage.last_otp(customer.msisdn))
    assert p.path == f"/poin/{reward}/tukar"
    assert dict(fields(p, reward))["ref"] == ref


async def test_a_form_without_a_ref_and_one_from_elsewhere(desk: Desk) -> None:
    reward = await desk.rewards.reward()
    p, _ = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    csrf = dict(fields(p, reward))["csrf"]
    for bad in (
        {"ref": "x", "poin": "20"},
        {"ref": str(uuid4()), "poin": "x"},
        {"ref": str(uuid4()), "poin": "9" * 20},
    ):
        await p.send(f"/poin/{reward}/tukar", "post", [("csrf", csrf), *bad.items()])
        assert p.page.status_code == 422
    await p.send(f"/poin/{reward}/tukar", "post", [("csrf", "x"), ("ref", str(uuid4())), ("poin", "20")])
    assert p.page.status_code == 403
    assert await desk.redeemed() == 0


async def test_a_crowd_leads_to_the_same_form_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    reward = await desk.rewards.reward()
    p, _ = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    ref = dict(fields(p, reward))["ref"]

    async def gone(_request: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as away:
        away.setattr(desk.shop.redeeming, "redeem", gone)
        await p.submit(f"/poin/{reward}/tukar")
    assert p.page.status_code == 503
    assert "tidak ditukar dua kali" in p.text
    assert dict(fields(p, reward))["ref"] == ref
    await p.submit(f"/poin/{reward}/tukar")
    assert p.path.startswith("/saya/penukaran/")


@pytest.mark.requirement("P-22", "P-29")
async def test_what_a_provider_gives_is_checked_and_then_given_or_back(desk: Desk) -> None:
    reward = await desk.rewards.reward(kind="digital", provider="tones", item="RBT30", days=30, points=30)
    p, customer = await desk.comes(100)
    trx = await desk.redeems(p, reward)
    for words in ("Sedang dicek s.d. ", "30 poin ditahan", "100 → 70"):
        assert words in plain(p.text), words
    await desk.stage.pool.execute(
        "UPDATE redemption SET status = 'refunded', resolved_at = $1, reason = 'DEADLINE' WHERE subscription_id = $2",
        desk.stage.now,
        customer.id,
    )
    await p.get(f"/saya/penukaran/{trx}")
    assert "30 poin sudah kembali" in p.text
    assert f'href="/poin/{reward}"' in p.text


async def test_a_redemption_that_is_none(desk: Desk) -> None:
    p, _ = await desk.comes(0)
    for bad in ("x", "K7Q2-9M4D", "9" * 60, "%00"):
        await p.get(f"/saya/penukaran/{bad}")
        assert p.page.status_code == 404


async def test_a_reward_that_is_none_is_in_no_batch(desk: Desk) -> None:
    reward = await desk.rewards.reward()
    p, _ = await desk.comes(100)
    await p.get(f"/poin/{reward}/tukar")
    form = fields(p, reward)
    for bad in ("%00", "A%00B", "%F0%9F%98%80", "A" * 300):
        await p.send(f"/poin/{bad}/tukar", "post", form)
        assert p.page.status_code == 404, bad
    assert await desk.redeemed() == 0


async def test_other_customers_do_not_meet(desk: Desk) -> None:
    reward = await desk.rewards.reward()
    one, _ = await desk.comes(100)
    two = await desk.phones()
    customer = await desk.rewards.customer()
    desk.stage.clock.advance(timedelta(minutes=2))
    await come_in(desk.stage, two, customer.msisdn)
    await desk.redeems(one, reward)
    await two.get("/saya/penukaran")
    assert "Belum ada penukaran" in two.text
