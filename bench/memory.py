"""(f) What server and worker keep in memory, at rest and while 64 clients sell and the worker sends the texts."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil  # type: ignore[import-untyped]

from bench.bed import Bed
from bench.model import RATE, Case, Measured, Results
from bench.over_http import WORKERS, free_port, load, running, served

KEY = "f"
TITLE = "memory of server and worker"
CLIENTS = 64
DATABASE = "bench_memory"
AT_REST_AFTER_S = 2
LOOK_EVERY_S = 0.2
MB = 1 << 20


def cases(bed: Bed) -> list[Case]:
    """One server and one worker on a fresh copy."""
    return [
        Case("memory", f"server with {WORKERS} processes, worker, HTTP with {CLIENTS} clients", lambda: _memory(bed))
    ]


def ratios(results: Results) -> dict[str, float]:
    """All processes together, at rest."""
    rest_mb = results.median("memory", "rest_mb")
    return {"rest_mb": round(rest_mb)} if rest_mb is not None else {}


def _memory(bed: Bed) -> Measured:
    bed.copy(DATABASE)
    settings = bed.settings_for(DATABASE, port=free_port(), workers=WORKERS)
    with served(settings) as server, running(settings, "worker") as worker:
        time.sleep(AT_REST_AFTER_S)
        rest = {"server": memory_mb(server.process.pid), "worker": memory_mb(worker.pid)}
        with watching(server.process.pid) as server_peak, watching(worker.pid) as worker_peak:
            measured = load(bed, settings, CLIENTS)
    return {
        "rest_mb": sum(rest.values()),
        "server_rest_mb": rest["server"],
        "worker_rest_mb": rest["worker"],
        "server_load_mb": server_peak.mb,
        "worker_load_mb": worker_peak.mb,
        RATE: measured[RATE],
        "others_cores": measured["others_cores"],
    }


def memory_mb(pid: int) -> float:
    """A process and its children: the proportional set size, in which what processes share counts once."""
    first = psutil.Process(pid)
    total = 0
    for process in (first, *first.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / MB


class Peak:
    """The most that was seen."""

    mb = 0.0


@contextmanager
def watching(pid: int) -> Iterator[Peak]:
    """Look at a process again and again for the length of the block."""
    peak, stop = Peak(), threading.Event()

    def look() -> None:
        while not stop.wait(LOOK_EVERY_S):
            peak.mb = max(peak.mb, memory_mb(pid))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield peak
    finally:
        stop.set()
        looking.join()
