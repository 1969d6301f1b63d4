"""All SQL of merchants and of burning codes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from konter.loyalty.rewards.merchants.model import BurnRequest, IssuedCode
from konter.loyalty.rewards.redemption.model import CodeId
from konter.platform.audit import AuditRow, audit_insert
from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import cell_of_msisdn

BURNT = "reward.code_burnt"  # what the audit calls it


async def lock_codes(connection: Connection, *, hashes: Sequence[bytes]) -> None:
    """Lock codes in id order, first and alone."""
    await connection.execute(
        "SELECT id FROM reward_code WHERE cell = ANY($1::int[]) AND code_hash = ANY($2::bytea[])"
        " ORDER BY id FOR UPDATE",
        list({each[0] for each in hashes}),
        list(hashes),
    )


async def read_issued(connection: Connection, *, hashes: Sequence[bytes]) -> dict[bytes, IssuedCode]:
    """Issued codes by hash, with the names and terms under which they were given."""
    rows = await connection.fetch(
        """
        SELECT k.code_hash, k.id, k.cell, k.reward, k.merchant, k.expires_at, k.issued_at, k.burnt_at,
            EXISTS (SELECT FROM merchant m WHERE m.code = k.merchant AND m.closed_at IS NOT NULL) AS merchant_closed,
            o.name_id, o.name_en, o.terms_id, o.terms_en
        FROM reward_code k CROSS JOIN LATERAL (
            SELECT name_id, name_en, terms_id, terms_en FROM reward_offer
            WHERE reward = k.reward AND valid_from <= k.issued_at ORDER BY valid_from DESC LIMIT 1) o
        WHERE k.cell = ANY($1::int[]) AND k.code_hash = ANY($2::bytea[]) AND k.issued_at IS NOT NULL
        """,
        list({each[0] for each in hashes}),
        list(hashes),
    )
    return {row["code_hash"]: IssuedCode(**{name: row[name] for name in IssuedCode.__struct_fields__}) for row in rows}


async def read_burns(connection: Connection, requests: Sequence[BurnRequest]) -> dict[tuple[str, UUID], CodeId]:
    """What was burnt before under the merchants' references."""
    rows = await connection.fetch(
        """
        SELECT b.merchant, b.client_ref, b.code_id
        FROM unnest($1::text[], $2::uuid[], $3::int[]) r (merchant, client_ref, cell)
        JOIN code_burn b ON b.merchant = r.merchant AND b.client_ref = r.client_ref AND b.cell = r.cell
        """,
        [request.merchant for request in requests],
        [request.client_ref for request in requests],
        [request.ref_cell for request in requests],
    )
    # asyncpg's own UUID equals the plain one, and hashes alike.
    return {(row["merchant"], row["client_ref"]): CodeId(row["code_id"]) for row in rows}


async def find_burner(connection: Connection, *, code_id: CodeId, cell: int, at: datetime) -> str | None:
    """Who burnt a code at a moment, as the audit tells actors."""
    found: str | None = await connection.fetchval(
        "SELECT actor FROM audit WHERE subject_id = $1 AND at = $2 AND cell = $3 AND action = $4",
        code_id,
        at,
        cell,
        BURNT,
    )
    return found


_BURNT_TYPES = ["bigint", "int", "text"]
_BURN_TYPES = ["text", "uuid", "int", "bigint", "text", "text"]
_BURNS = 2 + len(_BURNT_TYPES)
_AUDITS = _BURNS + len(_BURN_TYPES)
_WRITE = f"""
WITH burnt AS (
    UPDATE reward_code k SET burnt_at = $1, burnt_channel = u.channel
    FROM {rows_of(2, _BURNT_TYPES)} u (id, cell, channel)
    WHERE k.id = u.id AND k.cell = u.cell AND k.burnt_at IS NULL
    RETURNING 1
), burns AS (
    INSERT INTO code_burn (merchant, client_ref, cell, code_id, channel, at, by)
    SELECT u.merchant, u.client_ref, u.cell, u.code_id, u.channel, $1, u.by
    FROM {rows_of(_BURNS, _BURN_TYPES)} u (merchant, client_ref, cell, code_id, channel, by)
), audits AS (
    {audit_insert(_AUDITS)}
)
SELECT count(*) FROM burnt
"""


async def write_burns(
    connection: Connection,
    burnt: Sequence[tuple[BurnRequest, IssuedCode]],
    *,
    audits: Sequence[tuple[Any, ...]],
    at: datetime,
) -> None:
    """Burnt codes and under which reference, in one statement; a reference that is taken meanwhile raises."""
    count = await connection.fetchval(
        _WRITE,
        at,
        *unnest([(code.id, code.cell, request.channel) for request, code in burnt], len(_BURNT_TYPES)),
        *unnest(
            [(r.merchant, r.client_ref, r.ref_cell, code.id, r.channel, r.actor.text) for r, code in burnt],
            len(_BURN_TYPES),
        ),
        *unnest(list(audits), len(AuditRow.COLUMNS)),
    )
    if count != len(burnt):
        raise AssertionError(f"burning wrote {count} of {len(burnt)} codes")


async def read_merchant(connection: Connection, *, code: str) -> Any | None:
    """An open merchant."""
    return await connection.fetchrow(
        "SELECT code, name, client_id FROM merchant WHERE code = $1 AND closed_at IS NULL", code
    )


async def lock_merchant(connection: Connection, *, code: str) -> bool:
    """Whether a merchant is open, and nobody closes it meanwhile."""
    found = await connection.fetchval(
        "SELECT code FROM merchant WHERE code = $1 AND closed_at IS NULL FOR UPDATE", code
    )
    return found is not None


