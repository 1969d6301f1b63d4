"""Who members of staff are, for lists that name them; and a note of what they took away as a file."""

from collections.abc import Sequence
from datetime import datetime

from konter.access.staff import queries
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, cell_of_id


async def staff_names(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Names by id; an id that nobody has is missing."""
    return await queries.read_staff_names(connection, sorted(set(ids))) if ids else {}


async def note_export(
    connection: Connection, what: str, rows: int, *, actor: Actor, now: datetime, ids: IdBlocks
) -> None:
    """A list went out of the house as a file: who took it, which, and how long it was. [D-81]"""
    own = await ids.reserve(connection, 1)
    row = AuditRow(cell_of_id(actor.id), now, actor, "export", actor.id, {"what": what, "rows": rows})
    await write_audit(connection, own, [row])
