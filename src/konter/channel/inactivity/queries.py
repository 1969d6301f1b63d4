"""All SQL of inactivity, for many outlets at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from konter.channel.inactivity.model import Countdown, Seller
from konter.channel.queries import in_reach
from konter.channel.scope import Reach
from konter.platform.cursor import Cursor
from konter.platform.db import Connection, rows_of, unnest
from konter.platform.ids import Msisdn, OutletId, UserId, cell_of_id

_FIELDS = Countdown.__struct_fields__
_COLUMNS = ", ".join(_FIELDS)
_TYPES = {
    **dict.fromkeys(("since", "noticed_at", "opened_at", "due_at", "decided_at"), "timestamptz"),
    **dict.fromkeys(("policy", "state", "last_kind", "decided_by", "reason"), "text"),
    "noticed_day": "int",
    "notices": "jsonb",
}
_TYPES_IN_ORDER = tuple(_TYPES.get(name, "bigint") for name in _FIELDS)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at an outlet who gets its notices."""

    outlet_id: OutletId
    user_id: UserId
    role: str
    msisdn: Msisdn
    locale: str


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A countdown with the outlet that it is about, for a list."""

    countdown: Countdown
    outlet_code: str
    outlet_name: str
    kind: str
    segment: str
    partner_id: int
    district: str | None


def _cells(ids: Sequence[int]) -> list[int]:
    return sorted({cell_of_id(id_) for id_ in ids})


def _countdown(row: asyncpg.Record, prefix: str = "") -> Countdown:
    return msgspec.convert({name: row[f"{prefix}{name}"] for name in _FIELDS}, Countdown)


_LIVE = ", ".join(f"i.{name} AS live_{name}" for name in _FIELDS)


async def read_sellers(connection: Connection, outlet_ids: Sequence[int]) -> dict[OutletId, Seller]:
    """Outlets with their live countdown and when they were last spared."""
    rows = await connection.fetch(
        f"""
        SELECT o.id, o.name, o.kind, o.segment, o.status, o.zone, o.opened_at,
            s.id AS spared_id, s.decided_at AS spared_at, {_LIVE}
        FROM outlet o
        LEFT JOIN inactivity i ON i.outlet_id = o.id AND i.cell = o.cell AND i.state IN ('warned', 'review')
        LEFT JOIN LATERAL (
            SELECT id, decided_at FROM inactivity s
            WHERE s.outlet_id = o.id AND s.cell = o.cell AND s.state = 'spared' ORDER BY opened_at DESC LIMIT 1
        ) s ON true
        WHERE o.id = ANY($1) AND o.cell = ANY($2)
        """,
        list(outlet_ids),
        _cells(outlet_ids),
    )
    return {OutletId(row["id"]): _seller(row) for row in rows}


def _seller(row: asyncpg.Record) -> Seller:
    return Seller(
        outlet_id=OutletId(row["id"]),
        name=row["name"],
        kind=row["kind"],
        segment=row["segment"],
        status=row["status"],
        zone=row["zone"],
        opened_at=row["opened_at"],
        spared_at=row["spared_at"],
        spared_id=row["spared_id"],
        live=_countdown(row, "live_") if row["live_id"] is not None else None,
    )


async def read_told(connection: Connection, outlet_ids: Sequence[int]) -> list[Told]:
    """The active users of these outlets, by outlet and id."""
    rows = await connection.fetch(
        """
        SELECT outlet_id, id AS user_id, role, nn_msisdn AS msisdn, locale FROM outlet_user
        WHERE outlet_id = ANY($1) AND cell = ANY($2) AND status = 'active' AND nn_released_at IS NULL
        ORDER BY outlet_id, id
        """,
        list(outlet_ids),
        _cells(outlet_ids),
    )
    return [Told(**row) for row in rows]


async def write_countdowns(connection: Connection, countdowns: Sequence[Countdown]) -> None:
    """Countdowns as they are now, new ones and known ones; those that are over come before new ones of their outlet."""
    rows = [
        (cell_of_id(each.id), *(_value(getattr(each, name)) for name in _FIELDS))
        for each in sorted(countdowns, key=lambda each: (each.decided_at is None, each.id))
    ]
    changing = (
        "state",
        "policy",
        "noticed_day",
        "noticed_at",
        "notices",
        "due_at",
        "decided_at",
        "decided_by",
        "reason",
    )
    await connection.execute(
        f"""
        INSERT INTO inactivity (cell, {_COLUMNS}) SELECT * FROM {rows_of(1, ("int", *_TYPES_IN_ORDER))}
        ON CONFLICT (id, cell) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in changing)}
        """,
        *unnest(rows, 1 + len(_FIELDS)),
    )


def _value(value: Any) -> Any:
    # A list among the values of an array would be taken for a further dimension of it.
    return msgspec.Raw(msgspec.json.encode(value)) if isinstance(value, tuple) else value


async def read_countdown(connection: Connection, id_: int) -> Countdown | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM inactivity WHERE id = $1 AND cell = $2", id_, cell_of_id(id_)
    )
    return _countdown(row) if row is not None else None


async def read_countdowns_of(connection: Connection, outlet_id: int, *, limit: int) -> list[Countdown]:
    """An outlet's countdowns, the newest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM inactivity WHERE outlet_id = $1 AND cell = $2 ORDER BY opened_at DESC LIMIT $3",
        outlet_id,
        cell_of_id(outlet_id),
        limit,
    )
    return [_countdown(row) for row in rows]


async def read_reviews(connection: Connection, *, reach: Reach, after: Cursor, limit: int) -> list[Review]:
    """Reviews that wait, by due time and id from behind `after`."""
    rows = await connection.fetch(
        f"""
        SELECT {_LIVE}, o.code, o.name, o.kind, o.segment, o.partner_id, o.district
        FROM inactivity i JOIN outlet o ON o.id = i.outlet_id AND o.cell = i.cell
        WHERE i.state = 'review' AND (i.due_at, i.id) > ($1, $2) AND {in_reach(4)}
        ORDER BY i.due_at, i.id LIMIT $3
        """,
        *after,
        limit,
        *reach.parameters(),
    )
    return [
        Review(
            countdown=_countdown(row, "live_"),
            outlet_code=row["code"],
            outlet_name=row["name"],
            kind=row["kind"],
            segment=row["segment"],
            partner_id=row["partner_id"],
            district=row["district"],
        )
        for row in rows
    ]


async def count_reviews(connection: Connection, *, reach: Reach, now: datetime) -> tuple[int, int]:
    """How many reviews wait, and how many of them are past their time."""
    row = await connection.fetchrow(
        f"""
        SELECT count(*) AS open, count(*) FILTER (WHERE i.due_at <= $1) AS late
        FROM inactivity i JOIN outlet o ON o.id = i.outlet_id AND o.cell = i.cell
        WHERE i.state = 'review' AND {in_reach(2)}
        """,
        now,
        *reach.parameters(),
    )
    assert row is not None
    return row["open"], row["late"]
