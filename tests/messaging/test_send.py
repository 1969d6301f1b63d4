"""From a row to a handset, once."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from konter.messaging.model import sms
from konter.messaging.providers.handset import HandsetProvider
from konter.messaging.queries import read_handset_messages
from konter.messaging.send import sms_handler
from konter.platform.audit import SYSTEM
from konter.platform.clock import FrozenClock
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.outbox import DONE, OutboxRow, Unavailable, work_once, write_outbox
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, Rules

AT = datetime(2026, 11, 21, 7, 5, tzinfo=UTC)
TO = Msisdn(6281212345678)


@cache
def shipped_rulebook() -> Rulebook:
    ruleset = read_ruleset("id-2014")
    return Rulebook(decide_load(Rulebook([], 1), ruleset, now=AT, actor=SYSTEM), 1)


async def rules(moment: datetime) -> Rules:
    return shipped_rulebook().at(moment)


@pytest.fixture
def at() -> FrozenClock:
    return FrozenClock(AT)


@pytest.fixture
def handlers(own_db, keys, at):
    return {"sms": sms_handler(HandsetProvider(own_db, IdBlocks()), clock=at, keys=keys, rules=rules)}


async def write(db, ids, *rows: OutboxRow) -> None:
    await ids.ensure(db, len(rows))
    await write_outbox(db, ids, rows)


def otp(keys, code: str = "493817") -> OutboxRow:
    return sms("otp", to=TO, locale="id", at=AT, data={"code": code, "ttl_s": 300, "purpose": "login"}, keys=keys)


@pytest.mark.requirement("D-23")
async def test_it_works(own_db, ids, keys, at, handlers):
    await write(own_db, ids, otp(keys))
    assert await work_once(own_db, clock=at, handlers=handlers) == 1
    (message,) = await read_handset_messages(own_db, msisdn=TO, limit=10)
    assert (message.peer, message.direction, message.at) == ("1818", "in", AT)
    assert message.text.startswith("Kode OTP Anda 493817 untuk masuk. Berlaku 5 menit.")


async def test_the_secret_is_wiped_when_it_is_sent(own_db, ids, keys, at, handlers):
    await write(own_db, ids, otp(keys))
    await work_once(own_db, clock=at, handlers=handlers)
    assert await own_db.fetchval("SELECT body FROM outbox") == {"template": "otp", "to": TO, "locale": "id"}


def credentials(keys) -> OutboxRow:
    data = {"outlet": "Sukses Cell", "username": "kasir", "password": "abcd2345", "ttl_h": 24}
    return sms("credentials", to=TO, locale="id", at=AT, data=data, keys=keys)


@pytest.mark.requirement("D-07", "D-23")
@pytest.mark.parametrize(("make", "lasts"), [(otp, timedelta(minutes=5)), (credentials, timedelta(hours=24))])
async def test_a_secret_that_has_lapsed_is_not_sent_any_more(own_db, ids, keys, at, handlers, make, lasts):
    await write(own_db, ids, make(keys))
    at.advance(lasts)
    await work_once(own_db, clock=at, handlers=handlers)
    assert await read_handset_messages(own_db, msisdn=TO, limit=10) == []
    row = await own_db.fetchrow("SELECT error, failed_at, body FROM outbox")
    assert (row["error"], row["failed_at"]) == ("what it tells has lapsed", AT + lasts)
    assert "sealed" not in row["body"]


@pytest.mark.parametrize(("make", "lasts"), [(otp, timedelta(minutes=5)), (credentials, timedelta(hours=24))])
async def test_until_its_last_second_it_is(own_db, ids, keys, at, handlers, make, lasts):
    await write(own_db, ids, make(keys))
    at.advance(lasts - timedelta(seconds=1))
    await work_once(own_db, clock=at, handlers=handlers)
    assert len(await read_handset_messages(own_db, msisdn=TO, limit=10)) == 1


async def test_what_happened_is_told_however_late(own_db, ids, at, handlers):
    data = {"username": "kasir", "at": AT, "zone": "Asia/Jakarta"}
    await write(own_db, ids, sms("pin_changed", to=TO, locale="id", at=AT, data=data))
    at.advance(timedelta(days=3))
    await work_once(own_db, clock=at, handlers=handlers)
    assert len(await read_handset_messages(own_db, msisdn=TO, limit=10)) == 1


async def test_a_row_sent_twice_arrives_once(own_db, ids, keys, at, handlers):
    await write(own_db, ids, otp(keys))
    body = await own_db.fetchval("SELECT body FROM outbox")
    await work_once(own_db, clock=at, handlers=handlers)
    await own_db.execute("UPDATE outbox SET done_at = NULL, body = $1", body)  # the worker died before it could say so
    await work_once(own_db, clock=at, handlers=handlers)
    assert len(await read_handset_messages(own_db, msisdn=TO, limit=10)) == 1
    assert await own_db.fetchval("SELECT done_at FROM outbox") == AT


async def test_a_row_that_cannot_become_words_is_given_up_and_its_neighbour_is_sent(own_db, ids, keys, at, handlers):
    strange = OutboxRow(otp(keys).cell, "sms", {"template": "otp", "to": TO, "locale": "id", "sealed": "??"}, AT)
    await write(own_db, ids, strange, otp(keys, "222222"))
    await work_once(own_db, clock=at, handlers=handlers)
    assert await own_db.fetchval("SELECT error FROM outbox WHERE failed_at IS NOT NULL") == (
        "no text can be made of it (ValueError)"
    )
    assert len(await read_handset_messages(own_db, msisdn=TO, limit=10)) == 1


async def test_texts_come_in_the_order_of_their_facts(own_db, ids, keys, at, handlers):
    await write(own_db, ids, *(otp(keys, f"{n:06}") for n in range(20)))
    await work_once(own_db, clock=at, handlers=handlers)
    texts = [message.text for message in await read_handset_messages(own_db, msisdn=TO, limit=50)]
    assert [text[14:20] for text in texts] == [f"{n:06}" for n in range(20)]


async def test_only_the_newest_are_read(own_db, ids, keys, at, handlers):
    await write(own_db, ids, *(otp(keys, f"{n:06}") for n in range(5)))
    await work_once(own_db, clock=at, handlers=handlers)
    assert [m.text[14:20] for m in await read_handset_messages(own_db, msisdn=TO, limit=2)] == ["000003", "000004"]


async def test_a_network_that_is_away_is_waited_for(own_db, ids, keys, at):
    class Flaky:
        away = True

        async def send(self, messages):
            if self.away:
                raise Unavailable("no bind")
            return [DONE] * len(messages)

    network = Flaky()
    handlers = {"sms": sms_handler(network, clock=at, keys=keys, rules=rules)}
    await write(own_db, ids, otp(keys))
    await work_once(own_db, clock=at, handlers=handlers)
    network.away = False
    assert await work_once(own_db, clock=at, handlers=handlers) == 0  # not before its time
    at.advance(timedelta(seconds=1))
    assert await work_once(own_db, clock=at, handlers=handlers) == 1
    assert await own_db.fetchval("SELECT done_at FROM outbox") == at.now()
