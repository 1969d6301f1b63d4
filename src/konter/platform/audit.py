"""Who did what, written in the same transaction as the change itself. [D-81]"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec

from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import IdBlocks, make_id

ActorKind = Literal["outlet_user", "staff", "partner", "client", "applicant", "system", "anonymous"]


class Actor(msgspec.Struct, frozen=True):
    """Whoever acts: the user, by which session, from where."""

    kind: ActorKind
    id: int
    session_id: int | None = None
    address: str = ""
    agent: str = ""

    @property
    def text(self) -> str:
        """Short form kept with every fact: `outlet_user:123`."""
        return f"{self.kind}:{self.id}"

    def trace(self) -> dict[str, Any]:
        """Session, address and device for the audit row."""
        return {"session": self.session_id, "address": self.address, "agent": self.agent[:200]}


SYSTEM = Actor("system", 0)


class AuditRow(msgspec.Struct, frozen=True):
    """One line of the audit; `action` is a verb of the glossary, `data` holds no secret."""

    cell: int
    at: datetime
    actor: Actor
    action: str
    subject_id: int
    data: dict[str, Any]

    COLUMNS: ClassVar = ("id", "cell", "at", "actor", "action", "subject_id", "data")
    TYPES: ClassVar = ("bigint", "int", "timestamptz", "text", "text", "bigint", "jsonb")

    def columns(self, seq: int) -> tuple[Any, ...]:
        """Values in the order of the table's columns."""
        return (
            make_id(seq, self.cell),
            self.cell,
            self.at,
            self.actor.text,
            self.action,
            self.subject_id,
            {**self.data, "by": self.actor.trace()},
        )


def audit_insert(first: int) -> str:
    """The insert of audit rows, its parameters numbered from `first`; commands put it in their own statement."""
    return f"INSERT INTO audit ({', '.join(AuditRow.COLUMNS)}) SELECT * FROM {rows_of(first, AuditRow.TYPES)}"


async def write_audit(connection: Connection, ids: IdBlocks, rows: Sequence[AuditRow]) -> None:
    """Add audit rows; `ids` must hold a number for each."""
    seqs = ids.take(len(rows))
    await connection.execute(audit_insert(1), *unnest([row.columns(next(seqs)) for row in rows], 7))
