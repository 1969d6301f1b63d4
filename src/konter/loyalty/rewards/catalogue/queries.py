"""All SQL of the catalogue of rewards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from konter.loyalty.rewards.catalogue.model import FEW, Offer, Used
from konter.platform.db import Connection, unnest
from konter.platform.ids import cell_of_id, cell_of_text
from konter.subscriber.model import Subscription

Record = asyncpg.Record
OFFER_FIELDS = tuple(name for name in Offer.__struct_fields__ if name not in ("reward", "kind"))


def offer_columns(table: str, prefix: str = "") -> str:
    """The columns of an offer but for reward and kind, each with a prefix of its own."""
    return ", ".join(f"{table}.{name} AS {prefix}{name}" for name in OFFER_FIELDS)


def offer_of(row: Record, prefix: str = "") -> Offer:
    """An offer from a row with `reward`, `kind` and its columns, all under the prefix."""
    return msgspec.convert({name: row[f"{prefix}{name}"] for name in Offer.__struct_fields__}, Offer)


# A subscription `b` with its tier of `m`, which is NULL where none above the lowest was ever had.
MEMBER_COLUMNS = (
    "b.id, b.cell, b.msisdn, b.brand, b.kind, b.locale, b.main_id, b.active_until,"
    " b.ended_at IS NOT NULL AS ended, m.tier"
)


def member_of(row: Record) -> tuple[Subscription, bool, str]:
    """Subscription, whether it has ended, and its tier, from a row with MEMBER_COLUMNS."""
    fields = {name: row[name] for name in Subscription.__struct_fields__}
    return Subscription(**fields), row["ended"], row["tier"] or ""


def used_columns(first: int) -> str:
    """How many redemptions a row counts since three moments, the parameters from `first` on, and ever."""
    return (
        f"count(*) FILTER (WHERE at >= ${first})::int AS day, count(*) FILTER (WHERE at >= ${first + 1})::int AS month,"
        f" count(*) FILTER (WHERE at >= ${first + 2})::int AS year, count(*)::int AS ever"
    )


def used_of(row: Record) -> Used:
    """What was had, from a row with `used_columns`."""
    return Used(day=row["day"], month=row["month"], year=row["year"], ever=row["ever"])


async def lock_rewards(connection: Connection) -> None:
    """Imports and closures run one after another."""
    await connection.execute("SELECT version FROM reference_version WHERE name = 'rewards' FOR UPDATE")


async def raise_version(connection: Connection) -> None:
    """Tell that the catalogue of rewards has changed."""
    await connection.execute("UPDATE reference_version SET version = version + 1 WHERE name = 'rewards'")


async def read_offers(connection: Connection) -> list[Offer]:
    """All offers: past, present and planned."""
    rows = await connection.fetch(
        f"SELECT o.reward, r.kind, {offer_columns('o')} FROM reward_offer o JOIN reward r ON r.code = o.reward"
    )
    return [offer_of(row) for row in rows]


async def read_merchants(connection: Connection) -> dict[str, str]:
    """The names of merchants by code."""
    return {row["code"]: row["name"] for row in await connection.fetch("SELECT code, name FROM merchant")}


async def read_closed_merchants(connection: Connection) -> set[str]:
    """Merchants that burn nothing any more."""
    return {row["code"] for row in await connection.fetch("SELECT code FROM merchant WHERE closed_at IS NOT NULL")}


async def find_closed_merchant(connection: Connection, *, reward: str) -> str | None:
    """The merchant of a reward's codes, where it is closed; it stays the same through all offers."""
    found: str | None = await connection.fetchval(
        "SELECT m.code FROM reward_offer o JOIN merchant m ON m.code = o.gives ->> 'merchant'"
        " WHERE o.reward = $1 AND m.closed_at IS NOT NULL LIMIT 1",
        reward,
    )
    return found


async def write_merchants(connection: Connection, *, rows: Sequence[tuple[str, str]], at: datetime, by: str) -> None:
    """Add merchants from (code, name), or give them another name."""
    await connection.execute(
        """
        INSERT INTO merchant (code, name, opened_at, opened_by)
        SELECT u.code, u.name, $3, $4 FROM unnest($1::text[], $2::text[]) u (code, name)
        ON CONFLICT (code) DO UPDATE SET name = excluded.name
        """,
        *unnest(list(rows), 2),
        at,
        by,
    )


async def write_rewards(connection: Connection, *, rows: Sequence[tuple[str, str]]) -> None:
    """Add rewards from (code, kind)."""
    await connection.execute(
        "INSERT INTO reward (code, kind) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING",
        *unnest(list(rows), 2),
    )


async def write_stocks(connection: Connection, *, rewards: Sequence[str]) -> None:
    """Rewards that are counted from now on; one that is counted already goes on."""
    await connection.execute(
        "INSERT INTO reward_stock (reward, cell, taken) SELECT u.reward, u.cell, 0"
        " FROM unnest($1::text[], $2::int[]) u (reward, cell) ON CONFLICT DO NOTHING",
        list(rewards),
        [cell_of_text(reward) for reward in rewards],
    )


