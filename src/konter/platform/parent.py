"""A server's worker must not outlive the process that started it: it would hold the port against its own successor."""

import os
import signal
import threading
import time
from typing import NoReturn

import structlog

LOOK_EVERY_S = 0.5
LEAVE_WITHIN_S = 10.0
log = structlog.get_logger()


def end_with_parent() -> None:
    """From now on end this process, gently first, once its parent is gone. A parent that was killed cannot say so."""
    threading.Thread(target=_watch, args=(os.getppid(),), name="parent", daemon=True).start()


def _watch(parent: int) -> NoReturn:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    log.warning("parent process gone, ending")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LEAVE_WITHIN_S)
    os._exit(1)
