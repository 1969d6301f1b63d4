"""Load Indonesia's regions: new ones come, renamed ones change, none goes. [D-57, D-59, D-64]"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.channel.geography import queries
from konter.channel.geography.model import Region, changes
from konter.channel.geography.source import shipped_regions
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks

HOUSE_CELL = 0  # of what is nobody's: an installation's own data


class LoadedRegions(msgspec.Struct, frozen=True, kw_only=True):
    """What a load did; both 0 when everything stood already."""

    added: int
    changed: int
    total: int


async def load_regions(
    connection: Connection,
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    regions: Sequence[Region] | None = None,
) -> LoadedRegions:
    """Bring the regions to what is given, else to what ships; again changes nothing. One audit row, if anything did."""
    given = regions if regions is not None else await asyncio.to_thread(shipped_regions)
    own = await ids.reserve(connection, 3)

    async def work() -> LoadedRegions:
        async with connection.transaction():
            known = await queries.read_all(connection)
            new, changed = changes(given, known)
            if new or changed:
                await queries.upsert_regions(connection, [*new, *changed])
                data = {"added": len(new), "changed": len(changed)}
                await write_audit(connection, own, [AuditRow(HOUSE_CELL, now, actor, "regions.loaded", 0, data)])
        return LoadedRegions(added=len(new), changed=len(changed), total=len(known) + len(new))

    return await retried(work)


async def ensure_regions(connection: Connection, *, actor: Actor, now: datetime, ids: IdBlocks) -> bool:
    """Load what ships where nothing was ever loaded; tells whether it did. An operator's own load is left alone."""
    if await queries.has_regions(connection):
        return False
    await load_regions(connection, actor=actor, now=now, ids=ids)
    return True
