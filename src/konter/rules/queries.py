"""All SQL on rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from konter.platform.db import Connection, unnest
from konter.rules.model import RuleRow


async def lock_version(conn: Connection) -> int:
    """The version of the rules, held until the transaction ends: loads and cancellations run one after another."""
    version: int = await conn.fetchval("SELECT version FROM reference_version WHERE name = 'rules' FOR UPDATE")
    return version


async def raise_version(conn: Connection) -> None:
    """Tell every process that its rules are old."""
    await conn.execute("UPDATE reference_version SET version = version + 1 WHERE name = 'rules'")


async def read_rules(conn: Connection) -> tuple[int, list[RuleRow]]:
    """The version and all live rows, of one snapshot."""
    rows = await conn.fetch(
        """
        SELECT v.version, r.key, r.valid_from, r.value, r.ruleset, r.recorded_at, r.actor
          FROM reference_version v LEFT JOIN rule r ON r.cancelled_at IS NULL
         WHERE v.name = 'rules'
        """
    )
    return rows[0]["version"], [_row(record) for record in rows if record["key"] is not None]


async def insert_rules(conn: Connection, *, rows: Sequence[RuleRow]) -> int:
    """Add rows; how many were added. A row takes a cancelled one's place only while its moment is to come."""
    # Values travel as text: the driver would take a JSON list within an array for another dimension.
    values = [msgspec.json.encode(row.value).decode() for row in rows]
    columns = unnest(
        [
            (row.key, row.valid_from, value, row.ruleset, row.recorded_at, row.actor)
            for row, value in zip(rows, values, strict=True)
        ],
        6,
    )
    status = await conn.execute(
        """
        INSERT INTO rule (key, valid_from, value, ruleset, recorded_at, actor)
        SELECT key, valid_from, value::jsonb, ruleset, recorded_at, actor
          FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::timestamptz[], $6::text[])
               AS r (key, valid_from, value, ruleset, recorded_at, actor)
            ON CONFLICT (key, valid_from) DO UPDATE
           SET value = excluded.value, ruleset = excluded.ruleset, recorded_at = excluded.recorded_at,
               actor = excluded.actor, cancelled_at = NULL
         WHERE rule.cancelled_at IS NOT NULL AND rule.valid_from > excluded.recorded_at
        """,
        *columns,
    )
    return _count(status)


async def cancel_rule(conn: Connection, *, key: str, valid_from: datetime, now: datetime) -> int:
    """Mark a row that has not begun as cancelled; how many were."""
    status = await conn.execute(
        """
        UPDATE rule SET cancelled_at = $3
         WHERE key = $1 AND valid_from = $2 AND valid_from > $3 AND cancelled_at IS NULL
        """,
        key,
        valid_from,
        now,
    )
    return _count(status)


def _row(record: Any) -> RuleRow:
    return RuleRow(
        key=record["key"],
        valid_from=record["valid_from"],
        value=record["value"],
        ruleset=record["ruleset"],
        recorded_at=record["recorded_at"],
        actor=record["actor"],
    )


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
