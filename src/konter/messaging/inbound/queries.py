"""SQL of texts from phones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from konter.messaging.inbound.model import Arrival, Kept
from konter.platform.db import Connection, unnest
from konter.platform.ids import Msisdn, cell_of_id, cell_of_msisdn


async def count_since(connection: Connection, *, msisdns: Sequence[Msisdn], since: datetime) -> dict[Msisdn, int]:
    """How many texts came from each number after a moment; a number without any is missing."""
    rows = await connection.fetch(
        """
        SELECT msisdn, count(*) AS count FROM inbound_text
        WHERE cell = ANY($1::int[]) AND msisdn = ANY($2::bigint[]) AND at > $3 GROUP BY msisdn
        """,
        list({cell_of_msisdn(msisdn) for msisdn in msisdns}),
        list(msisdns),
        since,
    )
    return {Msisdn(row["msisdn"]): row["count"] for row in rows}


async def known_refs(connection: Connection, *, texts: Sequence[Arrival]) -> set[tuple[Msisdn, str]]:
    """Which of these texts are kept already, as (msisdn, ref)."""
    rows = await connection.fetch(
        """
        SELECT t.msisdn, t.ref FROM inbound_text t
        JOIN unnest($1::int[], $2::bigint[], $3::text[]) u (cell, msisdn, ref)
          ON t.cell = u.cell AND t.msisdn = u.msisdn AND t.ref = u.ref
        """,
        *unnest([(cell_of_msisdn(text.msisdn), text.msisdn, text.ref) for text in texts], 3),
    )
    return {(Msisdn(row["msisdn"]), row["ref"]) for row in rows}


async def insert_texts(connection: Connection, *, rows: Sequence[tuple[Any, ...]]) -> set[int]:
    """Keep texts: (id, cell, msisdn, short_number, ref, text, at, state) each. Ids of those that are new."""
    found = await connection.fetch(
        """
        INSERT INTO inbound_text (id, cell, msisdn, short_number, ref, text, at, state)
        SELECT * FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                             $7::timestamptz[], $8::text[])
        ON CONFLICT ON CONSTRAINT inbound_text_once DO NOTHING RETURNING id
        """,
        *unnest(list(rows), 8),
    )
    return {row["id"] for row in found}


async def read_waiting(connection: Connection, *, ids: Sequence[int]) -> list[Kept]:
    """Those of these texts that nobody has answered yet."""
    rows = await connection.fetch(
        """
        SELECT id, msisdn, short_number, ref, text, at FROM inbound_text
        WHERE cell = ANY($1::int[]) AND id = ANY($2::bigint[]) AND state = 'waiting'
        """,
        list({cell_of_id(id_) for id_ in ids}),
        list(ids),
    )
    return [Kept(**dict(row)) for row in rows]


async def mark_answered(connection: Connection, *, ids: Sequence[int], at: datetime) -> set[int]:
    """Close texts and forget what stood in them; ids of those that this call closed, and not another worker before."""
    rows = await connection.fetch(
        """
        UPDATE inbound_text SET state = 'answered', answered_at = $3, text = ''
        WHERE cell = ANY($1::int[]) AND id = ANY($2::bigint[]) AND state = 'waiting' RETURNING id
        """,
        list({cell_of_id(id_) for id_ in ids}),
        list(ids),
        at,
    )
    return {row["id"] for row in rows}


async def delete_texts(connection: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` texts older than a moment; returns how many."""
    status = await connection.execute(
        "DELETE FROM inbound_text WHERE (id, cell) IN (SELECT id, cell FROM inbound_text WHERE at < $1 LIMIT $2)",
        before,
        limit,
    )
    return int(status.rpartition(" ")[2])
