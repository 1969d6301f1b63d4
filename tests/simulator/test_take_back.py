"""The simulated network takes back what it gave, once, and Konter's client asks it to."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from tests.simulator.network_site import Caller, Site, client, network, order

from konter.platform.ids import TransferId
from konter.sales.network.model import Answer, Reply, TakeBackOrder, judge_take_back

TAKEN = Answer("taken_back", "", 50_000)
WISH = TakeBackOrder(TransferId(90), TransferId(7), 50_000)


@pytest.fixture
async def site(tmp_path: Path):
    async with network(tmp_path) as site:
        yield site


async def take_back(caller: Caller, transfer: int = 7, *, id_: str = "90", nominal_rp: int = 50_000):
    body = msgspec.json.encode({"take_back_id": id_, "nominal_rp": nominal_rp})
    return await caller.call("POST", f"transfers/{transfer}/take-back", body)


async def test_it_works(site: Site) -> None:
    await site.caller.put(7)
    async with client(site.base) as net:
        assert await net.take_back([WISH]) == [TAKEN]
    assert await site.caller.given() == (0, 0)
    assert (await site.caller.tally())["taken_back"] == 1


async def test_fifty_of_one_id_at_once_take_it_once(site: Site) -> None:
    await site.caller.put(7)
    await site.caller.put(8)
    async with client(site.base) as net:
        assert await net.take_back([WISH] * 50) == [TAKEN] * 50
    assert await site.caller.given() == (50_000, 1)


async def test_what_was_spent_is_refused_for_ever(site: Site) -> None:
    await site.caller.put(7)
    await site.caller.set_faults(refuse_take_back=100)
    async with client(site.base) as net:
        assert await net.take_back([WISH]) == [Answer("refused", "SPENT")]
        await site.caller.set_faults()
        assert await net.take_back([WISH]) == [Answer("refused", "SPENT")]
        assert await site.caller.given() == (50_000, 1)
        assert await net.take_back([msgspec.structs.replace(WISH, take_back_id=TransferId(91))]) == [TAKEN]


async def test_a_second_take_back_of_a_transfer_is_refused(site: Site) -> None:
    await site.caller.put(7)
    await site.caller.put(8)
    await take_back(site.caller)
    assert (await take_back(site.caller, id_="91"))[1]["reason"] == "TAKEN_BACK"
    assert await site.caller.given() == (50_000, 1)


async def test_what_was_never_done_is_taken_back_and_never_will_be_done(site: Site) -> None:
    async with client(site.base) as net:
        assert await net.take_back([WISH]) == [Answer("taken_back", "NOT_DONE", 0)]
        assert (await net.deliver([order(7)]))[0].state == "voided"
    assert await site.caller.given() == (0, 0)


async def test_what_was_only_accepted_is_not_done_later(site: Site) -> None:
    await site.caller.set_faults(late=100, late_s=1)
    await site.caller.put(7)
    assert (await take_back(site.caller))[1]["reason"] == "NOT_DONE"
    await asyncio.sleep(1.2)
    assert await site.caller.given() == (0, 0)


async def test_it_is_remembered_over_a_restart(tmp_path: Path) -> None:
    async with network(tmp_path) as site:
        await site.caller.put(7)
        first = await take_back(site.caller)
    async with network(tmp_path) as site:
        assert await take_back(site.caller) == first
        assert await site.caller.given() == (0, 0)


async def test_done_and_not_said_is_said_when_asked_again(site: Site) -> None:
    await site.caller.put(7)
    await site.caller.set_faults(silent_after=100)
    async with client(site.base, timeout_s=0.4) as net:
        assert await net.take_back([WISH]) == [Answer("unknown", "TIMED_OUT")]
        await site.caller.set_faults()
        assert await net.take_back([WISH]) == [TAKEN]
    assert await site.caller.given() == (0, 0)


async def test_another_amount_than_was_given_is_refused(site: Site) -> None:
    await site.caller.put(7)
    assert (await take_back(site.caller, nominal_rp=49_999))[1]["reason"] == "OTHER_AMOUNT"
    assert await site.caller.given() == (50_000, 1)


async def test_an_id_is_not_used_for_another_take_back(site: Site) -> None:
    await site.caller.put(7)
    await take_back(site.caller)
    assert await take_back(site.caller, 8) == (409, {"code": "OTHER_ORDER"})


@pytest.mark.parametrize("body", [b"{}", b'{"take_back_id":9,"nominal_rp":5}', b'{"take_back_id":"09","nominal_rp":5}'])
async def test_what_is_not_in_the_protocol_is_refused(site: Site, body: bytes) -> None:
    assert (await site.caller.call("POST", "transfers/7/take-back", body))[0] == 422


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"state": "taken_back", "nominal_rp": 50_000, "take_back_id": "90", "transfer_id": "7"}, TAKEN),
        ({"state": "taken_back", "nominal_rp": 0, "reason": "NOT_DONE"}, Answer("taken_back", "NOT_DONE", 0)),
        ({"state": "taken_back", "nominal_rp": 0}, Answer("unknown", "OTHER_AMOUNT", 0)),
        ({"state": "taken_back", "nominal_rp": 49_999}, Answer("unknown", "OTHER_AMOUNT", 49_999)),
        ({"state": "taken_back"}, Answer("unknown", "MALFORMED")),
        ({"state": "taken_back", "nominal_rp": 50_000, "take_back_id": "91"}, Answer("unknown", "MALFORMED")),
        ({"state": "taken_back", "nominal_rp": 50_000, "transfer_id": "8"}, Answer("unknown", "MALFORMED")),
        ({"state": "refused", "reason": "SPENT"}, Answer("refused", "SPENT")),
        ({"state": "refused", "reason": "<b>"}, Answer("refused", "OTHER")),
        ({"state": "accepted"}, Answer("unknown", "ACCEPTED")),
        ({"state": "done", "nominal_rp": 50_000}, Answer("unknown", "MALFORMED")),
        ({"state": "voided"}, Answer("unknown", "MALFORMED")),
    ],
)
def test_what_its_words_mean(said: dict, answer: Answer) -> None:
    assert judge_take_back(msgspec.convert(said, Reply), WISH) == answer
