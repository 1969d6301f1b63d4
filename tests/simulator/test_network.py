"""The simulated network: what it does once, what it never does, each of its faults, and that it forgets nothing."""

import asyncio
import sqlite3
from pathlib import Path

import aiohttp
import pytest
from tests.simulator.network_site import AT, MSISDN, Caller, Listener, Process, Site, network

from konter.simulator.network import queries
from konter.simulator.network.model import (
    FAULT_NAMES,
    OTHER_AMOUNT_RP,
    Complete,
    Fate,
    Faults,
    Order,
    Put,
    Transfer,
    Void,
    decide,
    fate,
)
from konter.simulator.network.store import Store

DONE = {"transfer_id": "7", "state": "done", "reason": "", "nominal_rp": 50_000, "at": "2026-11-21T18:00:00Z"}


@pytest.fixture
async def site(tmp_path: Path):
    async with network(tmp_path) as site:
        yield site


@pytest.fixture
def caller(site: Site) -> Caller:
    return site.caller


async def test_it_works(caller: Caller) -> None:
    assert await caller.put(7) == (200, DONE)
    assert await caller.get(7) == (200, DONE)
    assert await caller.given() == (50_000, 1)


async def test_fifty_orders_of_one_id_at_once_are_done_once(caller: Caller) -> None:
    answers = await asyncio.gather(*(caller.put(7) for _ in range(50)))
    assert answers == [(200, DONE)] * 50
    assert await caller.given() == (50_000, 1)
    assert (await caller.statement()).count("\n7,") == 1


@pytest.mark.parametrize("change", [{"nominal_rp": 49_999}, {"msisdn": "6281200000000"}, {"product": "PULSA20"}])
async def test_an_id_is_not_used_for_another_order(caller: Caller, change: dict) -> None:
    await caller.put(7)
    assert await caller.put(7, **change) == (409, {"code": "OTHER_ORDER"})
    assert await caller.given() == (50_000, 1)


async def test_nobody_knows_an_id_that_was_never_ordered(caller: Caller) -> None:
    assert await caller.get(7) == (404, {"code": "UNKNOWN_TRANSFER"})


async def test_what_is_voided_before_it_was_ordered_is_never_done(caller: Caller) -> None:
    status, tombstone = await caller.void(7)
    assert (status, tombstone["state"]) == (200, "voided")
    assert (await caller.put(7))[1]["state"] == "voided"
    assert await caller.given() == (0, 0)


async def test_what_is_done_cannot_be_voided(caller: Caller) -> None:
    await caller.put(7)
    assert await caller.void(7) == (200, DONE)
    assert await caller.given() == (50_000, 1)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("transfers/0", b"{}"),
        ("transfers/07", b"{}"),
        ("transfers/x", b"{}"),
        ("transfers/9223372036854775808", b"{}"),
        ("transfers/7", b"{"),
        ("transfers/7", b'{"msisdn":"62812","product":"P","nominal_rp":"5","at":"2026-11-21T18:00:00Z"}'),
        ("transfers/7", b'{"msisdn":"62812","product":"P","nominal_rp":-5,"at":"2026-11-21T18:00:00Z"}'),
        ("transfers/7", b'{"msisdn":"62812","product":"P","nominal_rp":5,"at":"2026-11-21T18:00:00"}'),
        ("faults", b'{"refuse":101}'),
        ("faults", b'{"refuze":1}'),
    ],
)
async def test_what_is_not_in_the_protocol_is_refused(caller: Caller, path: str, body: bytes) -> None:
    status, answer = await caller.call("PUT", path, body)
    assert (status, answer["code"]) == (422, "MALFORMED")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer other"}])
async def test_a_stranger_is_not_answered(caller: Caller, headers: dict) -> None:
    for path in ("transfers/7", "statements/2026-11-22", "overview", "faults", f"accounts/{MSISDN}"):
        assert (await caller.call("GET", path, headers=headers))[0] == 401


