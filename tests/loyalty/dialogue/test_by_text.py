"""What 777 answers: to customers, and to merchants with a code in hand."""

from datetime import timedelta

import msgspec
import pytest
from tests.loyalty.dialogue.conftest import Phone

from konter.loyalty.rewards.merchants.manage import add_merchant_number
from konter.loyalty.rewards.merchants.model import AGAIN_FOR
from konter.messaging.gsm7 import SINGLE_SEPTETS, septets
from konter.platform.audit import SYSTEM
from konter.platform.clock import WIB
from konter.subscriber.model import Subscription


async def merchants_phone(phone: Phone, merchant: str) -> Subscription:
    """A number that speaks for a merchant."""
    stage, seller = phone.stage, await phone.counter.customer(0)
    async with stage.pool.acquire() as connection:
        refusal = await add_merchant_number(
            connection, merchant, seller.msisdn, now=stage.now, actor=SYSTEM, ids=stage.ids
        )
    assert refusal is None
    return seller


@pytest.mark.requirement("P-28", "P-41")
async def test_it_works(phone: Phone) -> None:
    customer = await phone.counter.customer(48)
    last = f"31/03/{phone.stage.now.year + 1}"
    assert await phone.write(customer, "poin") == f"Poin Anda 48 (berlaku s.d. {last}), status MASS"
    assert await phone.write(customer, "hangus") == (
        f"Akan hangus: 48 poin setelah {last} pukul 23:59 WIB. Tukar sebelum itu di *700#."
    )


@pytest.mark.requirement("P-30", "G-P21")
async def test_a_brand_that_earns_nothing_is_promised_nothing(phone: Phone) -> None:
    customer = await phone.counter.customer(0)
    await phone.stage.pool.execute("UPDATE subscription SET brand = 'other' WHERE id = $1", customer.id)
    assert await phone.write(customer, "poin") == "Poin Anda 0, status MASS. Kartu Anda tidak mengumpulkan poin."


@pytest.mark.requirement("P-13")
async def test_points_are_never_sent(phone: Phone) -> None:
    customer, friend = await phone.counter.customer(100), await phone.counter.customer(0)
    for words in ("KIRIM50", f"KIRIM 100 0{str(friend.msisdn)[2:]}", "poin kirim 5"):
        assert (await phone.write(customer, words)).startswith("Poin tidak bisa dikirim ke nomor lain.")
    assert (await phone.counter.points(customer))[0] == 100
    assert (await phone.counter.points(friend))[0] == 0


async def test_in_the_language_of_the_number(phone: Phone) -> None:
    customer = await phone.counter.customer(0)
    await phone.stage.pool.execute("UPDATE subscription SET locale = 'en' WHERE id = $1", customer.id)
    assert (await phone.write(customer, "?")).startswith("Send POIN for your points")
    assert (await phone.write(customer, "poin")).startswith("Your points: 0, status MASS.")


@pytest.mark.requirement("P-28")
async def test_what_is_below_zero_is_told(phone: Phone) -> None:
    customer = await phone.counter.customer(10)
    await phone.counter.grant(customer, -25, phone.stage.now.year)
    assert (await phone.write(customer, "poin")).startswith("Poin Anda -15 karena")
    assert await phone.write(customer, "hangus") == "Tidak ada poin yang akan hangus. Poin Anda 0."


@pytest.mark.requirement("P-23")
async def test_a_merchant_checks_and_burns_a_code_once(phone: Phone) -> None:
    counter = phone.counter
    merchant = await counter.merchant()
    reward = await counter.vouchers(1, merchant=merchant)
    seller = await merchants_phone(phone, merchant)
    code = await counter.code_of(await counter.customer(), reward)
    shown = f"***{code[-3:]}"
    good = await phone.write(seller, f"cek {code}")
    assert good.startswith(f"{shown} BERLAKU")
    first = await phone.write(seller, f"tukar {code.lower()}", ref="a")
    assert first.startswith(f"DITERIMA {shown}: Hadiah.")
    assert await phone.write(seller, f"tukar {code.lower()}", ref="a") == first
    again = await phone.write(seller, f"tukar {code}", ref="b")
    assert not again.startswith("DITERIMA")
    assert await phone.stage.pool.fetchval("SELECT count(*) FROM code_burn") == 1
    assert all((septets(said) or 999) <= SINGLE_SEPTETS for said in (good, first, again))


