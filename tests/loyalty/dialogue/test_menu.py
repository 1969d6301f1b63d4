"""What *700# shows, screen by screen, and what it gives."""

import uuid
from datetime import timedelta

import pytest
from tests.loyalty.dialogue.conftest import Phone
from tests.loyalty.rewards.conftest import DEMO

from konter.loyalty.dialogue.menu import points_menu
from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.catalogue.read import rewards_for
from konter.messaging.gsm7 import septets
from konter.messaging.ussd.model import Answer, Turn
from konter.platform.audit import SYSTEM
from konter.subscriber.model import Subscription

PAGE, PAGES_MAX, OPTIONS = 182, 40, "12345678"


def options_of(answer: Answer) -> dict[str, str]:
    """What can be chosen on a page, by its number."""
    lines = (line.split(" ", 1) for line in answer.text.split("\n"))
    return {line[0]: line[1] for line in lines if len(line) == 2 and line[0] in OPTIONS}


async def pages(phone: Phone, who: Subscription, path: list[str]) -> list[Answer]:
    """A screen with all its pages; the way there is dialled anew."""
    answer = await phone.dial(who)
    for typed in path:
        answer = await phone.type(who, typed)
    found = [answer]
    while "9 " in answer.text.split("\n")[-1]:
        answer = await phone.type(who, "9")
        found.append(answer)
        assert len(found) < PAGES_MAX
    return found


async def demo(phone: Phone, points: int) -> Subscription:
    await phone.counter.import_file(DEMO)
    return await phone.counter.customer(points)


@pytest.mark.requirement("P-26", "P-30")
async def test_it_works(phone: Phone) -> None:
    customer = await demo(phone, 48)
    first = await phone.dial(customer)
    assert first.text == "Poin Anda 48, status MASS\n1 Poin dan status\n2 Poin yang akan hangus\n3 Tukar poin"
    assert "1 Kuota dan telepon" in (await phone.type(customer, "3")).text
    assert "1 Data 100 MB (20)" in (await phone.type(customer, "1")).text
    offer = await phone.type(customer, "1")
    assert "Data 100 MB: 20 poin. Masuk ke nomor" in offer.text
    assert "1 Ya, tukar 20 poin" in offer.text
    done = await phone.type(customer, "1")
    assert done.text.startswith("Berhasil: Data 100 MB.")
    assert "Sisa poin 28" in done.text
    assert not done.is_open
    assert (await phone.counter.points(customer))[0] == 28
    assert await phone.say(customer, "1", step=phone.step) == done
    assert (await phone.counter.points(customer))[0] == 28


async def test_points_and_what_ends_are_told(phone: Phone) -> None:
    customer = await phone.counter.customer(48)
    await phone.dial(customer)
    assert "Poin Anda 48 (berlaku s.d. " in (await phone.type(customer, "1")).text
    await phone.type(customer, "0")
    assert "Akan hangus: 48 poin" in (await phone.type(customer, "2")).text


@pytest.mark.requirement("P-26", "P-42")
@pytest.mark.parametrize("locale", ["id", "en"])
async def test_every_page_has_room_and_every_reward_of_the_demo_is_reached(phone: Phone, locale: str) -> None:
    customer = await demo(phone, 5_000)
    await phone.stage.pool.execute("UPDATE subscription SET locale = $2 WHERE id = $1", customer.id, locale)
    reached = []
    for kind in options_of(await phone.dial(customer, "*700*3#")):
        listed = await walk(phone, customer, ["3", kind])
        for turns, number in [(place, number) for place, page in enumerate(listed) for number in options_of(page)]:
            offer = await walk(phone, customer, ["3", kind, *["9"] * turns, number])
            reached.append(" ".join(page.text for page in offer).partition(":")[0])
    async with phone.stage.pool.acquire() as connection:
        lines = await rewards_for(connection, customer.id, now=phone.stage.now, rules=phone.stage.rules)
    assert reached == [line.offer.name(locale) for line in lines]
    assert len(reached) > 12


async def walk(phone: Phone, who: Subscription, path: list[str]) -> list[Answer]:
    """All pages of a screen, each within its bound."""
    found = await pages(phone, who, path)
    for page in found:
        assert page.is_open
        assert 0 < (septets(page.text) or 999) <= PAGE, page.text
    return found


async def test_what_cannot_be_had_says_why(phone: Phone) -> None:
    counter = phone.counter
    dear = await counter.reward(points=500)
    customer = await counter.customer(10)
    (page,) = await pages(phone, customer, ["3", "1", "1"])
    assert "Poin Anda 10, hadiah ini 500 poin: kurang 490." in page.text
    assert "Ya, tukar" not in page.text
    assert dear not in page.text


async def test_a_reward_for_a_tier_names_it(phone: Phone) -> None:
    customer = await phone.counter.customer(500)
    await phone.counter.reward(tier="gold")
    (page,) = await pages(phone, customer, ["3", "1", "1"])
    assert "mulai dari status GOLD" in page.text


