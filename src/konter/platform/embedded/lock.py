"""File locks. The kernel drops them when a process dies, however it dies, so none is ever stale."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from konter.platform.embedded.run import EmbeddedError

WAIT_S_MAX = 600
POLL_S = 0.05


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock for a block; the wait is long enough for another process's first start on a slow disk."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        give_up_at = time.monotonic() + WAIT_S_MAX
        while not try_lock(handle, fcntl.LOCK_EX):
            if time.monotonic() > give_up_at:
                raise EmbeddedError(f"Another process has held {path} for {WAIT_S_MAX} s; is it stuck?")
            time.sleep(POLL_S)
        yield
    finally:
        os.close(handle)


@contextmanager
def only_one(path: Path) -> Iterator[bool]:
    """Hold the lock for a block without waiting; False when another process has it, and then nothing is held."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield try_lock(handle, fcntl.LOCK_EX)
    finally:
        os.close(handle)


def share(path: Path) -> int:
    """Count this process in: a shared lock for as long as the returned handle is open."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def is_last(handle: int) -> bool:
    """Whether nobody else is counted in. Ask under the exclusive lock, as newcomers count themselves in under it."""
    return try_lock(handle, fcntl.LOCK_EX)


def try_lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
