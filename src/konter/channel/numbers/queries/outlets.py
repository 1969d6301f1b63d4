"""All SQL of outlets and users as far as numbers go: which they have, and what goes along with a user."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from konter.channel.numbers.model import OutletRow
from konter.channel.queries import in_scope
from konter.channel.scope import Scope
from konter.platform.db import Connection, unnest
from konter.platform.ids import Msisdn, OutletId, UserId, cell_of_id


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """A user with what goes along to another outlet, read under the outlet's lock."""

    id: UserId
    outlet_id: OutletId
    outlet_status: str
    username: str
    name: str
    role: str
    nn_msisdn: Msisdn
    nn_released_at: datetime | None
    locale: str
    status: str
    password_hash: str
    password_initial: bool
    password_expires_at: datetime | None
    pin_salt: bytes
    pin_hash: bytes | None

    @property
    def number(self) -> Msisdn | None:
        """The notification number that the user has."""
        return self.nn_msisdn if self.nn_released_at is None else None


async def read_outlets(connection: Connection, outlet_ids: Sequence[int], *, scope: Scope) -> dict[int, OutletRow]:
    """Those of the outlets that are in the scope."""
    rows = await connection.fetch(
        f"""
        SELECT o.id, o.status, o.stopped_at IS NOT NULL AS stopped, o.rs_msisdn, o.proprietor_id FROM outlet o
        WHERE o.id = ANY($1) AND o.cell = ANY($2) AND {in_scope(3)}
        """,
        list(outlet_ids),
        sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids}),
        *scope.parameters(),
    )
    return {row["id"]: OutletRow(**row) for row in rows}


async def read_users(connection: Connection, user_ids: Sequence[int], *, scope: Scope) -> dict[int, UserRow]:
    """Those of the users whose outlets are in the scope."""
    rows = await connection.fetch(
        f"""
        SELECT u.id, u.outlet_id, o.status AS outlet_status, u.username, u.name, u.role, u.nn_msisdn, u.nn_released_at,
               u.locale, u.status, u.password_hash, u.password_initial, u.password_expires_at, u.pin_salt, u.pin_hash
        FROM outlet_user u JOIN outlet o ON o.id = u.outlet_id AND o.cell = u.cell
        WHERE u.id = ANY($1) AND u.cell = ANY($2) AND {in_scope(3)}
        """,
        list(user_ids),
        sorted({cell_of_id(user_id) for user_id in user_ids}),
        *scope.parameters(),
    )
    return {row["id"]: UserRow(**row) for row in rows}


async def write_proprietors(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Whose outlets are, as (outlet_id, the first outlet of the same owner)."""
    await connection.execute(
        """
        UPDATE outlet o SET proprietor_id = g.first
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS g (id, cell, first)
        WHERE o.id = g.id AND o.cell = g.cell
        """,
        *unnest([(outlet_id, cell_of_id(outlet_id), first) for outlet_id, first in dict(rows).items()], 3),
    )


async def write_outlet_resellers(connection: Connection, rows: Sequence[tuple[int, int | None]]) -> None:
    """The reseller numbers of outlets, as (outlet_id, msisdn), where the outlets can tell them without a look-up."""
    await connection.execute(
        """
        UPDATE outlet o SET rs_msisdn = g.msisdn
        FROM unnest($1::bigint[], $2::int[], $3::bigint[]) AS g (id, cell, msisdn)
        WHERE o.id = g.id AND o.cell = g.cell
        """,
        *unnest([(outlet_id, cell_of_id(outlet_id), msisdn) for outlet_id, msisdn in rows], 3),
    )


async def write_user_numbers(connection: Connection, rows: Sequence[tuple[int, int, str]]) -> None:
    """The notification numbers that users have from now on, as (user_id, msisdn, status). A phone that is lost was
    that of the number before.
    """
    await connection.execute(
        """
        UPDATE outlet_user u SET nn_msisdn = g.msisdn, nn_released_at = NULL, status = g.status,
            lost_at = NULL
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[]) AS g (id, cell, msisdn, status)
        WHERE u.id = g.id AND u.cell = g.cell
        """,
        *unnest([(user_id, cell_of_id(user_id), msisdn, status) for user_id, msisdn, status in rows], 4),
    )


async def write_users_without_number(connection: Connection, rows: Sequence[tuple[int, str]], *, at: datetime) -> None:
    """Users that have no notification number from now on, as (user_id, status); the last one stays on record."""
    await connection.execute(
        """
        UPDATE outlet_user u SET nn_released_at = $4, status = g.status
        FROM unnest($1::bigint[], $2::int[], $3::text[]) AS g (id, cell, status)
        WHERE u.id = g.id AND u.cell = g.cell
        """,
        *unnest([(user_id, cell_of_id(user_id), status) for user_id, status in rows], 3),
        at,
    )


async def read_users_of_outlet(connection: Connection, outlet_id: int, *, limit: int) -> list[asyncpg.Record]:
    """An outlet's users who have not left, by name."""
    return await connection.fetch(
        """
        SELECT id, username, name, role, status, CASE WHEN nn_released_at IS NULL THEN nn_msisdn END AS msisdn,
               nn_msisdn AS last_msisdn, nn_released_at AS released_at, lost_at
        FROM outlet_user WHERE outlet_id = $1 AND cell = $2 AND status <> 'ended' ORDER BY name, id LIMIT $3
        """,
        outlet_id,
        cell_of_id(outlet_id),
        limit,
    )