async def find_offered(connection: Connection, *, merchant: str, now: datetime) -> str | None:
    """A reward of a merchant's codes that can be had now or will be, the first by its code."""
    found: str | None = await connection.fetchval(
        """
        SELECT o.reward FROM reward_offer o
        WHERE o.gives ->> 'merchant' = $1 AND (o.valid_until IS NULL OR o.valid_until > $2)
            AND NOT EXISTS (SELECT FROM reward_closure c WHERE c.reward = o.reward AND c.opened_at IS NULL)
            AND NOT EXISTS (
                SELECT FROM reward_offer later
                WHERE later.reward = o.reward AND later.valid_from > o.valid_from AND later.valid_from <= $2)
        ORDER BY o.reward LIMIT 1
        """,
        merchant,
        now,
    )
    return found


async def end_merchant(connection: Connection, *, code: str, at: datetime, by: str) -> int:
    """Close a merchant and free its machine and its numbers; how many numbers."""
    await connection.execute(
        "UPDATE merchant SET closed_at = $2, closed_by = $3, client_id = NULL WHERE code = $1 AND closed_at IS NULL",
        code,
        at,
        by,
    )
    status = await connection.execute("DELETE FROM merchant_number WHERE merchant = $1", code)
    return int(status.rpartition(" ")[2])


# A number speaks while it is whose it was: the next owner of a recycled one was never asked.
_OWNED_STILL = "s.id = n.subscription_id AND s.cell = n.cell AND s.msisdn = n.msisdn AND s.ended_at IS NULL"


async def find_merchant_of_number(connection: Connection, *, msisdn: int) -> str | None:
    """The open merchant that a number speaks for, in the hands of whoever had it when it was added."""
    found: str | None = await connection.fetchval(
        f"SELECT m.code FROM merchant_number n JOIN merchant m ON m.code = n.merchant"
        f" JOIN subscription s ON {_OWNED_STILL}"
        " WHERE n.msisdn = $1 AND n.cell = $2 AND m.closed_at IS NULL",
        msisdn,
        cell_of_msisdn(msisdn),
    )
    return found


async def find_merchant_of_client(connection: Connection, *, client_id: int) -> str | None:
    """The open merchant whose machine an API client is."""
    found: str | None = await connection.fetchval(
        "SELECT code FROM merchant WHERE client_id = $1 AND closed_at IS NULL", client_id
    )
    return found


async def insert_merchant(connection: Connection, *, code: str, name: str, at: datetime, by: str) -> bool:
    """A merchant; False where one has the code."""
    status = await connection.execute(
        "INSERT INTO merchant (code, name, opened_at, opened_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        code,
        name,
        at,
        by,
    )
    return status.endswith(" 1")


async def write_client(connection: Connection, *, code: str, client_id: int | None) -> None:
    """The machine by which an open merchant burns; the key `merchant_client` lets it be the machine of one alone."""
    await connection.execute(
        "UPDATE merchant SET client_id = $2 WHERE code = $1 AND closed_at IS NULL", code, client_id
    )


async def write_number(
    connection: Connection, *, msisdn: int, subscription_id: int, merchant: str, at: datetime, by: str
) -> str:
    """Have a number speak for a merchant, unless it speaks for one already in the same hands; for which it speaks."""
    await connection.execute(
        """
        INSERT INTO merchant_number (msisdn, cell, subscription_id, merchant, added_at, added_by)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (msisdn, cell) DO UPDATE SET subscription_id = excluded.subscription_id,
            merchant = excluded.merchant, added_at = excluded.added_at, added_by = excluded.added_by
        WHERE merchant_number.subscription_id IS DISTINCT FROM excluded.subscription_id
        """,
        msisdn,
        cell_of_msisdn(msisdn),
        subscription_id,
        merchant,
        at,
        by,
    )
    speaks_for: str = await connection.fetchval(
        "SELECT merchant FROM merchant_number WHERE msisdn = $1 AND cell = $2", msisdn, cell_of_msisdn(msisdn)
    )
    return speaks_for


async def delete_number(connection: Connection, *, msisdn: int, merchant: str) -> bool:
    """A number no longer speaks for a merchant; False where it did not."""
    status = await connection.execute(
        "DELETE FROM merchant_number WHERE msisdn = $1 AND cell = $2 AND merchant = $3",
        msisdn,
        cell_of_msisdn(msisdn),
        merchant,
    )
    return status.endswith(" 1")


async def read_views(connection: Connection, *, code: str | None = None) -> list[Any]:
    """Every merchant, or one, with the numbers that speak for it, by name."""
    return await connection.fetch(
        f"""
        SELECT m.code, m.name, m.client_id, m.opened_at, m.closed_at,
            ARRAY(SELECT n.msisdn FROM merchant_number n JOIN subscription s ON {_OWNED_STILL}
                WHERE n.merchant = m.code ORDER BY n.msisdn) AS numbers
        FROM merchant m WHERE $1::text IS NULL OR m.code = $1 ORDER BY m.name, m.code
        """,
        code,
    )


async def read_newest_burns(connection: Connection, *, merchant: str, limit: int) -> list[Any]:
    """(at, channel, reward, name_id, name_en) of the codes that a merchant burnt last."""
    return await connection.fetch(
        """
        SELECT k.burnt_at AS at, k.burnt_channel AS channel, k.reward, o.name_id, o.name_en
        FROM (
            SELECT burnt_at, burnt_channel, reward FROM reward_code WHERE merchant = $1 AND burnt_at IS NOT NULL
            ORDER BY burnt_at DESC LIMIT $2) k
        JOIN LATERAL (
            SELECT name_id, name_en FROM reward_offer WHERE reward = k.reward ORDER BY valid_from DESC LIMIT 1
        ) o ON true
        ORDER BY k.burnt_at DESC
        """,
        merchant,
        limit,
    )
