"""Areas, and the partners who answer for the outlets there. [D-57, D-59]"""

from collections.abc import Sequence
from datetime import datetime

from konter.channel import queries
from konter.channel.model import NewArea, NewPartner, decide_partners
from konter.channel.territory import queries as tree
from konter.channel.territory.model import decide_areas
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, PartnerId, cell_of_id, make_id, spread_cell
from konter.platform.refusal import Refusal


async def set_areas(
    connection: Connection, areas: Sequence[NewArea], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[Refusal | str]:
    """Add, rename or re-hang areas, parents first, one outcome each; what stands as given already is left alone. [D-57]

    A depot that changes its partner waits for who is just opening an outlet by it, and the other way round.
    """
    own = await ids.reserve(connection, 3 * len(areas))

    async def work() -> list[Refusal | str]:
        async with connection.transaction():
            known = await tree.lock_areas(
                connection, [each.code for each in areas] + [each.parent or "" for each in areas]
            )
            partners = [each.partner_id for each in areas if each.partner_id is not None]
            active = await queries.lock_active_partners(connection, partners) if partners else set()
            refusals = decide_areas(areas, known=known, partners_active=active)
            taken = {each.code: each for each, refusal in zip(areas, refusals, strict=True) if refusal is None}
            changed = [each for each in taken.values() if known.get(each.code) != each]
            if changed:
                await tree.upsert_areas(connection, changed)
                await write_audit(connection, own, [_area_set(each, actor, now) for each in changed])
        return [refusal or each.code for each, refusal in zip(areas, refusals, strict=True)]

    return await retried(work)


def _area_set(area: NewArea, actor: Actor, now: datetime) -> AuditRow:
    """In the story of the partner, where it is a depot; else in nobody's."""
    subject = area.partner_id or 0
    data = {"area": area.code, "level": area.level, "parent": area.parent, "name": area.name}
    return AuditRow(cell_of_id(subject), now, actor, "area.set", subject, data)


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
