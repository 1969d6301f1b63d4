"""A provider hands over texts: each is kept once, and a number that never stops is not answered for ever."""

from datetime import timedelta

import pytest
from tests.messaging.customers import CUSTOMER, NOON, STRANGER, rules_with, shipped

from konter.messaging.inbound.model import Arrival
from konter.messaging.inbound.receive import receive
from konter.platform.ids import Msisdn


def arrival(ref: str = "a", *, msisdn: Msisdn = CUSTOMER, text: str = "POIN", after_s: int = 0) -> Arrival:
    return Arrival(msisdn=msisdn, short_number="777", ref=ref, text=text, at=NOON + timedelta(seconds=after_s))


@pytest.fixture
def hand_over(own_db, ids):
    async def hand_over(*texts, rules=None):
        async with own_db.acquire() as connection:
            return await receive(connection, texts, ids=ids, rules=rules or shipped())

    return hand_over


async def waiting(db) -> int:
    return await db.fetchval("SELECT count(*) FROM outbox WHERE topic = 'inbound'")


async def test_it_works(own_db, hand_over):
    assert await hand_over(arrival()) == ["waiting"]
    row = await own_db.fetchrow("SELECT msisdn, short_number, ref, text, at, state FROM inbound_text")
    assert tuple(row) == (CUSTOMER, "777", "a", "POIN", NOON, "waiting")
    assert await waiting(own_db) == 1


async def test_the_same_text_delivered_twice_is_kept_once(own_db, hand_over):
    await hand_over(arrival())
    assert await hand_over(arrival(after_s=60)) == ["known"]
    assert await hand_over(arrival("b"), arrival("b")) == ["waiting", "known"]
    assert await own_db.fetchval("SELECT count(*) FROM inbound_text") == 2
    assert await waiting(own_db) == 2


async def test_the_same_name_from_another_number_is_another_text(own_db, hand_over):
    assert await hand_over(arrival(), arrival(msisdn=STRANGER)) == ["waiting", "waiting"]
    assert await waiting(own_db) == 2


async def test_beyond_the_bound_of_an_hour_texts_are_noted_without_a_word(own_db, hand_over):
    rules = rules_with(per_hour=3)
    texts = [arrival(f"{n}", after_s=n) for n in range(5)]
    assert await hand_over(*texts[:2], rules=rules) == ["waiting", "waiting"]
    assert await hand_over(*texts[2:], rules=rules) == ["waiting", "silent", "silent"]
    assert await hand_over(arrival("other", msisdn=STRANGER), rules=rules) == ["waiting"], "each number has its own"
    assert await waiting(own_db) == 4
    assert await own_db.fetch("SELECT text FROM inbound_text WHERE state = 'silent'") == [("",), ("",)], "nobody asks"


async def test_an_hour_later_a_number_is_answered_again(hand_over):
    rules = rules_with(per_hour=1)
    await hand_over(arrival("1"), rules=rules)
    assert await hand_over(arrival("2", after_s=3599), rules=rules) == ["silent"]
    assert await hand_over(arrival("3", after_s=3599 + 3600), rules=rules) == ["waiting"]


async def test_what_no_row_takes_is_left_out(own_db, hand_over):
    await hand_over(arrival(text="PO\x00IN\n" + "x" * 2_000))
    assert await own_db.fetchval("SELECT text FROM inbound_text") == "POIN\n" + "x" * 994


async def test_nothing_is_nothing(hand_over):
    assert await hand_over() == []
