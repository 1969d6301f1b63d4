"""Members of staff: who they are, with named roles. TOTP and four eyes stand on these rows."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.access.model import Locale, normal_username
from konter.access.names import claim_names, taken_names
from konter.access.refusals import USERNAME_TAKEN
from konter.access.staff import queries
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, StaffId, cell_of_id, make_id, spread_cell
from konter.platform.refusal import Refusal


class NewStaff(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to work in the office; `password_hash` comes from `Passwords.hash`. `area` None: the whole operator."""

    username: str
    name: str
    roles: tuple[str, ...]
    password_hash: str
    locale: Locale = "id"
    area: str | None = None


async def add_staff(
    connection: Connection, new: Sequence[NewStaff], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[Refusal | StaffId]:
    """Add members of staff, one outcome each, in order; a user name that somebody has is refused."""
    own = await ids.reserve(connection, 4 * len(new))

    async def work() -> list[Refusal | StaffId]:
        async with connection.transaction():
            taken = await taken_names(connection, [normal_username(each.username) for each in new])
            outcomes: list[Refusal | StaffId] = []
            added: list[queries.Staff] = []
            for each, seq in zip(new, seqs, strict=True):
                name = normal_username(each.username)
                if name in taken:
                    outcomes.append(USERNAME_TAKEN(username=name))
                    continue
                taken.add(name)
                added.append(_row(each, StaffId(make_id(seq, spread_cell(seq))), name))
                outcomes.append(StaffId(added[-1].id))
            await _write(connection, added, actor=actor, now=now, ids=own)
        return outcomes

    seqs = list(own.take(len(new)))
    return await retried(work)


def _row(new: NewStaff, staff_id: StaffId, name: str) -> queries.Staff:
    return queries.Staff(
        id=staff_id,
        username=name,
        name=new.name,
        roles=new.roles,
        area=new.area,
        locale=new.locale,
        status="active",
        password_hash=new.password_hash,
        password_failures=0,
        locked_until=None,
    )


async def _write(
    connection: Connection, added: Sequence[queries.Staff], *, actor: Actor, now: datetime, ids: IdBlocks
) -> None:
    await claim_names(connection, [(each.username, "staff", each.id, None) for each in added])
    await queries.insert_staff(connection, added, at=now)
    rows = [
        AuditRow(cell_of_id(each.id), now, actor, "staff.added", each.id, {"roles": list(each.roles)}) for each in added
    ]
    await write_audit(connection, ids, rows)
