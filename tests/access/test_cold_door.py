"""The first moment of a process: a crowd that comes before anything was read takes one connection, not all of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from konter.app import App
from konter.furnish import furnish
from konter.platform.clock import FrozenClock
from konter.platform.config import load_settings, with_local_secrets
from konter.platform.db import Connection, Pool
from konter.platform.ids import IdBlocks

CROWD = 500


@pytest.mark.requirement("G-D03")
async def test_a_crowd_before_anything_was_read(
    own_db: Pool, ids: IdBlocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FrozenClock(datetime(2026, 11, 29, tzinfo=UTC))
    async with own_db.acquire() as connection:
        await furnish(connection, now=clock.at - timedelta(days=1), ids=ids)
    settings = with_local_secrets(load_settings(data=tmp_path, mode="test", log_level="error", database_url=""))
    app = App(settings, own_db, clock)
    given, held = app.connection, 0

    @asynccontextmanager
    async def counted() -> AsyncIterator[Connection]:
        nonlocal held
        held += 1
        async with given() as connection:
            yield connection

    monkeypatch.setattr(app, "connection", counted)
    rules = await asyncio.gather(*[app.rules_at_hand(clock.at) for _ in range(CROWD)])
    assert (held, len({each.label for each in rules})) == (1, 1)
    app.references.forget()  # as a batch does that reads of newer rules
    await asyncio.gather(*[app.rules_at_hand(clock.at) for _ in range(CROWD)])
    assert held == 1
