"""SQL of the demo's own row: what this database is for and what was built."""

from datetime import datetime
from typing import Any

import msgspec

from konter.access.passwords import NO_PASSWORD
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId, SubscriptionId, UserId


async def read_facts(connection: Connection) -> dict[str, Any] | None:
    """What was built, once it is ready."""
    facts: dict[str, Any] | None = await connection.fetchval("SELECT facts FROM instance WHERE ready_at IS NOT NULL")
    return facts


class Newcomer(msgspec.Struct, frozen=True):
    """A seller for the demo's first log-in."""

    user_id: UserId
    username: str
    msisdn: Msisdn


async def read_newcomer(connection: Connection, *, first: UserId) -> Newcomer:
    """A front-liner who has not chosen a password yet: the demo's own (`first`) until somebody has used that."""
    row = await connection.fetchrow(
        "SELECT id, username, nn_msisdn FROM outlet_user WHERE role = 'FRONTLINER' AND status = 'active'"
        " AND (password_initial OR password_hash = $1) ORDER BY id <> $2, id LIMIT 1",
        NO_PASSWORD,
        first,
    )
    if row is None:
        raise LookupError("every seller of this demo has chosen a password; start with another --data")
    return Newcomer(row["id"], row["username"], row["nn_msisdn"])


async def is_begun(connection: Connection) -> bool:
    """Whether a demo began to be built here and was not finished."""
    return bool(await connection.fetchval("SELECT true FROM instance WHERE ready_at IS NULL AND mode <> 'live'"))


async def is_foreign(connection: Connection) -> bool:
    """Whether somebody uses this database who never said what for: owners without a demo's row."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM owner) AND NOT EXISTS (SELECT FROM instance)"))


async def note_begun(connection: Connection, *, mode: str, seed: int, at: datetime) -> None:
    """Mark the database as being built."""
    await connection.execute("INSERT INTO instance (mode, seed, created_at) VALUES ($1, $2, $3)", mode, seed, at)


async def note_ready(connection: Connection, *, facts: dict[str, Any], at: datetime) -> None:
    """Mark the database as built."""
    await connection.execute("UPDATE instance SET facts = $1, ready_at = $2", facts, at)


async def start_over(connection: Connection) -> None:
    """Throw away a half-built demo; as the owner of the schema, before anything else works on it."""
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


async def analyze(connection: Connection) -> None:
    """Statistics for the planner after so many new rows; as the owner of the tables."""
    await connection.execute("ANALYZE")


async def tell_statistics(connection: Connection) -> None:
    """Have this connection hand in at once what it counted."""
    await connection.execute("SELECT pg_stat_force_next_flush()")


async def read_rows_written(connection: Connection) -> int:
    """Rows that were ever inserted into any table of ours, by what connections have handed in."""
    return int(await connection.fetchval("SELECT coalesce(sum(n_tup_ins), 0)::bigint FROM pg_stat_user_tables"))


async def read_customers(connection: Connection, *, behind: Msisdn, at: datetime, limit: int) -> list[Msisdn]:
    """Customers whose number is active, the next ones behind a number."""
    rows = await connection.fetch(
        "SELECT msisdn FROM subscription WHERE msisdn > $1 AND active_until > $2 AND ended_at IS NULL"
        " ORDER BY msisdn LIMIT $3",
        behind,
        at,
        limit,
    )
    return [Msisdn(row["msisdn"]) for row in rows]


async def read_last_outlets(connection: Connection, *, limit: int) -> list[tuple[OutletId, Msisdn]]:
    """The outlets that were opened last, with their reseller numbers."""
    rows = await connection.fetch(
        "SELECT id, rs_msisdn FROM outlet WHERE status = 'active' ORDER BY id >> 8 DESC LIMIT $1", limit
    )
    return [(OutletId(row["id"]), Msisdn(row["rs_msisdn"])) for row in rows]


async def read_last_sellers(connection: Connection, *, limit: int) -> list[Msisdn]:
    """Notification numbers of the users who came last."""
    rows = await connection.fetch(
        "SELECT nn_msisdn FROM outlet_user WHERE status = 'active' ORDER BY id >> 8 DESC LIMIT $1", limit
    )
    return [Msisdn(row["nn_msisdn"]) for row in rows]


async def read_last_text(connection: Connection, msisdn: Msisdn) -> str:
    """The newest text on a handset; empty where there is none."""
    found: str | None = await connection.fetchval(
        "SELECT text FROM handset_message WHERE msisdn = $1 ORDER BY id DESC LIMIT 1", msisdn
    )
    return found or ""


async def read_rich(connection: Connection, *, least: int, limit: int) -> list[SubscriptionId]:
    """Some customers with at least so many points of a vintage, always the same ones for the same data."""
    rows = await connection.fetch(
        "SELECT owner_id FROM account WHERE kind = 'points' AND balance >= $1 AND closed_at IS NULL"
        " ORDER BY owner_id LIMIT $2",
        least,
        limit,
    )
    return [SubscriptionId(row["owner_id"]) for row in rows]


async def count_outbox(connection: Connection) -> int:
    """How much waits to be sent."""
    return int(await connection.fetchval("SELECT count(*) FROM outbox"))