async def write_offer(connection: Connection, offer: Offer, *, at: datetime, by: str) -> bool:
    """Add an offer, or change one that has not begun; False where one that has begun is in the way."""
    values = [getattr(offer, name) for name in OFFER_FIELDS]
    values[OFFER_FIELDS.index("gives")] = msgspec.to_builtins(offer.gives)
    places = ", ".join(f"${number}" for number in range(2, len(OFFER_FIELDS) + 2))
    changed = ", ".join(f"{name} = excluded.{name}" for name in OFFER_FIELDS)
    last = len(OFFER_FIELDS) + 1
    status = await connection.execute(
        f"""
        INSERT INTO reward_offer (reward, {", ".join(OFFER_FIELDS)}, recorded_at, recorded_by)
        VALUES ($1, {places}, ${last + 1}, ${last + 2})
        ON CONFLICT (reward, valid_from) DO UPDATE
        SET {changed}, recorded_at = excluded.recorded_at, recorded_by = excluded.recorded_by
        WHERE reward_offer.valid_from > ${last + 1}
        """,
        offer.reward,
        *values,
        at,
        by,
    )
    return status.endswith(" 1")


async def read_shown(
    connection: Connection, *, now: datetime, reward: str | None = None, ahead: bool = False
) -> list[Record]:
    """The offer in force of each reward, or of one, whether it is closed, how many are taken and how many codes are at
    hand, few or many: more than a handful are not counted. `ahead`: the first to come too, where none has begun.
    """
    return await connection.fetch(
        f"""
        SELECT r.code AS reward, r.kind, {offer_columns("o")}, s.taken, c.reward IS NOT NULL AS closed,
            (SELECT count(*) FROM (
                (SELECT FROM reward_code k WHERE k.reward = r.code AND k.redemption_id IS NULL AND k.expires_at > $1
                 LIMIT {FEW + 1})
                UNION ALL
                (SELECT FROM reward_code k WHERE k.reward = r.code AND k.redemption_id IS NULL AND k.expires_at IS NULL
                 LIMIT {FEW + 1})) few)::int AS codes
        FROM reward r
        CROSS JOIN LATERAL (
            SELECT * FROM reward_offer WHERE reward = r.code AND (valid_from <= $1 OR $3::bool)
            ORDER BY valid_from > $1, greatest(valid_from - $1, $1 - valid_from) LIMIT 1) o
        LEFT JOIN reward_closure c ON c.reward = r.code AND c.opened_at IS NULL
        LEFT JOIN reward_stock s ON s.reward = r.code
        WHERE $2::text IS NULL OR r.code = $2
        """,
        now,
        reward,
        ahead,
    )


async def read_offers_in_force(connection: Connection, *, rewards: Sequence[str], now: datetime) -> list[Record]:
    """The offer in force of each of these rewards, closed and ended ones too; nothing of stock."""
    return await connection.fetch(
        f"""
        SELECT r.code AS reward, r.kind, {offer_columns("o")}
        FROM reward r
        CROSS JOIN LATERAL (
            SELECT * FROM reward_offer WHERE reward = r.code AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1) o
        WHERE r.code = ANY($1::text[])
        """,
        list(rewards),
        now,
    )


async def read_used(
    connection: Connection, *, subscription_id: int, starts: tuple[datetime, datetime, datetime]
) -> dict[str, Used]:
    """How many of each reward a person has had since the day, the month and the year began, and ever."""
    rows = await connection.fetch(
        f"""
        SELECT reward, {used_columns(3)} FROM redemption
        WHERE subscription_id = $1 AND cell = $2 AND status <> 'refunded' GROUP BY reward
        """,
        subscription_id,
        cell_of_id(subscription_id),
        *starts,
    )
    return {row["reward"]: used_of(row) for row in rows}


async def read_member(connection: Connection, *, subscription_id: int) -> Record | None:
    """A subscription with its tier; see `member_of`."""
    return await connection.fetchrow(
        f"""
        SELECT {MEMBER_COLUMNS}
        FROM subscription b LEFT JOIN tier_member m ON m.subscription_id = b.id AND m.cell = b.cell
        WHERE b.id = $1 AND b.cell = $2
        """,
        subscription_id,
        cell_of_id(subscription_id),
    )


async def write_closure(connection: Connection, *, reward: str, at: datetime, by: str, reason: str) -> bool:
    """Take a reward out; False where it is out already."""
    status = await connection.execute(
        "INSERT INTO reward_closure (reward, closed_at, closed_by, reason) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (reward) WHERE opened_at IS NULL DO NOTHING",
        reward,
        at,
        by,
        reason,
    )
    return status.endswith(" 1")


async def end_closure(connection: Connection, *, reward: str, at: datetime, by: str) -> bool:
    """Put a reward in again; False where it was not out."""
    status = await connection.execute(
        "UPDATE reward_closure SET opened_at = $2, opened_by = $3 WHERE reward = $1 AND opened_at IS NULL",
        reward,
        at,
        by,
    )
    return status.endswith(" 1")


async def reward_exists(connection: Connection, *, reward: str) -> bool:
    """Whether there is such a reward."""
    found: Any = await connection.fetchval("SELECT true FROM reward WHERE code = $1", reward)
    return found is not None


async def read_closures(connection: Connection, *, reward: str, limit: int) -> list[Record]:
    """The newest times for which a reward was out."""
    return await connection.fetch(
        "SELECT closed_at, closed_by, reason, opened_at, opened_by FROM reward_closure WHERE reward = $1"
        " ORDER BY closed_at DESC LIMIT $2",
        reward,
        limit,
    )


async def read_offers_of(connection: Connection, *, reward: str) -> list[Record]:
    """All offers of a reward with who brought them, the newest first."""
    return await connection.fetch(
        "SELECT valid_from, valid_until, points, stock, recorded_at, recorded_by FROM reward_offer WHERE reward = $1"
        " ORDER BY valid_from DESC",
        reward,
    )