@pytest.mark.requirement("P-23")
async def test_who_missed_the_answer_and_asks_again_is_told_when_the_code_was_accepted(phone: Phone) -> None:
    counter, clock = phone.counter, phone.stage.clock
    merchant = await counter.merchant()
    code = await counter.code_of(await counter.customer(), await counter.vouchers(1, merchant=merchant))
    seller, colleague = [await merchants_phone(phone, merchant) for _ in range(2)]
    await phone.write(seller, f"TUKAR {code}")
    at = f"{phone.stage.now.astimezone(WIB):%H:%M} WIB"
    clock.advance(AGAIN_FOR)
    told = f"SUDAH DITERIMA ***{code[-3:]} pukul {at} dari nomor ini: Hadiah. Berikan hanya kalau tadi belum diberikan."
    for verb in ("TUKAR", "CEK"):
        assert await phone.write(seller, f"{verb} {code}") == told
        assert (await phone.write(colleague, f"{verb} {code}")).startswith("DITOLAK"), "another number gives nothing"
    clock.advance(timedelta(seconds=1))
    for verb in ("TUKAR", "CEK"):
        assert (await phone.write(seller, f"{verb} {code}")).startswith("DITOLAK"), "that is another customer"
    assert await phone.stage.pool.fetchval("SELECT count(*) FROM code_burn") == 1


@pytest.mark.requirement("P-23")
async def test_the_last_day_of_a_code_is_that_of_the_programme_s_zone(phone: Phone) -> None:
    counter, stage = phone.counter, phone.stage
    merchant = await counter.merchant()
    reward = await counter.reward(kind="merchant", points=12, merchant=merchant)
    await counter.codes(reward, counter.new_codes(1), last_day="2026-12-31")
    code = await counter.code_of(await counter.customer(), reward)
    seller = await merchants_phone(phone, merchant)
    assert "BERLAKU s.d. 31/12/2026" in await phone.write(seller, f"CEK {code}")
    poin = msgspec.structs.replace(stage.rules.poin, time_zone="Asia/Jayapura")
    stage.rules = msgspec.structs.replace(stage.rules, poin=poin)
    assert "BERLAKU s.d. 01/01/2027" in await phone.write(seller, f"CEK {code}"), "until 2:00 in the morning there"


@pytest.mark.requirement("P-23")
async def test_a_code_of_no_merchant_is_not_said_to_be_another_s(phone: Phone) -> None:
    counter = phone.counter
    reward = await counter.reward(kind="digital", points=12)
    await counter.codes(reward, counter.new_codes(1))
    code = await counter.code_of(await counter.customer(), reward)
    seller = await merchants_phone(phone, await counter.merchant())
    for verb in ("CEK", "TUKAR"):
        said = await phone.write(seller, f"{verb} {code}")
        assert "penjual lain" not in said
        assert said.startswith(f"DITOLAK ***{code[-3:]}: Kode ini tidak dikenal sebagai kode penjual.")


@pytest.mark.requirement("P-23")
async def test_a_code_of_another_merchant_or_of_nobody_is_refused(phone: Phone) -> None:
    counter = phone.counter
    seller = await merchants_phone(phone, await counter.merchant())
    code = await counter.code_of(await counter.customer(), await counter.vouchers(1))
    refused = await phone.write(seller, f"TUKAR {code[:6]} {code[6:]}")
    assert "milik penjual lain" in refused
    assert code not in refused
    assert code[:6] not in refused, "answers wait in the outbox, and a code is worth money"
    assert "tidak dikenal" in await phone.write(seller, "TUKAR ZZZZ9999")
    for text in ("TUKAR", "BANTUAN"):
        assert (await phone.write(seller, text)).startswith("Kirim CEK lalu kodenya"), text


@pytest.mark.requirement("P-23")
async def test_a_customer_burns_nothing(phone: Phone) -> None:
    counter = phone.counter
    customer = await counter.customer()
    code = await counter.code_of(customer, await counter.vouchers(1))
    assert (await phone.write(customer, f"TUKAR {code}")).startswith("Nomor ini tidak terdaftar")
    assert await phone.stage.pool.fetchval("SELECT count(*) FROM code_burn") == 0
