"""Move outlets to another partner or another place. [D-57, D-59, D-64]"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from konter.channel import queries as channel
from konter.channel.model import ADDRESS_CHARS_MAX, name_refusal
from konter.channel.refusals import OUTLET_NOT_FOUND, OUTLET_TERMINATED, PARTNER_NOT_ACTIVE
from konter.channel.territory import queries
from konter.channel.territory.hold import hold_grounds
from konter.channel.territory.model import OutletMove
from konter.channel.territory.places import Grounds, position_refusal
from konter.channel.visits.queries import delete_visits
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, OutletId, cell_of_id
from konter.platform.refusal import Refusal


async def move_outlets(
    connection: Connection, moves: Sequence[OutletMove], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[Refusal | OutletId]:
    """Move outlets, one outcome each, in order; an outlet named twice ends where the last accepted move puts it.

    Under a partner who serves the place, in the zone of the place; a position is forgotten with the district it was
    in. `OUT_OF_AREA` where the partner has no depot in the district's cluster.
    """
    own = await ids.reserve(connection, 3 * len(moves))

    async def work() -> list[Refusal | OutletId]:
        async with connection.transaction():
            await lock_owners(connection, owners=[move.outlet_id for move in moves])
            known = await queries.read_places(connection, [move.outlet_id for move in moves])
            active = await channel.lock_active_partners(connection, [move.partner_id for move in moves])
            grounds = await hold_grounds(connection, [(move.partner_id, move.district) for move in moves])
            refusals = [_refusal(move, known, active, grounds) for move in moves]
            accepted = [move for move, refusal in zip(moves, refusals, strict=True) if refusal is None]
            last = {move.outlet_id: move for move in accepted}
            await queries.write_moves(connection, [(move, grounds.zones[move.district]) for move in last.values()])
            left = [key for key, move in last.items() if move.partner_id != known[key].partner_id]
            await delete_visits(connection, left)  # another partner's people came there
            audit = [_moved(move, known[move.outlet_id], actor, now) for move in last.values()]
            await write_audit(connection, own, audit)
        return [refusal or move.outlet_id for move, refusal in zip(moves, refusals, strict=True)]

    return await retried(work)


def _refusal(
    move: OutletMove, known: Mapping[int, queries.OutletPlace], active: set[int], grounds: Grounds
) -> Refusal | None:
    place = known.get(move.outlet_id)
    if place is None:
        return OUTLET_NOT_FOUND()
    if place.status == "terminated":
        return OUTLET_TERMINATED()
    if move.address:
        words = name_refusal("address", move.address, ADDRESS_CHARS_MAX)
        if words is not None:
            return words
    if move.partner_id not in active:
        return PARTNER_NOT_ACTIVE()
    return position_refusal(move.position) or grounds.refusal_for(move.partner_id, move.district)


def _moved(move: OutletMove, was: queries.OutletPlace, actor: Actor, now: datetime) -> AuditRow:
    data = {
        "partner": str(move.partner_id),
        "district": move.district,
        "partner_was": str(was.partner_id),
        "district_was": was.district,
    }
    return AuditRow(cell_of_id(move.outlet_id), now, actor, "outlet.moved", move.outlet_id, data)
