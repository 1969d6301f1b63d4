"""The client of the HTTP figures, a process of its own: `python -m bench.load`, its spec on stdin.

Requests are made before the clock runs; each connection sends one, reads the whole answer, checks it, sends the next.
"""

import asyncio
import gc
import sys
import time
from typing import cast

import msgspec
import uvloop

from bench.model import RATE, SOLD, Measured, quantile
from bench.people import Market, bodies_of

PER_SECOND_MAX = 15_000
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
CREATED = b"HTTP/1.1 201 "
DONE = b'"status":"done"'
CONNECT_WITHIN_S = 10


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """Where to sell, with how many connections, and for how long."""

    host: str
    port: int
    market: Market
    clients: int
    warm_s: float
    run_s: float


class Load:
    """What all connections share."""

    def __init__(self, requests: list[bytes]) -> None:
        self.requests = iter(requests)
        self.stopping = False
        self.open = 0
        self.closed = asyncio.Event()
        self.answered: list[tuple[float, float]] = []  # when, and after how long
        self.wrong: list[bytes] = []


class Connection(asyncio.Protocol):
    """One caller: a request at a time, kept alive."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.answer = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.WriteTransport", transport)  # uvloop's is no subclass
        self.load.open += 1
        self._send()

    def _send(self) -> None:
        if self.load.stopping:
            self.transport.close()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(next(self.load.requests))

    def data_received(self, data: bytes) -> None:
        """Take the answer when it is whole."""
        self.answer += data
        head = self.answer.find(HEAD_END)
        if head < 0:
            return
        at = self.answer.lower().find(LENGTH, 0, head)
        length = int(self.answer[at + len(LENGTH) : self.answer.find(b"\r", at)])
        if len(self.answer) < head + len(HEAD_END) + length:
            return
        now = time.perf_counter()
        self.load.answered.append((now, now - self.sent_at))
        if not self.answer.startswith(CREATED) or DONE not in self.answer:
            self.load.wrong.append(self.answer)
        self.answer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so if nobody asked for it."""
        self.load.open -= 1
        if not self.load.open:
            self.load.closed.set()
        if not self.load.stopping:
            self.load.wrong.append(f"connection lost: {exc!r}".encode())


async def main(spec: Spec) -> Measured:
    """Warm up, measure, let the last answers come."""
    seconds = spec.warm_s + spec.run_s + 1
    load = Load(bodies_of(spec.market, f"{spec.host}:{spec.port}", round(seconds * PER_SECOND_MAX)))
    gc.freeze()
    gc.disable()
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(CONNECT_WITHIN_S):
        for _ in range(spec.clients):
            await loop.create_connection(lambda: Connection(load), spec.host, spec.port)
    await asyncio.sleep(spec.warm_s)
    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.sleep(spec.run_s)
    ended, cpu = time.perf_counter(), time.process_time() - cpu
    load.stopping = True
    async with asyncio.timeout(CONNECT_WITHIN_S):
        await load.closed.wait()
    if load.wrong or not load.answered:
        raise RuntimeError(f"{len(load.wrong)} of {len(load.answered)} answers were wrong, such as {load.wrong[:1]!r}")
    waits = sorted(wait * 1000 for at, wait in load.answered if started < at <= ended)
    return {
        RATE: len(waits) / (ended - started),
        "p50_ms": quantile(waits, 0.5),
        "p99_ms": quantile(waits, 0.99),
        "max_ms": waits[-1],
        "client_cores": cpu / (ended - started),
        SOLD: len(load.answered),
    }


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Spec)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(main(given))))