@pytest.mark.requirement("P-26", "P-42")
async def test_a_list_marks_what_is_for_others_or_gone(phone: Phone) -> None:
    """All channels show the same rewards, so they are marked rather than left out."""
    for name, given in {
        "Murah": {},
        "Mahal": {"points": 900},
        "Emas": {"tier": "gold"},
        "Tagihan": {"kinds": "postpaid"},
        "Laku": {"stock": 0},
    }.items():
        await phone.counter.reward(name_id=name, name_en=name, **given)
    customer = await phone.counter.customer(500)
    listed = [label for page in await walk(phone, customer, ["3", "1"]) for label in options_of(page).values()]
    assert sorted(listed) == [
        "Emas (20, mulai GOLD)",
        "Laku (20, habis)",
        "Mahal (900)",
        "Murah (20)",
        "Tagihan (20, kartu lain)",
    ]


async def test_long_terms_are_one_key_away(phone: Phone) -> None:
    await phone.counter.reward(terms_id="Satu untuk setiap pelanggan. " * 10 + "Selesai.")
    customer = await phone.counter.customer(500)
    (page,) = await pages(phone, customer, ["3", "1", "1"])
    assert options_of(page) == {"1": "Ya, tukar 20 poin", "2": "Ketentuan lengkap"}
    whole = await walk(phone, customer, ["3", "1", "1", "2"])
    assert len(whole) > 1
    assert "Selesai." in whole[-1].text


async def test_a_reward_that_was_closed_meanwhile_is_not_given(phone: Phone) -> None:
    stage, reward = phone.stage, await phone.counter.reward()
    customer = await phone.counter.customer(100)
    await pages(phone, customer, ["3", "1", "1"])
    async with stage.pool.acquire() as connection:
        await set_reward_open(connection, reward, is_open=False, clock=stage.clock, actor=SYSTEM, ids=stage.ids)
    said = await phone.type(customer, "1")
    assert said.text == "Hadiah ini sudah tidak ditawarkan. Poin tidak berkurang. Pilih hadiah lain."
    assert (await phone.counter.points(customer))[0] == 100


@pytest.mark.requirement("P-23")
async def test_a_code_comes_by_sms_and_is_not_on_the_screen(phone: Phone) -> None:
    counter = phone.counter
    await counter.vouchers(1)
    customer = await counter.customer(100)
    await pages(phone, customer, ["3", "1", "1"])
    done = await phone.type(customer, "1")
    assert "Kodenya kami kirim lewat SMS" in done.text
    texts = await phone.stage.texts(customer.msisdn, "reward_code")
    assert texts
    assert texts[-1]["voucher"] not in done.text


async def test_without_rewards_it_says_so(phone: Phone) -> None:
    customer = await phone.counter.customer(5)
    (page,) = await pages(phone, customer, ["3"])
    assert page.text.startswith("Saat ini belum ada hadiah.")


@pytest.mark.requirement("P-29")
async def test_a_step_whose_answer_was_lost_redeems_once(phone: Phone) -> None:
    stage, reward = phone.stage, await phone.counter.reward()
    customer = await phone.counter.customer(100)
    turn = Turn(
        client_ref=uuid.uuid4(),
        msisdn=customer.msisdn,
        subscription=customer,
        path=("rewards", "telco", reward, "yes"),
        notes={"points": 20},
        now=stage.now,
    )
    dialogue = points_menu(stage.pool, phone.redeeming, rules=stage.rules)
    assert await dialogue(turn) == await dialogue(turn)
    assert (await phone.counter.points(customer))[0] == 80


async def test_another_offer_at_the_same_price_is_told(phone: Phone) -> None:
    stage, reward = phone.stage, await phone.counter.reward()
    later = (stage.now + timedelta(seconds=30)).isoformat()
    await phone.counter.reward(code=reward, valid_from=later, quantity="50 MB")
    customer = await phone.counter.customer(100)
    await pages(phone, customer, ["3", "1", "1"])
    stage.clock.advance(timedelta(seconds=60))
    said = await phone.type(customer, "1")
    assert said.text.startswith("Hadiah ini berubah")
    assert (await phone.counter.points(customer))[0] == 100


async def test_a_price_that_changed_since_it_was_shown_is_told(phone: Phone) -> None:
    stage, reward = phone.stage, await phone.counter.reward()
    later = (stage.now + timedelta(seconds=30)).isoformat()
    await phone.counter.reward(code=reward, valid_from=later, points=30)
    customer = await phone.counter.customer(100)
    await pages(phone, customer, ["3", "1", "1"])
    stage.clock.advance(timedelta(seconds=60))
    said = await phone.type(customer, "1")
    assert said.text.startswith("Harga hadiah berubah dari 20 menjadi 30 poin.")
    assert (await phone.counter.points(customer))[0] == 100