async def test_the_statement_holds_a_day_in_wib_and_tells_its_own_end(caller: Caller) -> None:
    await caller.put(7)
    await caller.put(8, nominal_rp=20_000, product='A,"B"')
    await caller.put(9, at="2026-11-22T17:00:00Z")  # 00:00 WIB of the next day
    await caller.set_faults(refuse=100)
    await caller.put(10)
    assert (await caller.statement()).splitlines() == [
        "transfer_id,msisdn,product,nominal_rp,state,at",
        f"7,{MSISDN},PULSA50,50000,done,2026-11-21T18:00:00Z",
        f'8,{MSISDN},"A,""B""",20000,done,2026-11-21T18:00:00Z',
        f"10,{MSISDN},PULSA50,50000,refused,2026-11-21T18:00:00Z",
        "end,3,70000",
    ]
    assert (await caller.statement("2026-11-23")).splitlines()[-1] == "end,1,50000"
    assert (await caller.statement("2020-01-01")).splitlines()[1:] == ["end,0,0"]
    assert (await caller.call("GET", "statements/2026-02-30"))[0] == 422


async def test_refuse(caller: Caller) -> None:
    await caller.set_faults(refuse=100)
    status, answer = await caller.put(7)
    assert (status, answer["state"], answer["reason"]) == (200, "refused", "NUMBER_BARRED")
    await caller.set_faults()
    assert (await caller.put(7))[1]["state"] == "refused"
    assert await caller.given() == (0, 0)


async def test_delay(caller: Caller) -> None:
    await caller.set_faults(delay=100, delay_ms=300)
    begun = asyncio.get_running_loop().time()
    assert await caller.put(7) == (200, DONE)
    assert asyncio.get_running_loop().time() - begun >= 0.3


@pytest.mark.parametrize(("fault", "given"), [("silent_before", (0, 0)), ("silent_after", (50_000, 1))])
async def test_silence_before_and_after_the_deed(caller: Caller, fault: str, given: tuple[int, int]) -> None:
    await caller.set_faults(**{fault: 100})
    with pytest.raises(TimeoutError):
        await caller.put(7, timeout_s=0.5)
    assert await caller.given() == given
    assert (await caller.tally())["unanswered"] == 1
    await caller.set_faults()
    assert await caller.put(7) == (200, DONE)
    assert await caller.given() == (50_000, 1)


@pytest.mark.parametrize("path", ["transfers/7", "transfers/7/void"])
async def test_silence_goes_over_every_call(caller: Caller, path: str) -> None:
    await caller.set_faults(silent_before=100)
    with pytest.raises(TimeoutError):
        await caller.call("POST" if path.endswith("void") else "GET", path, timeout_s=0.3)


async def test_twice(site: Site) -> None:
    await site.caller.set_faults(twice=100)
    assert await site.caller.put(7) == (200, DONE)
    assert await site.listener.hears(1) == [DONE]
    assert site.listener.tokens == {"Bearer the-token-between-both"}


async def test_a_callback_is_said_again_until_it_is_heard(site: Site) -> None:
    site.listener.deaf = 1
    await site.caller.set_faults(twice=100)
    await site.caller.put(7)
    assert await site.listener.hears(1) == [DONE]


async def test_late(site: Site) -> None:
    await site.caller.set_faults(late=100, late_s=1)
    status, answer = await site.caller.put(7)
    assert (status, answer["state"]) == (202, "accepted")
    assert (await site.caller.put(7))[0] == (await site.caller.get(7))[0] == 202
    assert await site.caller.given() == (0, 0)
    assert await site.listener.hears(1) == [DONE]
    assert await site.caller.get(7) == (200, DONE)
    assert await site.caller.given() == (50_000, 1)


