"""Who did what, written in the same transaction as the change itself. [D-81]"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec

from konter.platform.cursor import Cursor
from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import IdBlocks, make_id

STORY_LINES = 50
STORY_LINES_MAX = 200
SUBJECTS_MAX = 200  # of one story: an outlet, its users and numbers
ActorKind = Literal["outlet_user", "staff", "partner", "applicant", "customer", "client", "system", "anonymous"]


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


class AuditLine(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the audit as it stands; `actor` is such as `staff:123`."""

    id: int
    at: datetime
    actor: str
    action: str
    subject_id: int
    data: dict[str, Any]


async def audit_of(
    connection: Connection,
    subject_ids: Sequence[int],
    *,
    before: Cursor | None = None,
    limit: int = STORY_LINES,
) -> list[AuditLine]:
    """What was done to some subjects together, newest first; the next page starts before the last line's (at, id).

    Each subject's newest are read by index and then merged, so that a busy one does not have its whole life sorted.
    """
    at, id_ = before or (None, None)
    rows = await connection.fetch(
        """
        SELECT a.id, a.at, a.actor, a.action, a.subject_id, a.data
        FROM unnest($1::bigint[]) s (id) CROSS JOIN LATERAL (
            SELECT id, at, actor, action, subject_id, data FROM audit
            WHERE subject_id = s.id AND ($2::timestamptz IS NULL OR (at, id) < ($2, $3::bigint))
            ORDER BY at DESC, id DESC LIMIT $4
        ) a ORDER BY a.at DESC, a.id DESC LIMIT $4
        """,
        sorted(set(subject_ids))[:SUBJECTS_MAX],
        at,
        id_,
        min(limit, STORY_LINES_MAX),
    )
    return [AuditLine(**row) for row in rows]
