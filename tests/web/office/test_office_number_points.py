"""The call centre sees a customer's points with their why, and redeems for the customer."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from tests.loyalty.rewards.conftest import Counter
from tests.web.office.conftest import Clerk, Office
from tests.web.statements import asked_by

from konter.loyalty.earning.accrue import accrue_recharges
from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.redemption.model import GotProvided
from konter.platform.audit import SYSTEM, Actor, AuditRow, write_audit
from konter.rules.load import read_rulebook
from konter.web.pages import LANGUAGE_COOKIE


@pytest.fixture
def counter(office: Office, tmp_path: Path) -> Counter:
    return Counter(office.stage, tmp_path)


async def redeem(clerk: Clerk, number: int, reward: str, **typed: str) -> None:
    """From the catalogue over the page that asks to the button."""
    await clerk.get(f"/office/nomor/{number}/poin")
    assert f"/office/nomor/{number}/poin/{reward}" in clerk.text
    await clerk.get(f"/office/nomor/{number}/poin/{reward}")
    await clerk.submit(f"/office/nomor/{number}/poin/{reward}", **typed)


@pytest.mark.requirement("P-27", "P-30", "P-42")
async def test_it_works(office: Office, counter: Counter) -> None:
    customer = await counter.customer(100, y2027=30)
    reward = await counter.reward()
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}")
    assert f'href="/office/nomor/{customer.msisdn}/poin"' in clerk.text
    assert "100 poin pada 31 Mar 2027" in clerk.text
    await redeem(clerk, customer.msisdn, reward)
    assert "Poin ditukar." in clerk.text
    assert "lewat petugas" in clerk.text
    assert (await counter.points(customer))[0] == 110
    row = await office.stage.pool.fetchrow("SELECT channel, points, points_after FROM redemption")
    assert tuple(row) == ("care", 20, 110)
    actor = await office.stage.pool.fetchval("SELECT actor FROM audit WHERE action = 'reward.redeemed'")
    assert actor == f"staff:{clerk.staff_id}"


@pytest.mark.requirement("P-21", "P-22", "P-30")
async def test_care_reads_what_the_customer_got(office: Office, counter: Counter) -> None:
    """It was the word for quotas, and the provider's own code of the item."""
    customer, data = await counter.customer(100), await counter.reward()
    tone = await counter.reward(kind="digital", provider="tones", item="RBT30", days=30, points=30)
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin/{data}")
    assert "<dd>100 MB, 1 hari</dd>" in clerk.text
    redeemed = (await counter.redeem(customer, data)).redemption
    waits = (await counter.redeem(customer, tone)).redemption
    assert redeemed is not None
    assert waits is not None
    got = GotProvided(provider="tones", item="RBT30", days=30, reference="r1")
    await office.stage.pool.execute(
        "UPDATE redemption SET status = 'done', resolved_at = at, delivery = $2 WHERE id = $1", waits.id, got
    )
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin")
    table = clerk.text.split('id="redemptions-title"')[1].split("</section>")[0]
    assert "<div>100 MB, 1 hari</div>" in table
    assert "<div>Aktif 30 hari</div>" in table
    assert "RBT30" not in table


async def test_what_has_no_story_shows_none(office: Office, counter: Counter) -> None:
    """A number's points keep one, and say so while it is empty; the question before a redemption never has one."""
    customer, reward = await counter.customer(0), await counter.reward()
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin")
    assert "Belum ada kejadian." in clerk.text
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin/{reward}")
    assert clerk.page.status_code == 200
    assert 'id="story-title"' not in clerk.text


async def test_every_look_is_written_down(office: Office, counter: Counter) -> None:
    customer = await counter.customer(100)
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin")
    looks = "SELECT count(*) FROM audit WHERE action = 'view_subscriber' AND subject_id = $1 AND actor = $2"
    assert await office.stage.pool.fetchval(looks, customer.id, f"staff:{clerk.staff_id}") == 1


@pytest.mark.requirement("P-27")
async def test_the_number_that_the_customer_calls(office: Office, counter: Counter) -> None:
    customer = await counter.customer(0)
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin")
    assert "Pelanggan prabayar menelepon 155." in clerk.text
    await office.stage.pool.execute("UPDATE subscription SET kind = 'postpaid' WHERE id = $1", customer.id)
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin")
    assert "Pelanggan pascabayar menelepon 133." in clerk.text


async def test_each_grant_says_why(office: Office) -> None:
    sale = await office.bureau.sold(second=True)
    office.stage.clock.advance(timedelta(hours=1))
    async with office.stage.pool.acquire() as connection:
        rulebook = await read_rulebook(connection)
    await accrue_recharges(office.stage.pool, now=office.stage.now, rulebook=rulebook, ids=office.stage.ids)
    office.stage.clock.advance(timedelta(seconds=1))
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{sale.msisdn}/poin")
    assert "+10 · poin didapat" in clerk.text
    assert "10 kali Rp5.000 penuh dari isi ulang November 2026 Rp50.000, 1 poin tiap Rp5.000" in clerk.text
    assert "Isi ulang atau tagihan mencapai batas masuk" in clerk.text