async def test_what_is_accepted_can_be_voided(site: Site) -> None:
    await site.caller.set_faults(late=100, late_s=1)
    await site.caller.put(7)
    assert (await site.caller.void(7))[1]["state"] == "voided"
    await asyncio.sleep(1.2)
    assert (await site.caller.get(7))[1]["state"] == "voided"
    assert await site.caller.given() == (0, 0)
    assert site.listener.heard == []


async def test_other_amount(caller: Caller) -> None:
    await caller.set_faults(other_amount=100)
    assert (await caller.put(7))[1]["nominal_rp"] == 50_000 + OTHER_AMOUNT_RP
    assert await caller.given() == (50_000 + OTHER_AMOUNT_RP, 1)
    assert (await caller.put(7))[0] == 200  # the same order, whatever became of it


async def test_stranger(site: Site) -> None:
    await site.caller.set_faults(stranger=100)
    assert await site.caller.put(7) == (200, DONE)
    (heard,) = await site.listener.hears(1)
    assert heard["transfer_id"] != "7"
    assert heard["state"] == "done"
    assert (await site.caller.get(int(heard["transfer_id"])))[0] == 404


async def test_cut_file(caller: Caller) -> None:
    await caller.put(7)
    whole = await caller.statement()
    await caller.set_faults(cut_file=100)
    assert await caller.statement() == whole[: len(whole) // 2]
    assert "end," not in await caller.statement()


async def test_figures_and_the_last_transfers(caller: Caller) -> None:
    for id_ in range(1, 24):
        await caller.put(id_)
    await caller.set_faults(late=100, late_s=60)
    await caller.put(24)
    await caller.void(99)
    _, overview = await caller.call("GET", "overview")
    assert overview["tally"] == {
        "ordered": 24,
        "accepted": 1,
        "done": 23,
        "refused": 0,
        "voided": 1,
        "taken_back": 0,
        "unanswered": 0,
        "starts": 1,
    }
    assert [line["transfer_id"] for line in overview["last"]] == ["99", *(str(id_) for id_ in range(24, 5, -1))]
    assert overview["faults"]["late"] == 100


async def test_all_is_there_after_a_restart(tmp_path: Path) -> None:
    listener = Listener()
    async with network(tmp_path, listener) as site:
        await site.caller.put(7)
        await site.caller.void(8)
        await site.caller.set_faults(late=100, late_s=1)
        await site.caller.put(9)
    async with network(tmp_path, listener) as site:
        assert await site.caller.get(7) == (200, DONE)
        assert (await site.caller.put(8))[1]["state"] == "voided"
        assert (await site.caller.call("GET", "faults"))[1]["late"] == 100
        assert (await site.listener.hears(1))[0]["transfer_id"] == "9"
        assert (await site.caller.tally())["starts"] == 2


@pytest.mark.requirement("G-D12")
async def test_killed_while_it_works_it_comes_back_with_all_it_answered(tmp_path: Path) -> None:
    process = Process(tmp_path)
    await process.start()
    answered: dict[int, int] = {}
    try:
        async with aiohttp.ClientSession() as session:
            caller = Caller(process.base, session)

            async def sell(from_: int) -> None:
                for id_ in range(from_, from_ + 500):
                    _, answer = await caller.put(id_, msisdn=f"62812{id_:08}")
                    answered[id_] = answer["nominal_rp"]

            sellers = [asyncio.create_task(sell(from_)) for from_ in range(1_000, 9_000, 1_000)]
            for _ in range(1_000):
                await asyncio.sleep(0.01)
                if len(answered) >= 200:
                    break
            process.kill()
            await asyncio.gather(*sellers, return_exceptions=True)
            await process.start()
            assert 200 <= len(answered) < 4_000
            for id_ in answered:
                assert (await caller.get(id_))[1]["state"] == "done"
                assert await caller.given(f"62812{id_:08}") == (50_000, 1)
            lines = (await caller.statement()).splitlines()
            assert lines[-1] == f"end,{len(lines) - 2},{50_000 * (len(lines) - 2)}"
    finally:
        process.kill()


async def test_die_ends_the_process_hard_and_another_start_meets_another_fate(tmp_path: Path) -> None:
    process = Process(tmp_path)
    await process.start()
    try:
        async with aiohttp.ClientSession() as session:
            caller = Caller(process.base, session)
            await caller.set_faults(die=50)
            deaths = 0
            for id_ in range(1, 5):
                while True:
                    try:
                        await caller.put(id_)
                        break
                    except aiohttp.ClientError:
                        assert await process.ended() == 1
                        deaths += 1
                        await process.start()
            assert deaths
            assert await caller.given() == (200_000, 4)
            tally = await caller.tally()
            assert (tally["starts"], tally["unanswered"]) == (deaths + 1, deaths)
    finally:
        process.kill()


async def test_a_batch_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("disk full")

    store = Store(tmp_path / "network.db")
    put = Put(7, Order(msisdn=MSISDN, product="P", nominal_rp=5, at=AT), Fate())
    with monkeypatch.context() as broken:
        broken.setattr(queries, "give", full)
        with pytest.raises(sqlite3.OperationalError):
            await store.submit(put)
    assert await store.find(7) is None
    assert await store.submit(put) == await store.find(7)
    assert await store.account(MSISDN) == (5, 1)
    await store.close()


MIXED = {name: 30 for name in FAULT_NAMES if name != "cut_file"}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_all_faults_mixed_and_each_transfer_is_done_once_or_never(tmp_path: Path, seed: int) -> None:
    async with network(tmp_path) as site:
        await site.caller.set_faults(seed=seed, delay_ms=20, late_s=1, **MIXED)

        async def settle(id_: int) -> str:
            for attempt in range(60):
                try:
                    call = site.caller.put(id_, timeout_s=0.5) if attempt < 10 else site.caller.void(id_)
                    status, answer = await asyncio.wait_for(call, 0.5)
                except (TimeoutError, aiohttp.ClientError):
                    continue
                if status == 200:
                    return answer["state"]
                await asyncio.sleep(0.1)
            raise AssertionError("never known")

        states = await asyncio.gather(*(settle(id_) for id_ in range(1, 61)))
        assert {"done", "refused"} <= set(states)
        assert site.deaths
        await site.caller.set_faults(seed=seed)
        known = [(await site.caller.get(id_))[1] for id_ in range(1, 61)]
        assert [each["state"] for each in known] == states
        given_rp = sum(each["nominal_rp"] for each in known if each["state"] == "done")
        assert await site.caller.given() == (given_rp, states.count("done"))
        assert (await site.caller.statement()).splitlines()[-1].endswith(f",{given_rp}")


def test_a_seed_gives_the_same_fates_and_another_gives_others() -> None:
    calls = [("put", id_, attempt) for id_ in range(50) for attempt in (1, 2)]
    faults = Faults(seed=1, **MIXED)
    first = [fate(faults, 1, *call) for call in calls]
    assert first == [fate(faults, 1, *call) for call in reversed(calls)][::-1]
    assert first != [fate(Faults(seed=2, **MIXED), 1, *call) for call in calls]
    assert first != [fate(faults, 2, *call) for call in calls]


@pytest.mark.parametrize("name", FAULT_NAMES)
def test_a_chance_is_about_what_it_says(name: str) -> None:
    met = [fate(Faults(**{name: 30}), 1, "put", id_, 1) != Fate() for id_ in range(2_000)]
    assert 500 <= sum(met) <= 700


def test_commands_of_one_batch_see_each_other() -> None:
    order = Order(msisdn=MSISDN, product="P", nominal_rp=5, at=AT)
    outcomes, change = decide({}, [Put(1, order, Fate(late=True)), Void(1), Complete(1, Fate()), Put(1, order, Fate())])
    assert [each.state for each in outcomes if isinstance(each, Transfer)] == ["accepted", "voided", "voided", "voided"]
    assert change.given == []
    assert change.counts == {"ordered": 2, "voided": 1}
