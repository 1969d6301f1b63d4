"""A worker answers what customers wrote: once, in their language, from the number they wrote to."""

import asyncio
from datetime import timedelta

import pytest
from tests.messaging.customers import CUSTOMER, NOON, STRANGER, rules_with, shipped, subscribe

from konter.messaging.gsm7 import length
from konter.messaging.inbound.answer import inbound_handler
from konter.messaging.inbound.model import Arrival
from konter.messaging.inbound.receive import receive
from konter.messaging.providers.handset import HandsetProvider
from konter.messaging.queries import read_handset_messages
from konter.messaging.send import sms_handler
from konter.messaging.served import Served
from konter.messaging.sweep import sweep_dialogue
from konter.platform.clock import FrozenClock
from konter.platform.ids import IdBlocks
from konter.platform.outbox import claim, work_once


class Echo:
    """A service that says what it was asked, and fails as often as a test wants."""

    def __init__(self):
        self.texts = []
        self.failures = 0
        self.together = None

    async def __call__(self, text):
        self.texts.append(text)
        if self.together:
            await self.together.wait()
        if self.failures:
            self.failures -= 1
            raise RuntimeError("away")
        return f"{text.locale}: {text.command.keyword} {len(text.command.arguments)}"


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def at():
    return FrozenClock(NOON)


@pytest.fixture
def handlers(own_db, keys, at, echo):
    async def rules(_moment):
        return shipped()

    ids = IdBlocks()
    served = Served(services={"777": echo})
    return {
        "inbound": inbound_handler(own_db, clock=at, ids=ids, rules=rules, served=lambda _rules: served),
        "sms": sms_handler(HandsetProvider(own_db, ids), clock=at, keys=keys, rules=rules),
    }


@pytest.fixture
def write(own_db, ids):
    async def write(text="poin saya", *, ref="a", msisdn=CUSTOMER, to="777", rules=None):
        sent = Arrival(msisdn=msisdn, short_number=to, ref=ref, text=text, at=NOON)
        async with own_db.acquire() as connection:
            await receive(connection, [sent], ids=ids, rules=rules or shipped())

    return write


@pytest.fixture
def answered(own_db, at, handlers):
    async def answered(msisdn=CUSTOMER):
        while await work_once(own_db, clock=at, handlers=handlers):
            pass
        async with own_db.acquire() as connection:
            messages = await read_handset_messages(connection, msisdn=msisdn, limit=50)
        return [(message.peer, message.text) for message in messages]

    return answered


@pytest.mark.requirement("P-28")
async def test_it_works(own_db, ids, write, answered):
    await subscribe(own_db, ids)
    await write()
    assert await answered() == [("777", "id: POIN 1")]
    assert await own_db.fetchval("SELECT state FROM inbound_text") == "answered"


async def test_what_was_written_is_gone_once_it_is_answered(own_db, ids, write, answered):
    """It may have been a code that is worth money."""
    await subscribe(own_db, ids)
    await write("CEK AB12CD34")
    assert await own_db.fetchval("SELECT text FROM inbound_text") == "CEK AB12CD34"
    await answered()
    assert await own_db.fetchval("SELECT text FROM inbound_text") == ""


async def test_a_text_delivered_twice_is_answered_once(own_db, ids, write, answered, echo):
    await subscribe(own_db, ids)
    await write()
    await write()
    assert await answered() == [("777", "id: POIN 1")]
    await write()
    assert len(await answered()) == 1
    assert len(echo.texts) == 1


async def test_the_answer_is_in_the_customers_language(own_db, ids, write, answered):
    await subscribe(own_db, ids, locale="en")
    await write()
    assert await answered() == [("777", "en: POIN 1")]


async def test_a_number_that_nobody_uses_is_answered_politely_and_not_served(write, answered, echo):
    await write(msisdn=STRANGER)
    ((peer, words),) = await answered(STRANGER)
    assert peer == "777"
    assert words.startswith("Maaf, nomor Anda belum aktif")
    assert not echo.texts


async def test_a_short_number_that_nobody_serves_says_so(own_db, ids, write, answered):
    await subscribe(own_db, ids)
    await write(to="778")
    assert await answered() == [
        ("778", "Nomor 778 tidak menerima SMS. Pesan Anda tidak diproses dan pulsa tidak berkurang.")
    ]


async def test_a_long_or_odd_answer_is_cut_to_one_part(own_db, ids, write, answered, handlers, monkeypatch):
    async def chatter(_self, _text):
        return "Poin {balance} 😀 “48” " + "kata " * 60

    monkeypatch.setattr(Echo, "__call__", chatter)
    await subscribe(own_db, ids)
    await write()
    ((_, words),) = await answered()
    assert words.startswith('Poin {balance} "48" kata')
    assert (length(words).alphabet, length(words).parts) == ("gsm7", 1)


async def test_who_writes_without_end_gets_silence(own_db, ids, write, answered, echo):
    """Two machines that answer each other come to an end."""
    await subscribe(own_db, ids)
    for n in range(5):
        await write(ref=f"loop {n}", rules=rules_with(per_hour=2))
    assert len(await answered()) == len(echo.texts) == 2


async def test_a_service_that_fails_is_asked_again_with_the_same_ref(own_db, ids, write, answered, at, echo):
    await subscribe(own_db, ids)
    await subscribe(own_db, ids, STRANGER)
    echo.failures = 3  # both at once, then one alone
    await write()
    await write(msisdn=STRANGER)
    assert len(await answered() + await answered(STRANGER)) == 1, "a failure keeps nobody else waiting"
    at.advance(timedelta(seconds=60))
    assert await answered() == [("777", "id: POIN 1")]
    assert await answered(STRANGER) == [("777", "id: POIN 1")]
    assert len({text.client_ref for text in echo.texts}) == 2
    assert len(echo.texts) == 5


async def test_two_workers_with_the_same_text_answer_it_once(own_db, ids, write, answered, at, handlers, echo):
    """The first was slow and its lease ran out."""
    echo.together = asyncio.Barrier(2)
    await subscribe(own_db, ids)
    await write()
    rows = await claim(own_db, clock=at, topics=["inbound"], limit=10)
    await asyncio.gather(handlers["inbound"](rows), handlers["inbound"](rows))
    assert len({text.client_ref for text in echo.texts}) == 1
    assert await answered() == [("777", "id: POIN 1")]


async def test_old_texts_are_forgotten(own_db, ids, write):
    await write()
    async with own_db.acquire() as connection:
        await sweep_dialogue(connection, now=NOON + timedelta(days=30))
        assert await connection.fetchval("SELECT count(*) FROM inbound_text") == 1
        await sweep_dialogue(connection, now=NOON + timedelta(days=30, seconds=1))
        assert await connection.fetchval("SELECT count(*) FROM inbound_text") == 0
