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
log = structlog.get_logger()


def end_with_supervisor() -> None:
    """As `end_with_parent`, for a process that a supervisor started; one that a person or an init started stays."""
    if os.environ.get(SUPERVISOR) == str(os.getppid()):
        end_with_parent()


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
