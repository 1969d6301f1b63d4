"""Areas, and the partners who answer for the outlets there. [D-57, D-59]"""

from collections.abc import Sequence
from datetime import datetime

from konter.channel import queries
from konter.channel.model import NewArea, NewPartner, decide_partners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, PartnerId, cell_of_id, make_id, spread_cell
from konter.platform.refusal import Refusal


async def set_areas(connection: Connection, areas: Sequence[NewArea]) -> None:
    """Add or rename areas, parents first. A tree of a few thousand rows, set as a whole from a file."""
    async with connection.transaction():
        await queries.upsert_areas(connection, areas)


async def open_partners(
    connection: Connection, new: Sequence[NewPartner], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[Refusal | PartnerId]:
    """Open partners, one outcome each, in order."""
    own = await ids.reserve(connection, 4 * len(new))
    partner_ids = [PartnerId(make_id(seq, spread_cell(seq))) for seq in own.take(len(new))]

    async def work() -> list[Refusal | PartnerId]:
        async with connection.transaction():
            refusals = decide_partners(
                new,
                areas=await queries.read_areas(connection, [each.area for each in new]),
                codes_taken=await queries.read_partner_codes(connection, [each.code for each in new]),
            )
            rows = [
                (partner_id, each.code, each.name, each.area)
                for each, partner_id, refusal in zip(new, partner_ids, refusals, strict=True)
                if refusal is None
            ]
            await queries.insert_partners(connection, rows, at=now)
            audit = [
                AuditRow(cell_of_id(row[0]), now, actor, "partner.opened", row[0], {"code": row[1]}) for row in rows
            ]
            await write_audit(connection, own, audit)
        return [refusal or partner_id for refusal, partner_id in zip(refusals, partner_ids, strict=True)]

    return await retried(work)
