"""Photos are re-encoded one at a time beside the event loop, with a bounded queue before that."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from konter.channel.onboarding.photo.image import re_encode
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal

AT_ONCE = 1
WAITING_MAX = 15
RETRY_AFTER_S = 5


class Photos:
    """Pillow in a thread, which gives the interpreter's lock away while it works. One per process.

    A photo takes about a second on a busy machine, so that a full queue takes some sixteen.
    """

    def __init__(self, *, at_once: int = AT_ONCE, waiting_max: int = WAITING_MAX) -> None:
        self._threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="photo")
        self._places_left = at_once + waiting_max

    async def re_encode(self, raw: bytes, *, bytes_max: int) -> Refusal | bytes:
        """See `image.re_encode`; TOO_MANY_REQUESTS when the queue is full. Hold no connection while waiting for it."""
        if self._places_left <= 0:
            return TOO_MANY_REQUESTS(retry_after_s=RETRY_AFTER_S)
        self._places_left -= 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, lambda: re_encode(raw, bytes_max=bytes_max))
        finally:
            self._places_left += 1

    def close(self) -> None:
        """Let the thread end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
