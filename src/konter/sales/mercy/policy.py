"""How long an outlet may take its sales back. Off unless staff say otherwise."""

from datetime import datetime

from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId, cell_of_id
from konter.platform.refusal import Refusal
from konter.sales.mercy import queries
from konter.sales.mercy.model import HOLD_MAX_S


async def set_hold(
    connection: Connection, outlet_id: OutletId, hold_s: int, *, reason: str, actor: Actor, now: datetime, ids: IdBlocks
) -> int | Refusal:
    """Hold the outlet's sales back for so many seconds, 0 to 600, from the next one on; those that are held now keep
    their moment. Returns the seconds.
    """
    assert 0 <= hold_s <= HOLD_MAX_S
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        if not await queries.lock_outlet(connection, outlet_id=outlet_id):
            return OUTLET_NOT_FOUND()
        was = await queries.read_hold(connection, outlet_id=outlet_id)
        if was is None:
            return OUTLET_NOT_FOUND()
        if was != hold_s:
            await queries.write_hold(connection, outlet_id=outlet_id, hold_s=hold_s)
            data = {"was": was, "now": hold_s, "reason": reason}
            await write_audit(
                connection, own, [AuditRow(cell_of_id(outlet_id), now, actor, "outlet.hold", outlet_id, data)]
            )
    return hold_s
