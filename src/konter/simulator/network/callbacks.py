"""What the simulated network tells Konter of its own accord, a few times until it is heard."""

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

import aiohttp
import msgspec
import structlog

from konter.simulator.network.model import Transfer

PATH = "/api/v1/network/answers"
RESTS_S = (0.0, 1.0, 4.0)
TIMEOUT_S = 5.0
AT_ONCE = 16
WAITING_MAX = 10_000
OK = 200
REDIRECT = 300
log = structlog.get_logger()


class Callbacks:
    """Calls Konter back. What is still unheard when the process ends is not said again: Konter asks by itself."""

    def __init__(self, base_url: str, token: str) -> None:
        self._url = base_url + PATH
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))

    async def close(self) -> None:
        """Say no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something besides answering, until `close`."""
        if len(self._tasks) >= WAITING_MAX:
            work.close()
            log.warning("too much waits to be called back")
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def tell(self, transfer: Transfer) -> None:
        """Say what became of a transfer, in the background."""
        self.spawn(self._tell(transfer.on_the_wire()))

    def tell_of_stranger(self, like: Transfer) -> None:
        """Say that something was done which nobody ordered."""
        stranger = random.getrandbits(62) | 1 << 61  # far from any id that Konter made
        self.spawn(self._tell({**like.on_the_wire(), "transfer_id": str(stranger), "state": "done"}))

    async def _tell(self, body: dict[str, Any]) -> None:
        for rest_s in RESTS_S:
            await asyncio.sleep(rest_s)
            async with self._at_once:
                if await self._heard(msgspec.json.encode(body)):
                    return
        log.info("callback not heard", transfer=body["transfer_id"])

    async def _heard(self, body: bytes) -> bool:
        try:
            async with self._session.post(self._url, data=body, headers=self._headers) as answer:
                return OK <= answer.status < REDIRECT
        except (aiohttp.ClientError, TimeoutError):
            return False
