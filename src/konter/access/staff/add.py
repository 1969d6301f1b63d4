"""Members of staff: who they are, with named roles. TOTP and four eyes stand on these rows."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.access.model import Locale, normal_username
from konter.access.names import claim_names, taken_names
from konter.access.refusals import UNKNOWN_ROLE, UNKNOWN_STAFF_AREA, USERNAME_TAKEN
from konter.access.staff import queries
from konter.access.staff.roles import ROLES
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, StaffId, cell_of_id, make_id, spread_cell
from konter.platform.refusal import Refusal


class NewStaff(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to work in the office; `password_hash` comes from `Passwords.hash`. `area` None: the whole operator.

    A password that lapses was given by somebody else, and must be changed. Without `totp_required` the password alone
    opens the office, for demos and tests; a live instance asks for the code all the same.
    """

    username: str
    name: str
    roles: tuple[str, ...]
    password_hash: str
    locale: Locale = "id"
    area: str | None = None
    password_lapses_at: datetime | None = None
    totp_required: bool = True


async def add_staff(
    connection: Connection, new: Sequence[NewStaff], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[Refusal | StaffId]:
    """Add members of staff, one outcome each, in order. Refused: names that somebody has, unknown roles, areas."""
    own = await ids.reserve(connection, 4 * len(new))

    async def work() -> list[Refusal | StaffId]:
        async with connection.transaction():
            taken = await taken_names(connection, [normal_username(each.username) for each in new])
            areas = await queries.read_known_areas(connection, [each.area for each in new if each.area is not None])
            outcomes: list[Refusal | StaffId] = []
            added: list[tuple[StaffId, NewStaff]] = []
            for each, seq in zip(new, seqs, strict=True):
                name = normal_username(each.username)
                refusal = account_refusal(each.roles, each.area, areas) or (
                    USERNAME_TAKEN(username=name) if name in taken else None
                )
                if refusal is not None:
                    outcomes.append(refusal)
                    continue
                taken.add(name)
                added.append((StaffId(make_id(seq, spread_cell(seq))), each))
                outcomes.append(added[-1][0])
            await insert_new(connection, added, actor=actor, now=now, ids=own)
        return outcomes

    seqs = list(own.take(len(new)))
    return await retried(work)


def account_refusal(roles: Sequence[str], area: str | None, areas: set[str]) -> Refusal | None:
    """Whether these roles exist, and the area among those that were looked up."""
    if unknown := [role for role in roles if role not in ROLES]:
        return UNKNOWN_ROLE(role=unknown[0])
    return UNKNOWN_STAFF_AREA(area=area) if area is not None and area not in areas else None


def _row(new: NewStaff, staff_id: StaffId) -> queries.Staff:
    return queries.Staff(
        id=staff_id,
        username=normal_username(new.username),
        name=new.name,
        roles=new.roles,
        area=new.area,
        password_initial=new.password_lapses_at is not None,
        password_expires_at=new.password_lapses_at,
        totp_required=new.totp_required,
        totp_secret=None,
        totp_enrolled_at=None,
        totp_step=None,
        locale=new.locale,
        status="active",
        password_hash=new.password_hash,
        password_failures=0,
        locked_until=None,
    )


async def insert_new(
    connection: Connection, new: Sequence[tuple[StaffId, NewStaff]], *, actor: Actor, now: datetime, ids: IdBlocks
) -> None:
    """Write accounts that were found to be in order, in the caller's transaction, and take their names."""
    added = [_row(each, staff_id) for staff_id, each in new]
    await claim_names(connection, [(each.username, "staff", each.id, None) for each in added])
    await queries.insert_staff(connection, added, at=now)
    rows = [
        AuditRow(
            cell_of_id(each.id), now, actor, "staff.added", each.id, {"roles": list(each.roles), "area": each.area}
        )
        for each in added
    ]
    await write_audit(connection, ids, rows)
