"""Forget what was never sent, and of rejected applications what names a person. [D-55]"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from konter.access.proofs.end import sweep_proofs
from konter.channel.onboarding import queries
from konter.channel.onboarding.photo.queries import delete_photos
from konter.platform.audit import SYSTEM, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.rules.model import Rules

BATCH = 500


async def lapse_applications(connection: Connection, *, now: datetime, ids: IdBlocks, rules: Rules) -> int:
    """End and empty drafts that nobody touched for `onboarding.draft_days`, erase rejected ones after
    `onboarding.rejected_keep_days`, and delete old proofs; returns how many applications. Run it daily.
    """
    drafts_before = now - timedelta(days=rules.onboarding.draft_days)
    rejected_before = now - timedelta(days=rules.onboarding.rejected_keep_days)
    count = 0
    while lapsed := await _lapse(connection, drafts_before, now, ids):
        count += lapsed
    while erased := await _erase(connection, rejected_before, now, ids):
        count += erased
    await sweep_proofs(connection, now=now)
    return count


async def _lapse(connection: Connection, before: datetime, now: datetime, ids: IdBlocks) -> int:
    own = await ids.reserve(connection, BATCH)
    async with connection.transaction():
        ended = await queries.lapse_drafts(connection, before=before, at=now, limit=BATCH)
        await queries.delete_numbers(connection, [number for each in ended for number in each.numbers])
        await delete_photos(connection, [each.id for each in ended])
        await _audit(connection, "application.lapsed", ended, now, own)
    return len(ended)


async def _erase(connection: Connection, before: datetime, now: datetime, ids: IdBlocks) -> int:
    own = await ids.reserve(connection, BATCH)
    async with connection.transaction():
        erased = await queries.erase_rejected(connection, before=before, at=now, limit=BATCH)
        await delete_photos(connection, [each.id for each in erased])
        await _audit(connection, "application.erased", erased, now, own)
    return len(erased)


async def _audit(
    connection: Connection, action: str, ended: Sequence[queries.Ended], now: datetime, ids: IdBlocks
) -> None:
    rows = [AuditRow(each.cell, now, SYSTEM, action, each.id, {}) for each in ended]
    await write_audit(connection, ids, rows)
