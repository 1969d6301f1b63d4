"""Konter as it really runs: PostgreSQL, server, worker and network as processes that are started again when they die."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiohttp
import msgspec
import psutil
from tests.crashes.plan import Blow

from konter.platform.config import Settings, load_settings, to_environment, with_local_secrets
from konter.platform.embedded import EmbeddedError, EmbeddedServer
from konter.platform.parent import SUPERVISOR
from konter.server import free_port

HOST = "127.0.0.1"
LOOK_EVERY_S = 0.05
ALIVE_WITHIN_S = 60
STOP_WITHIN_S = 15
COMMANDS = ("serve", "worker", "network")
T = TypeVar("T")


class Site:
    """The processes. `settings` may change between starts: what runs is told by `restart_all`."""

    def __init__(self, settings: Settings, database: EmbeddedServer) -> None:
        self.settings, self.database = settings, database
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.starts: Counter[str] = Counter()
        self.stopping = False
        self._pausing: set[asyncio.Task[None]] = set()

    @property
    def commands(self) -> tuple[str, ...]:
        return COMMANDS if self.settings.network_url else COMMANDS[:2]

    def start(self, command: str) -> None:
        """Start one; what it says is kept beside the data."""
        environment = {**os.environ, **to_environment(self.settings), SUPERVISOR: str(os.getpid())}
        with (self.settings.data / f"{command}.log").open("ab") as log:
            self.running[command] = subprocess.Popen(
                [sys.executable, "-m", "konter", command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts[command] += 1

    async def watch(self) -> None:
        """Start again at once whatever has died, the database first."""
        while not self.stopping:
            if self.database.pid is None:
                self.starts["postgres"] += 1
                with contextlib.suppress(EmbeddedError):
                    await asyncio.to_thread(self.database.revive)
            for command in self.commands:
                process = self.running.get(command)
                if process is None or process.poll() is not None:
                    self.start(command)
            await asyncio.sleep(LOOK_EVERY_S)

    async def ready(self) -> None:
        """Wait until nothing is paused any more and everything answers."""
        await asyncio.gather(*self._pausing)
        async with aiohttp.ClientSession() as client:
            for url in (self.settings.address, self.settings.network_url):
                if url:
                    await until(partial(_answers, client, f"{url}/readyz"), within_s=ALIVE_WITHIN_S)

    async def processes(self, kind: str) -> list[psutil.Process]:
        """What a blow of that kind may hit, once it lives."""

        async def found() -> list[psutil.Process]:
            return self._alive(kind)

        return await until(found, within_s=ALIVE_WITHIN_S)

    def _alive(self, kind: str) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            match kind:
                case "server" | "server child":
                    parent = self._process("serve")
                    children = sorted((c for c in parent.children() if _is_server(c)), key=lambda c: c.pid)
                    return children if kind == "server child" else [parent] if children else []
                case "worker" | "network":
                    process = self._process(kind)
                    return [process] if process.cpu_times().user > 0 else []
                case "backend":
                    return sorted((c for c in self._postmaster().children() if _is_ours(c)), key=lambda c: c.pid)
                case "postgres":
                    return [self._postmaster()]
        return []

    def _process(self, command: str) -> psutil.Process:
        process = self.running[command]
        if process.poll() is not None:
            raise psutil.NoSuchProcess(process.pid)
        return psutil.Process(process.pid)

    def _postmaster(self) -> psutil.Process:
        if (pid := self.database.pid) is None:
            raise psutil.NoSuchProcess(0)
        return psutil.Process(pid)

    async def strike(self, blow: Blow) -> None:
        """Once what it is meant for lives."""
        await asyncio.sleep(blow.wait_ms / 1000)
        match blow.kind:
            case "faults":
                await self.misbehave(blow.faults)
            case "all":
                for command in self.commands:
                    (await self.processes("server" if command == "serve" else command))[0].kill()
            case "cut":
                _pick(await self.processes("backend"), blow).terminate()
            case "pause":
                pausing = asyncio.create_task(_pause(_pick(await self.processes(blow.target), blow), blow.pause_ms))
                self._pausing.add(pausing)
                pausing.add_done_callback(self._pausing.discard)
            case _:
                _kill(_pick(await self.processes(blow.kind), blow))

    async def misbehave(self, faults: dict[str, int]) -> None:
        """Tell the network what goes wrong from now on; one that is away hears it when it is back."""
        headers = {"Authorization": f"Bearer {self.settings.network_token}"}

        async def told() -> bool:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with client.put(f"{self.settings.network_url}/faults", json=faults) as answer:
                    return answer.status == 200
            return False

        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3), headers=headers) as client:
            await until(told, within_s=ALIVE_WITHIN_S)

    async def restart_all(self, settings: Settings) -> None:
        """Kill everything that is Konter's and run it with other settings."""
        self.settings = settings
        for process in self.running.values():
            process.kill()
        await self.ready()

    def stop(self) -> None:
        """End all, gently first."""
        self.stopping = True
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@asynccontextmanager
async def running(settings: Settings, database: EmbeddedServer) -> AsyncIterator[Site]:
    """Everything up, and looked after until the block ends."""
    site = Site(settings, database)
    watching = asyncio.create_task(site.watch())
    try:
        await site.ready()
        yield site
    finally:
        site.stop()
        await watching


@contextmanager
def a_folder() -> Iterator[Path]:
    """An empty folder that is removed afterwards, open to whoever PostgreSQL runs as when this is root's."""
    with tempfile.TemporaryDirectory(prefix="crashes-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def settings_in(folder: Path, url: str, *, groups: int) -> Settings:
    """Two server processes, and cells in groups, so that sales between them take two steps."""
    given = {
        "data": folder,
        "mode": "test",
        "database_url": url,
        "port": free_port(HOST),
        "workers": 2,
        "cell_groups": groups,
        "pool_size": 4,
        "log_level": "warning",
    }
    return with_local_secrets(load_settings(folder / "none.env", **given))


def over_a_network(settings: Settings) -> Settings:
    """The same, with every sale over the simulated network."""
    port = free_port(HOST)
    return msgspec.structs.replace(
        settings, network_url=f"http://{HOST}:{port}", network_port=port, network_token="crashes", network_timeout_s=1.0
    )


async def until(asked: Callable[[], Awaitable[T]], *, within_s: float) -> T:
    """Ask until the answer is yes. Raises TimeoutError."""
    deadline = time.monotonic() + within_s
    while not (answer := await asked()):
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(LOOK_EVERY_S)
    return answer


async def _answers(client: aiohttp.ClientSession, url: str) -> bool:
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with client.get(url, timeout=aiohttp.ClientTimeout(total=3)) as answer:
            return answer.status == 200
    return False


def _is_server(process: psutil.Process) -> bool:
    """A child that serves, not a resource tracker of multiprocessing."""
    return "resource_tracker" not in " ".join(process.cmdline())


def _is_ours(process: psutil.Process) -> bool:
    return "postgres: konter konter" in " ".join(process.cmdline())


def _pick(processes: list[psutil.Process], blow: Blow) -> psutil.Process:
    return processes[blow.pick % len(processes)]


async def _pause(process: psutil.Process, pause_ms: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.suspend()
        await asyncio.sleep(pause_ms / 1000)
        process.resume()


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
