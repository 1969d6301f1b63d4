"""A real PostgreSQL for every test: the embedded one, started once, its migrated template cloned per worker."""

import asyncio
import gc
import hashlib
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from konter.ledger.books import check_books
from konter.platform.clock import FrozenClock
from konter.platform.db import Pool, open_pool
from konter.platform.embedded import EmbeddedServer, start_embedded
from konter.platform.ids import IdBlocks
from konter.platform.migrate import migrate, migrations_dir
from konter.platform.secrets import Keys

ROOT = Path(__file__).parent.parent
NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)  # 12:00 WIB
LAST_MOMENT = timedelta(days=3650)
DROP_TRIES = 50
TESTS_A_CLONE = 100
TEMPLATE_LOCK = 0x7465737473
MEMORY = Path("/dev/shm")
MEMORY_FREE_MIN = 4 << 30
_numbers = itertools.count(1)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: without it each collection of garbage walks through all of it, a tenth of the run."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One server for all workers; it is counted, and stops with the last of them."""
    with start_embedded(_folder(), test=True) as running:
        yield running


def _folder() -> Path:
    """In memory, where there is enough: hundreds of tests each copy and drop a thousand files, and half of the whole
    run was ext4 looking for an inode that nobody had just let go. Otherwise in the project's own folder.
    """
    if not os.path.ismount(MEMORY) or shutil.disk_usage(MEMORY).free < MEMORY_FREE_MIN:
        return ROOT / ".konter" / "tests"
    for note in MEMORY.glob("konter-tests-*/checkout"):
        if not Path(note.read_text("utf-8")).exists():  # memory is given back when a checkout is gone
            shutil.rmtree(note.parent, ignore_errors=True)
    folder = MEMORY / f"konter-tests-{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]}"
    folder.mkdir(mode=0o711, exist_ok=True)  # the server's user passes through
    assert folder.stat().st_uid == os.geteuid(), f"{folder} belongs to somebody else; remove it"
    (folder / "checkout").write_text(str(ROOT), "utf-8")
    return folder


def _template_name() -> str:
    digest = hashlib.sha256()
    for file in sorted(migrations_dir().glob("*.sql")):
        digest.update(file.read_bytes())
    return f"template_{digest.hexdigest()[:16]}"


async def _make_template(server: EmbeddedServer) -> str:
    """The migrated database that the others are copied from, made once per state of the migrations."""
    name = _template_name()
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", TEMPLATE_LOCK)
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}_draft"')
            await connection.execute(f'CREATE DATABASE "{name}_draft"')
            await migrate(server.url_of(f"{name}_draft"))
            await connection.execute(f'ALTER DATABASE "{name}_draft" RENAME TO "{name}"')
    finally:
        await connection.close()
    return name


async def clone(server: EmbeddedServer, template: str, name: str) -> None:
    """Another database like the template, in place of any of that name."""
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        # Where nothing waits for the disk, copying files is four times as fast as logging every page of them.
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    finally:
        await connection.close()


async def drop(server: EmbeddedServer, name: str) -> None:
    """Drop a database, whoever is still in it."""
    connection = await asyncpg.connect(server.url)
    try:
        for _ in range(DROP_TRIES):
            try:
                await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            except asyncpg.InsufficientPrivilegeError:  # an autovacuum worker is in it; it belongs to the superuser
                await asyncio.sleep(0.2)
            else:
                return
        raise AssertionError(f"{name} could not be dropped")
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def template(server: EmbeddedServer) -> str:
    """Name of the migrated template database."""
    return asyncio.run(_make_template(server))


@pytest.fixture(scope="session")
def shared(server: EmbeddedServer, template: str) -> Iterator[Callable[[], str]]:
    """The address of this worker's own clone, shared by some of its tests one after the other. The books of all of it
    are proven after each, so a clone that grew with every test would take longer and longer: a third of the run.
    """
    name = f"worker_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    uses = itertools.count()

    def address() -> str:
        if next(uses) % TESTS_A_CLONE == 0:
            asyncio.run(clone(server, template, name))
        return server.url_of(name)

    yield address
    asyncio.run(drop(server, name))


@pytest.fixture
def worker_dsn(shared: Callable[[], str]) -> str:
    """A clone that others have used; commands commit, so a test makes fresh owners."""
    return shared()


@pytest.fixture
async def db(worker_dsn: str) -> AsyncIterator[Pool]:
    """A pool on this worker's database. The books are proven after every test that uses it."""
    async with await open_pool(worker_dsn, size=6) as pool:
        yield pool
        await prove_books(pool)


@pytest.fixture
def own_dsn(server: EmbeddedServer, template: str) -> Iterator[str]:
    """A database that no other test sees, for its own clock, its own rules, or counting all rows."""
    name = f"own_{os.getpid()}_{next(_numbers)}"
    asyncio.run(clone(server, template, name))
    yield server.url_of(name)
    asyncio.run(drop(server, name))


@pytest.fixture
async def own_db(own_dsn: str) -> AsyncIterator[Pool]:
    """A pool on a database of the test's own; its books are proven afterwards too."""
    async with await open_pool(own_dsn, size=6) as pool:
        yield pool
        await prove_books(pool)


async def prove_books(pool: Pool) -> None:
    """Fail with what broke and where. Deadlines are looked at from the far past: tests leave transfers pending."""
    async with pool.acquire() as connection:
        report = await check_books(connection, now=NOON - LAST_MOMENT)
    assert report.balanced, report.breaks


@pytest.fixture
def ids() -> IdBlocks:
    """Sequence numbers for one event loop."""
    return IdBlocks()


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Keys that are the same in every run."""
    return Keys(pepper="5a" * 32, seal_keys="8J6v7y0Vt8Yv4X3nJp2wq1uJ2y3s4t5u6v7w8x9y0zA=")


@pytest.fixture
def clock() -> FrozenClock:
    """21 November 2026, noon in Jakarta."""
    return FrozenClock(NOON)