async def test_a_form_sent_twice_redeems_once(office: Office, counter: Counter) -> None:
    customer, reward = await counter.customer(100), await counter.reward()
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin/{reward}")
    form = clerk.form(f"/office/nomor/{customer.msisdn}/poin/{reward}")
    for _ in range(2):
        await clerk.send(form["action"], "post", form["fields"])
        assert "Poin ditukar." in clerk.text
    assert (await counter.points(customer))[0] == 80


@pytest.mark.requirement("P-23")
async def test_a_voucher_is_never_shown_to_staff(office: Office, counter: Counter) -> None:
    customer, reward = await counter.customer(100), await counter.vouchers(1)
    code = await counter.code_of(customer, reward)
    clerk = await office.clerk("care", "supervisor")
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin")
    assert code not in clerk.text
    assert "••••••••" in clerk.text


@pytest.mark.requirement("P-23", "P-28")
async def test_care_sees_that_a_code_is_used(office: Office, counter: Counter) -> None:
    merchant = await counter.merchant()
    customer, voucher = await counter.customer(100), await counter.vouchers(1, merchant=merchant)
    code = await counter.code_of(customer, voucher)
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin")
    assert "sudah dipakai" not in clerk.text
    await counter.burn(counter.burning(merchant, code))
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin")
    assert "sudah dipakai 21 Nov 2026 12:00" in clerk.text
    assert code not in clerk.text


async def test_what_was_redeemed_keeps_its_name_when_it_is_closed(office: Office, counter: Counter) -> None:
    customer, reward = await counter.customer(100), await counter.reward(name_id="Kopi Senja")
    await counter.redeem(customer, reward)
    stage = office.stage
    async with stage.pool.acquire() as connection:
        given = {"clock": stage.clock, "actor": SYSTEM, "ids": stage.ids, "reason": "habis"}
        assert await set_reward_open(connection, reward, is_open=False, **given)
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin")
    table = clerk.text.split('id="redemptions"')[1].split("</table>")[0]
    assert "Kopi Senja" in table
    assert f"<div>{reward}" not in table


async def test_who_has_too_few_points_reads_why(office: Office, counter: Counter) -> None:
    customer, reward = await counter.customer(5), await counter.reward()
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin/{reward}")
    assert "kurang 15" in clerk.text
    assert '<button class="btn w-100 btn-primary">' not in clerk.text
    await clerk.get("/office/nomor")
    token = clerk.field("/office/keluar", "csrf")
    fields = [("csrf", token), ("ref", "6d1c3f7e-0c6f-4a5b-9b2a-2f1d6a1b7c10"), ("poin", "20")]
    await clerk.send(f"/office/nomor/{customer.msisdn}/poin/{reward}", "post", fields)
    assert clerk.page.status_code == 409
    assert (await counter.points(customer))[0] == 5


async def test_a_tier_is_named_as_people_call_it(office: Office, counter: Counter) -> None:
    customer, reward = await counter.customer(100), await counter.reward(tier="gold")
    clerk = await office.clerk("care")
    for address in ("poin", f"poin/{reward}"):
        await clerk.get(f"/office/nomor/{customer.msisdn}/{address}")
        assert "mulai dari status GOLD." in clerk.text, address


async def test_a_price_that_changed_is_asked_again(office: Office, counter: Counter) -> None:
    customer, reward = await counter.customer(100), await counter.reward()
    clerk = await office.clerk("care")
    await redeem(clerk, customer.msisdn, reward, poin="10")
    assert "Harga hadiah berubah dari 10 menjadi 20 poin." in clerk.text
    assert (await counter.points(customer))[0] == 100


async def test_an_offer_that_changed_is_asked_again(office: Office, counter: Counter) -> None:
    """What it gives was read out from the page that was open; the price is the same."""
    customer, reward = await counter.customer(100), await counter.reward()
    clerk = await office.clerk("care")
    await redeem(clerk, customer.msisdn, reward, sejak="1")
    assert "Hadiah ini berubah sejak dibuka." in clerk.text
    assert (await counter.points(customer))[0] == 100


@pytest.mark.parametrize("typed", [{"ref": "x"}, {"poin": "-1"}, {"poin": ""}])
async def test_a_form_of_somebody_elses_making(office: Office, counter: Counter, typed: dict[str, str]) -> None:
    customer, reward = await counter.customer(100), await counter.reward()
    clerk = await office.clerk("care")
    await redeem(clerk, customer.msisdn, reward, **typed)
    assert (await counter.points(customer))[0] == 100


