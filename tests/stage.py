"""Fixtures of the cast for the folders that use it: `from tests.stage import passwords, stage`."""

from collections.abc import Iterator

import pytest
from tests.access.people import Stage

from konter.access.passwords import Passwords
from konter.platform.clock import FrozenClock
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks
from konter.platform.secrets import Keys


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    """The real hasher, shared, as making one hashes."""
    made = Passwords()
    yield made
    made.close()


@pytest.fixture
async def stage(db: Pool, ids: IdBlocks, keys: Keys, clock: FrozenClock, passwords: Passwords) -> Stage:
    """The cast on this worker's database."""
    return await Stage(db, ids, keys, clock, passwords).set()
