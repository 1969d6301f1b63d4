"""The audit: who did what, in the transaction of the change, never changed again."""

import asyncpg
import pytest
from tests.conftest import NOON

from konter.platform.audit import SYSTEM, Actor, AuditRow, write_audit
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks, cell_of_id, make_id

SITI = Actor("outlet_user", 123, session_id=9, address="203.0.113.9", agent="Android 4.4")


async def write(db: Pool, ids: IdBlocks, *rows: AuditRow) -> None:
    async with db.acquire() as connection:
        await ids.ensure(connection, len(rows))
        await write_audit(connection, ids, rows)


async def fresh(db: Pool, ids: IdBlocks) -> int:
    async with db.acquire() as connection:
        await ids.ensure(connection, 1)
    return make_id(next(ids.take(1)), 7)


@pytest.mark.requirement("D-81")
async def test_it_works(db: Pool, ids: IdBlocks) -> None:
    subject = await fresh(db, ids)
    await write(db, ids, AuditRow(7, NOON, SITI, "sell", subject, {"product": "PULSA50"}))
    row = await db.fetchrow("SELECT * FROM audit WHERE subject_id = $1", subject)
    assert (row["actor"], row["action"], row["at"], cell_of_id(row["id"])) == ("outlet_user:123", "sell", NOON, 7)
    by = {"session": 9, "address": "203.0.113.9", "agent": "Android 4.4"}
    assert row["data"] == {"product": "PULSA50", "by": by}


async def test_many_rows_and_none(db: Pool, ids: IdBlocks) -> None:
    subject = await fresh(db, ids)
    await write(db, ids)
    await write(db, ids, *[AuditRow(n, NOON, SYSTEM, "x", subject, {"n": n}) for n in range(50)])
    rows = await db.fetch("SELECT cell, data FROM audit WHERE subject_id = $1", subject)
    assert {row["cell"]: row["data"]["n"] for row in rows} == {n: n for n in range(50)}


async def test_it_goes_when_the_change_goes(db: Pool, ids: IdBlocks) -> None:
    subject = await fresh(db, ids)
    async with db.acquire() as connection:
        await ids.ensure(connection, 1)
        transaction = connection.transaction()
        await transaction.start()
        await write_audit(connection, ids, [AuditRow(7, NOON, SYSTEM, "x", subject, {})])
        await transaction.rollback()
    assert await db.fetchval("SELECT count(*) FROM audit WHERE subject_id = $1", subject) == 0


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_nobody_changes_it(db: Pool, change: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute(change)


def test_a_device_name_is_cut() -> None:
    assert len(Actor("outlet_user", 1, agent="x" * 10_000).trace()["agent"]) == 200