async def test_an_unknown_reward(office: Office, counter: Counter) -> None:
    customer = await counter.customer(100)
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}/poin/TIDAKADA")
    assert clerk.page.status_code == 404


@pytest.mark.parametrize("role", ["branch", "compliance", "catalogue", "finance", "admin"])
async def test_nobody_else_sees_or_redeems(office: Office, counter: Counter, role: str) -> None:
    customer, reward = await counter.customer(100), await counter.reward()
    clerk = await office.clerk(role)
    for address in ("poin", f"poin/{reward}"):
        await clerk.get(f"/office/nomor/{customer.msisdn}/{address}")
        assert clerk.page.status_code == 403


async def test_older_moves_are_on_a_page_of_their_own(office: Office, counter: Counter) -> None:
    customer = await counter.customer(0)
    for place in range(60):
        await counter.grant(customer, place + 1, 2026)
        if place % 3:  # several at one moment stay together
            office.stage.clock.advance(timedelta(seconds=1))
    clerk = await office.clerk("care")
    seen: list[str] = []
    address = f"/office/nomor/{customer.msisdn}/poin"
    for _ in range(3):
        await clerk.get(address)
        story = clerk.text.split('<ol class="desk-story">')[1].split("</ol>")[0]
        seen += [part.split(" · ")[0].rpartition("<b>")[2] for part in story.split("<li")[1:]]
        following = clerk.text.split("</ol>")[1].split("</section>")[0]
        if "href=" not in following:
            break
        address = following.split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert sorted(seen, key=int) == [f"+{place + 1}" for place in range(60)]


async def test_as_many_statements_for_a_long_history(office: Office, counter: Counter) -> None:
    customer = await counter.customer(0)
    await counter.reward()
    clerk = await office.clerk("care")
    address, counts = f"/office/nomor/{customer.msisdn}/poin", []
    for grants in (1, 20):
        for _ in range(grants):
            await counter.grant(customer, 1, 2026)
        counts.append(await asked_by(clerk, office.stage.pool, address, bare="/office/nomor"))
    assert max(counts) <= 17


async def test_the_way_to_the_points_stands_at_the_top_of_the_number(office: Office, counter: Counter) -> None:
    customer = await counter.customer(1_234)
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}")
    top = clerk.text.split("<h1>")[1].split('class="desk-groups"')[0]
    assert f'href="/office/nomor/{customer.msisdn}/poin">Poin dan hadiah: 1.234 poin' in top


@pytest.mark.requirement("P-42")
async def test_staff_read_of_the_customer_not_of_themselves(office: Office, counter: Counter) -> None:
    customer = await counter.customer(5)
    reward, once = await counter.reward(), await counter.reward(points=1, quota=1, quota_per="ever")
    await counter.reward(brands="kita", name_id="Lain")
    await counter.redeem(customer, once)
    clerk = await office.clerk("care")
    for address, said in ((f"poin/{reward}", "Poin pelanggan 4, hadiah ini 20 poin"), ("poin", "pelanggan sudah")):
        await clerk.get(f"/office/nomor/{customer.msisdn}/{address}")
        assert said in clerk.text, address
        assert not re.findall(r"\bAnda (?!melihat)", clerk.text.split("<main")[1]), address
    for locale, said in (("id", "Periksa lagi nomornya."), ("en", "Check the number.")):
        clerk.client.cookies.set(LANGUAGE_COOKIE, locale)
        await clerk.get("/office/nomor/081200000001")
        assert (clerk.page.status_code, said in clerk.text) == (404, True), clerk.text
        assert "Uang Anda" not in clerk.text


@pytest.mark.requirement("P-28")
async def test_what_happened_to_a_number_is_told_in_words(office: Office, counter: Counter) -> None:
    customer, stage = await counter.customer(100), office.stage
    audits = [AuditRow(customer.cell, stage.now, Actor("customer", customer.id), "session.opened", customer.id, {})]
    audits += [
        AuditRow(customer.cell, stage.now, Actor("client", 77), f"{verb}_bill{rest}", customer.id, {"number": "B-1"})
        for verb, rest in (("record", ""), ("record", "_payment"), ("cancel", ""))
    ]
    async with stage.pool.acquire() as connection:
        await write_audit(connection, await stage.ids.reserve(connection, 4), audits)
    clerk = await office.clerk("care")
    await clerk.get(f"/office/nomor/{customer.msisdn}")
    story = clerk.text.split('<ol class="desk-story">')[1].split("</ol>")[0]
    for said in ("Tagihan dicatat", "Pembayaran tagihan dicatat", "Tagihan dibatalkan", "klien API 77", ">pelanggan<"):
        assert said in story, story
    assert "_bill" not in story
    assert str(customer.id) not in story
    brand = next(each for each in stage.rules.brand.table if each.code == customer.brand)
    assert f"<dt>Merek</dt><dd>{brand.name}<" in clerk.text
