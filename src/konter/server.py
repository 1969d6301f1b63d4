"""Processes: a server with its workers, and the demo's supervisor that keeps a server and a worker running."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import structlog

from konter.platform.config import Settings, to_environment
from konter.platform.embedded import EmbeddedError
from konter.platform.parent import SERVER, SUPERVISOR

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 15.0
LEAVE_WITHIN_S = 5.0
LOOK_EVERY_S = 0.2
RESTART_AFTER_S = 1.0
REQUEST_BACKLOG = 2048
log = structlog.get_logger()


class PortTakenError(OSError):
    """Another program listens on the port."""


class NotReadyError(RuntimeError):
    """The server did not come up in time."""


def serve(settings: Settings) -> None:
    """Run the HTTP server until it is told to stop. `settings.database_url` must be given."""
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    wait_for_port(settings)
    os.environ.update({**to_environment(settings), SERVER: str(os.getpid())})
    Server(
        "konter.asgi:from_environment",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=settings.workers,
        backlog=REQUEST_BACKLOG,
        log_enabled=True,
        log_level=LogLevels.warning,
        websockets=False,
        respawn_failed_workers=True,
    ).serve()


def require_free_port(settings: Settings) -> None:
    """Say plainly that the port is taken, before anything is built."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortTakenError(settings.port) from error


def wait_for_port(settings: Settings) -> None:
    """As `require_free_port`, but give a predecessor that is on its way out a few seconds to leave."""
    deadline = time.monotonic() + LEAVE_WITHIN_S
    while time.monotonic() < deadline:
        with suppress(PortTakenError):
            require_free_port(settings)
            return
        time.sleep(LOOK_EVERY_S)
    require_free_port(settings)


def free_port(host: str) -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


class Children:
    """Child processes that are started again when they end by themselves, until `stop`."""

    def __init__(self, settings: Settings, commands: Sequence[str]) -> None:
        self._environment = {**os.environ, **to_environment(settings), SUPERVISOR: str(os.getpid())}
        self._commands = list(commands)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()
        self._starting = threading.Lock()  # nothing is started once `stop` has begun

    def start(self) -> None:
        """Start all."""
        for command in self._commands:
            self._start(command)

    def _start(self, command: str) -> None:
        with self._starting:
            if self._stopping.is_set():
                return
            self._running[command] = subprocess.Popen(  # noqa: S603 - this very program
                [sys.executable, "-m", "konter", command],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C reaches this process alone, which then stops them in order
            )

    def watch(self, heal: Callable[[], object]) -> None:
        """Until told to stop, start again whatever ended; `heal` looks after what they all need, the database."""
        while not self._stopping.wait(LOOK_EVERY_S):
            try:
                heal()
            except EmbeddedError as error:
                log.error("database cannot be started again yet", error=str(error))  # noqa: TRY400 - its text says all
            for command, process in list(self._running.items()):
                if process.poll() is not None and not self._stopping.is_set():
                    log.warning("process ended, starting it again", command=command, exit_code=process.returncode)
                    self._stopping.wait(RESTART_AFTER_S)
                    self._start(command)

    def request_stop(self, *_: object) -> None:
        """Have `watch` return; fit for a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        """End all, gently first, each within 15 s, the last one started first: nobody asks a network that has gone."""
        with self._starting:
            self._stopping.set()
        for process in reversed(self._running.values()):
            process.terminate()
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def supervised(settings: Settings, commands: Sequence[str]) -> Iterator[Children]:
    """Children that run for the length of the block; SIGTERM and SIGINT end `watch`."""
    children = Children(settings, commands)
    before = {number: signal.signal(number, children.request_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    children.start()
    try:
        yield children
    finally:
        children.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_until_ready(base_url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
    """Wait for /readyz to answer. Raises NotReadyError after a minute."""
    deadline = clock() + READY_WITHIN_S
    while clock() < deadline:
        try:
            with urllib.request.urlopen(f"{base_url}/readyz", timeout=2) as answer:  # noqa: S310 - our own address
                if answer.status == 200:  # noqa: PLR2004 - OK
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(LOOK_EVERY_S)
    raise NotReadyError(base_url)
