"""The network over HTTP: one call per order, each idempotent by its id, so that it may be sent again."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import date

import aiohttp
import msgspec
import structlog

from konter.platform.metrics import NETWORK_CALLS, NETWORK_SECONDS
from konter.sales.network.breaker import Breaker
from konter.sales.network.model import (
    AWAY,
    CIRCUIT_OPEN,
    MALFORMED,
    TIMED_OUT,
    Answer,
    NetworkOrder,
    Reply,
    TakeBackOrder,
    judge,
    judge_take_back,
)

ANSWER_BYTES_MAX = 64 * 1024
STATEMENT_BYTES_MAX = 256 * 1024 * 1024
STATEMENT_WITHIN_S = 60.0
CHUNK_BYTES = 1024 * 1024
TAKEN = frozenset({200, 202})
TOO_MANY = 429
SERVER_FAULT = 500
log = structlog.get_logger()
Judge = Callable[[Reply], Answer]


class _Away(Exception):  # noqa: N818 - a state of the world
    """The network could not answer; the text says how."""


class HttpNetwork:
    """A network behind an address. One per process and event loop; `close` it.

    At most `calls_max` calls at once, each at most `timeout_s`. While the circuit is open orders are answered at once,
    and were certainly not sent.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout_s: float = 2.0,
        calls_max: int = 64,
        breaker: Breaker | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(calls_max)
        self._breaker = breaker or Breaker()
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, orders: Sequence[NetworkOrder]) -> list[Answer]:
        """Have the orders done, each at most once per transfer id; one answer per order, in order."""
        return list(await asyncio.gather(*(self._deliver(order) for order in orders)))

    async def void(self, orders: Sequence[NetworkOrder]) -> list[Answer]:
        """Have the orders never done, unless they are done already; one answer per order, in order."""
        return list(await asyncio.gather(*(self._void(order) for order in orders)))

    async def take_back(self, orders: Sequence[TakeBackOrder]) -> list[Answer]:
        """Have what was done taken back, each at most once per take-back id; one answer per order, in order."""
        return list(await asyncio.gather(*(self._take_back(order) for order in orders)))

    async def statement(self, day: date) -> bytes:
        """The network's file of a WIB day as it came, whole or not; empty when there is none now."""
        try:
            async with asyncio.timeout(STATEMENT_WITHIN_S), self._open().get(self._at(f"statements/{day}")) as answer:
                if answer.status in TAKEN:
                    return await _whole(answer, STATEMENT_BYTES_MAX)
                why = f"status {answer.status}"
        except (aiohttp.ClientError, OSError, _Away) as error:
            why = repr(error)
        log.warning("no statement from the network", day=str(day), why=why)
        return b""

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _deliver(self, order: NetworkOrder) -> Answer:
        body = {
            "msisdn": str(order.msisdn),
            "product": order.product,
            "nominal_rp": order.nominal_rp,
            "at": order.at,
        }
        return await self._asked("deliver", "PUT", f"transfers/{order.transfer_id}", body, _judge_order(order))

    async def _void(self, order: NetworkOrder) -> Answer:
        return await self._asked("void", "POST", f"transfers/{order.transfer_id}/void", None, _judge_order(order))

    async def _take_back(self, order: TakeBackOrder) -> Answer:
        body = {"take_back_id": str(order.take_back_id), "nominal_rp": order.nominal_rp}
        path = f"transfers/{order.transfer_id}/take-back"
        return await self._asked("take_back", "POST", path, body, lambda reply: judge_take_back(reply, order))

    async def _asked(self, call: str, method: str, path: str, body: object, judged: Judge) -> Answer:
        """One call, counted. Only a network that could not answer counts against the circuit."""
        async with self._places:
            permit = self._breaker.permit()
            if permit is None:
                return _counted(call, Answer("unknown", CIRCUIT_OPEN))
            started = time.perf_counter()
            try:
                answer = await self._ask(method, path, body, judged)
            except (aiohttp.ClientError, OSError, _Away) as error:  # a time-out is an OSError
                self._breaker.failed(permit)
                answer = Answer("unknown", TIMED_OUT if isinstance(error, TimeoutError) else AWAY)
                log.debug("network did not answer", call=call, path=path, error=repr(error))
            except BaseException:
                self._breaker.gave_up(permit)
                raise
            else:
                self._breaker.succeeded(permit)
            NETWORK_SECONDS.labels(call).observe(time.perf_counter() - started)
        return _counted(call, answer)

    async def _ask(self, method: str, path: str, body: object, judged: Judge) -> Answer:
        data = msgspec.json.encode(body) if body is not None else b""
        async with (
            asyncio.timeout(self._timeout_s),
            self._open().request(method, self._at(path), data=data, allow_redirects=False) as answer,
        ):
            if answer.status >= SERVER_FAULT or answer.status == TOO_MANY:
                raise _Away(f"status {answer.status}")
            read = await _whole(answer, ANSWER_BYTES_MAX)
        try:
            reply = msgspec.json.decode(read, type=Reply) if answer.status in TAKEN else None
        except (msgspec.DecodeError, ValueError, RecursionError):
            reply = None
        if reply is None:
            log.warning("network answered out of protocol", path=path, status=answer.status)
            return Answer("unknown", MALFORMED)
        return judged(reply)

    def _at(self, path: str) -> str:
        return f"{self._url}/{path}"

    def _open(self) -> aiohttp.ClientSession:
        """The session, made inside the event loop that uses it. Its own bounds are off: ours hold."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _judge_order(order: NetworkOrder) -> Judge:
    return lambda reply: judge(reply, transfer_id=order.transfer_id, nominal_rp=order.nominal_rp)


def _counted(call: str, answer: Answer) -> Answer:
    NETWORK_CALLS.labels(call, answer.reason if answer.state == "unknown" else answer.state).inc()
    return answer


async def _whole(answer: aiohttp.ClientResponse, bytes_max: int) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_chunked(CHUNK_BYTES):
        size += len(part)
        if size > bytes_max:
            raise _Away(f"more than {bytes_max} bytes")
        parts.append(part)
    return b"".join(parts)
