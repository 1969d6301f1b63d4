"""Konter's calls to a network that works, is slow, is away, comes back, and lies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.simulator.network_site import HEADERS, MSISDN, Process, Site, client, network, order

from konter.platform.metrics import NETWORK_CALLS, NETWORK_SECONDS
from konter.sales.network.breaker import Breaker
from konter.sales.network.model import Answer
from konter.server import free_port

DONE = Answer("done", "", 50_000)
DAY = date(2026, 11, 22)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with network(tmp_path) as site:
        yield site


def counted(call: str, outcome: str) -> float:
    return NETWORK_CALLS.labels(call, outcome)._value.get()


async def test_it_works(site: Site) -> None:
    before, timed = counted("deliver", "done"), NETWORK_SECONDS.labels("deliver")._sum.get()
    async with client(site.base) as net:
        assert await net.deliver([order(id_) for id_ in range(1, 101)]) == [DONE] * 100
        assert await net.deliver([]) == []
    assert await site.caller.given() == (5_000_000, 100)
    assert counted("deliver", "done") == before + 100
    assert NETWORK_SECONDS.labels("deliver")._sum.get() > timed


async def test_the_order_arrives_as_it_was_given(site: Site) -> None:
    async with client(site.base) as net:
        await net.deliver([order(7)])
        whole = await net.statement(DAY)
    assert whole.decode().splitlines()[1:] == [f"7,{MSISDN},PULSA50,50000,done,2026-11-21T18:00:00Z", "end,1,50000"]


async def test_the_same_order_twice_is_delivered_once(site: Site) -> None:
    async with client(site.base) as net:
        assert await net.deliver([order(7)] * 50) == [DONE] * 50
    assert await site.caller.given() == (50_000, 1)


async def test_answers_stand_in_the_order_of_the_orders(site: Site) -> None:
    async with client(site.base) as net:
        await net.void([order(2)])
        assert [a.state for a in await net.deliver([order(1), order(2), order(3)])] == ["done", "voided", "done"]


@pytest.mark.requirement("G-D12")
async def test_void_stops_what_was_not_done_and_says_what_was(site: Site) -> None:
    async with client(site.base) as net:
        await net.deliver([order(1)])
        assert await net.void([order(1), order(2)]) == [DONE, Answer("voided", "VOIDED")]
        assert await net.deliver([order(2)]) == [Answer("voided", "VOIDED")]


@pytest.mark.parametrize(
    ("faults", "answer"),
    [
        ({"refuse": 100}, Answer("refused", "NUMBER_BARRED")),
        ({"silent_before": 100}, Answer("unknown", "TIMED_OUT")),
        ({"silent_after": 100}, Answer("unknown", "TIMED_OUT")),
        ({"delay": 100, "delay_ms": 700}, Answer("unknown", "TIMED_OUT")),
        ({"delay": 100, "delay_ms": 100}, DONE),
        ({"late": 100, "late_s": 60}, Answer("unknown", "ACCEPTED")),
        ({"other_amount": 100}, Answer("unknown", "OTHER_AMOUNT", 51_000)),
        ({"twice": 100, "stranger": 100}, DONE),
        ({"die": 100}, Answer("unknown", "AWAY")),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
async def test_each_fault_has_its_answer(site: Site, faults: dict[str, int], answer: Answer) -> None:
    await site.caller.set_faults(**faults)
    async with client(site.base, timeout_s=0.4 if answer.reason == "TIMED_OUT" else 10) as net:
        assert await net.deliver([order()]) == [answer]
    await site.caller.set_faults()
    async with client(site.base) as net:
        if answer.reason in {"TIMED_OUT", "AWAY"}:
            assert await net.deliver([order()]) == [DONE]
            assert await site.caller.given() == (50_000, 1)


async def test_a_network_that_is_nowhere() -> None:
    async with client(f"http://127.0.0.1:{free_port('127.0.0.1')}") as net:
        assert await net.deliver([order()]) == [Answer("unknown", "AWAY")]
        assert await net.void([order()]) == [Answer("unknown", "AWAY")]
        assert await net.statement(DAY) == b""


async def test_a_file_cut_in_half_comes_as_it_is(site: Site) -> None:
    async with client(site.base) as net:
        await net.deliver([order()])
        whole = await net.statement(DAY)
        await site.caller.set_faults(cut_file=100)
        assert await net.statement(DAY) == whole[: len(whole) // 2]


async def test_the_circuit_opens_answers_at_once_and_closes_by_itself(site: Site) -> None:
    now = 0.0
    breaker = Breaker(failures_max=3, rest_s=5, clock=lambda: now)
    await site.caller.set_faults(silent_before=100)
    async with client(site.base, breaker=breaker, calls_max=1, timeout_s=0.5) as net:
        asked = await net.deliver([order(id_) for id_ in range(1, 11)])
        assert [a.reason for a in asked] == ["TIMED_OUT"] * 3 + ["CIRCUIT_OPEN"] * 7
        await site.caller.set_faults()
        assert await net.deliver([order()]) == [Answer("unknown", "CIRCUIT_OPEN")]
        assert (await site.caller.tally())["ordered"] == 0
        now = 5.0
        assert await net.deliver([order(1)]) == [DONE]
        assert await net.deliver([order(2), order(3)]) == [DONE] * 2


async def test_what_the_network_says_no_to_does_not_open_the_circuit(site: Site) -> None:
    await site.caller.set_faults(refuse=100)
    async with client(site.base, breaker=Breaker(failures_max=1)) as net:
        assert {a.state for a in await net.deliver([order(id_) for id_ in range(1, 9)])} == {"refused"}


async def test_a_caller_that_leaves_frees_its_place_and_its_try(site: Site) -> None:
    now = 0.0
    breaker = Breaker(failures_max=1, rest_s=5, clock=lambda: now)
    await site.caller.set_faults(silent_before=100)
    async with client(site.base, breaker=breaker, calls_max=1, timeout_s=0.5) as net:
        await net.deliver([order()])
        now = 5.0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await net.deliver([order()])
        await site.caller.set_faults()
        assert await net.deliver([order()]) == [DONE]


async def test_never_more_calls_at_once_than_allowed() -> None:
    now, most = 0, 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return web.json_response({"state": "done", "nominal_rp": 50_000})

    async with scripted(answer) as base, client(base, calls_max=5) as net:
        assert await net.deliver([order(id_) for id_ in range(1, 41)]) == [DONE] * 40
    assert most == 5


@pytest.mark.parametrize(
    "said",
    [
        web.Response,
        lambda: web.Response(text="<html>done</html>"),
        lambda: web.Response(body=b'\xff{"state":"done"}'),
        lambda: web.json_response({"state": "finished", "nominal_rp": 50_000}),
        lambda: web.json_response({"state": "done", "nominal_rp": "50000"}),
        lambda: web.json_response({"state": "done", "nominal_rp": 50_000.5}),
        lambda: web.json_response({"state": "done", "nominal_rp": 50_000, "transfer_id": "8"}),
        lambda: web.json_response([]),
        lambda: web.Response(body=b'{"state":"done","deep":' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
        lambda: web.json_response({"state": "done", "nominal_rp": 50_000}, status=409),
        lambda: web.json_response({"state": "done", "nominal_rp": 50_000}, status=401),
        lambda: web.Response(status=302, headers={"Location": "/elsewhere"}),
    ],
)
async def test_what_is_not_in_the_protocol_is_unknown(said: Any) -> None:
    async def answer(_: web.Request) -> web.Response:
        return said()

    async with scripted(answer) as base, client(base, breaker=Breaker(failures_max=1)) as net:
        assert await net.deliver([order(), order()]) == [Answer("unknown", "MALFORMED")] * 2
        assert await net.void([order()]) == [Answer("unknown", "MALFORMED")]


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_network_with_a_fault_of_its_own_is_away(status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"state": "done", "nominal_rp": 50_000}, status=status)

    async with scripted(answer) as base, client(base, calls_max=1, breaker=Breaker(failures_max=1)) as net:
        asked = await net.deliver([order(), order()])
        assert [a.reason for a in asked] == ["AWAY", "CIRCUIT_OPEN"]
        assert await net.statement(DAY) == b""


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        endless = web.StreamResponse()
        await endless.prepare(request)
        for _ in range(10):
            await endless.write(b" " * 10_000)
        return endless

    async with scripted(answer) as base, client(base) as net:
        assert await net.deliver([order()]) == [Answer("unknown", "AWAY")]


async def test_it_shows_the_token_and_uses_its_connections_again() -> None:
    seen, ports = set(), set()

    async def answer(request: web.Request) -> web.Response:
        seen.add(request.headers["Authorization"])
        assert request.transport is not None
        ports.add(request.transport.get_extra_info("peername"))
        return web.json_response({"state": "done", "nominal_rp": 50_000})

    async with scripted(answer) as base, client(base) as net:
        for id_ in range(1, 6):
            await net.deliver([order(id_)])
    assert seen == {HEADERS["Authorization"]}
    assert len(ports) == 1


async def test_killed_and_back_all_is_done_once(tmp_path: Path) -> None:
    process = Process(tmp_path)
    await process.start()
    orders = [order(id_) for id_ in range(1, 301)]
    try:
        async with client(process.base, timeout_s=2, breaker=Breaker(rest_s=0.2)) as net:
            assert await net.deliver(orders[:10]) == [DONE] * 10
            going = asyncio.create_task(net.deliver(orders))
            await asyncio.sleep(0.03)
            process.kill()
            assert {a.state for a in await going} <= {"done", "unknown"}
            await process.start()
            await asyncio.sleep(0.3)
            await net.deliver(orders[:1])  # the one that tries
            assert await net.deliver(orders) == [DONE] * 300
            assert (await net.statement(DAY)).decode().endswith("\nend,300,15000000\n")
    finally:
        process.kill()


@asynccontextmanager
async def scripted(answer: Any) -> AsyncIterator[str]:
    """A network that says whatever a test wants."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port := free_port("127.0.0.1")).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
