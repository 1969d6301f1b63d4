"""(d) `POST /api/v1/sales` on a real server, called by a process of its own over kept-alive connections."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from os import environ

from bench.bed import Bed, answer_of
from bench.load import Spec
from bench.model import Case, Measured, Results, ratio
from bench.people import Market
from konter.platform.config import Settings, to_environment
from konter.server import wait_until_ready

KEY = "d"
TITLE = "over HTTP, session and PIN checked on every request"
CLIENTS = (64, 256)
DATABASE = "bench"
WORKERS = 2
STOP_WITHIN_S = 30


def cases(bed: Bed) -> list[Case]:
    """64 and 256 clients."""
    return [Case(f"http/{clients}", f"HTTP, {clients} clients", partial(one_load, bed, clients)) for clients in CLIENTS]


def ratios(results: Results) -> dict[str, float]:
    """With 64 clients over the better of pgbench, and the slowest of a hundred answers."""
    p99_ms = results.median("http/64", "p99_ms")
    return {
        **ratio("http_vs_pgbench", results.median("http/64"), results.best("pgbench")),
        **({"http_p99_ms": round(p99_ms, 1)} if p99_ms is not None else {}),
    }


def one_load(bed: Bed, clients: int, *, database: str = DATABASE) -> Measured:
    """Start a server, load it for one run, stop it."""
    with served(bed.settings_for(database, port=free_port(), workers=WORKERS)) as server:
        return load(bed, server.settings, clients)


def load(bed: Bed, settings: Settings, clients: int) -> Measured:
    """One run of the client against a running server."""
    form = bed.form
    market = Market(tokens=bed.people.tokens, msisdns=bed.people.msisdns(), seed=bed.next_seed())
    spec = Spec(
        host=settings.host, port=settings.port, market=market, clients=clients, warm_s=form.warm_s, run_s=form.run_s
    )
    return bed.measured(lambda: answer_of(bed.child("bench.load", settings, spec)))


class Serving:
    """A running process of Konter and what it was started with."""

    def __init__(self, settings: Settings, process: subprocess.Popen[bytes]) -> None:
        self.settings = settings
        self.process = process


@contextmanager
def served(settings: Settings) -> Iterator[Serving]:
    """`konter serve`, ready, for the length of the block."""
    with running(settings, "serve") as process:
        wait_until_ready(settings.address)
        yield Serving(settings, process)


@contextmanager
def running(settings: Settings, command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command of Konter as a process of its own, ended gently."""
    process = subprocess.Popen(
        [sys.executable, "-m", "konter", command],
        env={**environ, **to_environment(settings)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(STOP_WITHIN_S)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
