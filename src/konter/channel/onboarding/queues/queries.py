"""All SQL of queues and of looking at applications. Statements on queues name the states of the partial indexes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from konter.channel.geography.model import District
from konter.channel.onboarding.model import Application
from konter.channel.onboarding.queries import COLUMNS, application_of
from konter.channel.onboarding.queues.model import Counts, QueueLine
from konter.channel.scope import Scope
from konter.platform.cursor import EPOCH, Cursor
from konter.platform.db import Connection
from konter.platform.ids import ApplicationId, cell_of_id

START: Cursor = (EPOCH, 0)
LINES = """
    SELECT a.id, a.state, a.kind, a.outlet_name, a.district, d.name AS district_name, r.name AS regency_name,
           a.partner_id, p.name AS partner_name, a.submitted_at, a.due_at, a.supports, a.due_at <= $2 AS overdue
    FROM application a
    JOIN region d ON d.code = a.district
    JOIN region r ON r.code = d.parent
    JOIN partner p ON p.id = a.partner_id
    WHERE a.state = $1 AND a.state IN ('submitted', 'recommended') AND (a.due_at, a.id) > ($3, $4)
"""
COUNTS = """
    SELECT a.state, count(*) AS waiting, count(*) FILTER (WHERE a.due_at <= $1) AS overdue
    FROM application a WHERE a.state IN ('submitted', 'recommended')
"""
FOUND = f"""
    SELECT {", ".join(f"a.{name.strip()}" for name in COLUMNS.split(","))}, d.name AS district_name,
           r.name AS regency_name, v.name AS province_name, d.zone AS district_zone, p.name AS partner_name
    FROM application a
    LEFT JOIN region d ON d.code = a.district
    LEFT JOIN region r ON r.code = d.parent
    LEFT JOIN region v ON v.code = r.parent
    LEFT JOIN partner p ON p.id = a.partner_id
"""


class Found(msgspec.Struct, frozen=True):
    """An application with its place in words."""

    application: Application
    district: District | None
    partner_name: str


def scope_part(scope: Scope, districts: Sequence[str] | None, first: int) -> tuple[str, list[Any]]:
    """The conditions of a scope, their parameters numbered from `first`."""
    assert scope.outlet_id is None, "no outlet sees applications"
    parts: list[tuple[str, Any]] = []
    if scope.partner_id is not None:
        parts.append((" AND a.partner_id = ${}", scope.partner_id))
    if districts is not None:
        parts.append((" AND a.district = ANY(${})", sorted(districts)))
    words = "".join(part.format(number) for number, (part, _) in enumerate(parts, first))
    return words, [value for _, value in parts]


def _found(row: asyncpg.Record) -> Found:
    application = application_of(row)
    district = None
    if application.district is not None:
        district = District(
            code=application.district,
            name=row["district_name"],
            regency=row["regency_name"],
            province=row["province_name"],
            zone=row["district_zone"],
        )
    return Found(application, district, row["partner_name"] or "")


async def read_queue(
    connection: Connection,
    scope: Scope,
    districts: Sequence[str] | None,
    *,
    state: str,
    now: datetime,
    after: Cursor | None,
    limit: int,
) -> list[QueueLine]:
    """What waits in a state, the earliest due first."""
    part, given = scope_part(scope, districts, 6)
    rows = await connection.fetch(
        f"{LINES}{part} ORDER BY a.due_at, a.id LIMIT $5", state, now, *(after or START), limit, *given
    )
    return [QueueLine(**row) for row in rows]


async def read_counts(
    connection: Connection, scope: Scope, districts: Sequence[str] | None, *, now: datetime
) -> Counts:
    part, given = scope_part(scope, districts, 2)
    rows = await connection.fetch(f"{COUNTS}{part} GROUP BY a.state", now, *given)
    counts = {row["state"]: row for row in rows}
    return Counts(
        **{state: counts[state]["waiting"] for state in counts},
        **{f"{state}_overdue": counts[state]["overdue"] for state in counts},
    )


async def read_found(connection: Connection, application_id: int) -> Found | None:
    row = await connection.fetchrow(
        f"{FOUND} WHERE a.id = $1 AND a.cell = $2", application_id, cell_of_id(application_id)
    )
    return _found(row) if row else None


async def search(
    connection: Connection,
    scope: Scope,
    districts: Sequence[str] | None,
    *,
    application_id: int | None,
    msisdn: int | None,
    nik_key: str | None,
    limit: int,
) -> list[Found]:
    """Sent applications by exactly one of id, number or NIK, the newest first."""
    named = {"a.id = $1": application_id, "a.numbers @> ARRAY[$1::bigint]": msisdn, "a.nik_key = $1": nik_key}
    where, value = next((part, value) for part, value in named.items() if value is not None)
    part, given = scope_part(scope, districts, 3)
    rows = await connection.fetch(
        f"{FOUND} WHERE {where} AND a.submitted_at IS NOT NULL{part} ORDER BY a.submitted_at DESC, a.id DESC LIMIT $2",
        value,
        limit,
        *given,
    )
    return [_found(row) for row in rows]


async def read_same_nik(connection: Connection, nik_key: str, *, but: int) -> list[ApplicationId]:
    """Other applications by the same NIK that were sent, the newest first."""
    rows = await connection.fetch(
        """
        SELECT id FROM application WHERE nik_key = $1 AND id <> $2 AND submitted_at IS NOT NULL
        ORDER BY submitted_at DESC, id DESC LIMIT 20
        """,
        nik_key,
        but,
    )
    return [ApplicationId(row["id"]) for row in rows]


async def count_by_district(connection: Connection, districts: Sequence[str]) -> list[tuple[str, str, int]]:
    """(district, state, how many) of the applications that wait for a partner or a branch."""
    rows = await connection.fetch(
        """
        SELECT district, state, count(*) AS applications FROM application
        WHERE district = ANY($1) AND state IN ('submitted', 'recommended') GROUP BY district, state
        """,
        list(districts),
    )
    return [(row["district"], row["state"], row["applications"]) for row in rows]
