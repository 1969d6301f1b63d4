"""What a worker does again and again until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from konter.platform.db import RETRIED, is_gone

TROUBLE_PAUSE_MAX_S = 5.0
log = structlog.get_logger()


async def run_rounds(name: str, work: Callable[[], Awaitable[bool]], *, stop: asyncio.Event, idle_s: float) -> None:
    """Run `work` until `stop` is set; a round in hand is finished. It says whether more waits: then the next one comes
    at once, else after `idle_s`.

    A database that is away, or neighbours that win again and again, are waited for, ever longer up to five seconds.
    Anything else is a mistake of ours and goes up.
    """
    pause_s = idle_s
    while not stop.is_set():
        more = False
        try:
            more = await work()
            pause_s = idle_s
        except Exception as error:
            if not (is_gone(error) or isinstance(error, RETRIED)):
                raise
            pause_s = max(idle_s, min(pause_s * 2, TROUBLE_PAUSE_MAX_S))
            log.warning("round put off", work=name, pause_s=pause_s, error=repr(error))
        if not more:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause_s)
