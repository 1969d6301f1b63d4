"""A process that was started by another of ours must not outlive it: it would hold the port against its successor."""

import os
import signal
import threading
import time
from typing import NoReturn

import structlog

LOOK_EVERY_S = 0.5
LEAVE_WITHIN_S = 10.0
SUPERVISOR = "SUPERVISED_BY"  # in the environment: the process that started this one and keeps it running
SERVER = "SERVED_BY"  # in the environment: the server's first process, whose workers answer requests
log = structlog.get_logger()


def end_with(variable: str) -> None:
    """From now on end this process, gently first, once the parent that the environment names is gone.

    A parent that was killed cannot say so, and may be gone before this is asked. One that a person or an init started
    is named nowhere and stays.
    """
    if (parent := os.environ.get(variable)) is not None:
        threading.Thread(target=_watch, args=(int(parent),), name="parent", daemon=True).start()


def _watch(parent: int) -> NoReturn:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    log.warning("parent process gone, ending")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LEAVE_WITHIN_S)
    os._exit(1)
