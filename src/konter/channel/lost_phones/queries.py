"""All SQL of lost phones."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from konter.access.model import UserKind
from konter.channel.lost_phones.model import Holder, LostPhone, Way
from konter.channel.queries import in_scope
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import LostPhoneId, Msisdn, cell_of_id, cell_of_msisdn

_TABLE: Mapping[UserKind, str] = {"outlet": "outlet_user", "partner": "partner_user"}


async def read_holders(connection: Connection, msisdn: int) -> list[Holder]:
    """Whose number it is now: a user of an outlet, one of a partner, or both."""
    rows = await connection.fetch(
        """
        SELECT 'outlet' AS kind, user_id, outlet_id, NULL::bigint AS partner_id FROM notification_number
        WHERE msisdn = $1 AND cell = $2 AND free_from IS NULL
        UNION ALL
        SELECT 'partner', n.user_id, NULL, u.partner_id
        FROM partner_number n JOIN partner_user u ON u.id = n.user_id
        WHERE n.msisdn = $1 AND n.cell = $2
        """,
        msisdn,
        cell_of_msisdn(msisdn),
    )
    return [Holder(**row) for row in rows]


async def insert_lost_phone(
    connection: Connection, *, id_: LostPhoneId, msisdn: int, way: Way, note: str, by: str, at: datetime
) -> bool:
    """A report; False where one is open already."""
    status = await connection.execute(
        """
        INSERT INTO lost_phone (id, cell, msisdn, way, note, reported_by, reported_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (msisdn, cell) WHERE lifted_at IS NULL DO NOTHING
        """,
        id_,
        cell_of_id(id_),
        msisdn,
        way,
        note,
        by,
        at,
    )
    return status.endswith(" 1")


_LOST = """
    SELECT id, msisdn, way, note, reported_by, reported_at, lifted_by, lifted_at, lifted_why FROM lost_phone
"""


async def read_open(connection: Connection, msisdn: int) -> LostPhone | None:
    """The report of a number that has not been lifted."""
    row = await connection.fetchrow(
        f"{_LOST} WHERE msisdn = $1 AND cell = $2 AND lifted_at IS NULL", msisdn, cell_of_msisdn(msisdn)
    )
    return LostPhone(**row) if row else None


async def read_lost_numbers(connection: Connection, msisdns: Sequence[int]) -> set[Msisdn]:
    """Those of the numbers whose report has not been lifted."""
    rows = await connection.fetch(
        "SELECT msisdn FROM lost_phone WHERE msisdn = ANY($1) AND cell = ANY($2) AND lifted_at IS NULL",
        list(msisdns),
        sorted({cell_of_msisdn(msisdn) for msisdn in msisdns}),
    )
    return {Msisdn(row["msisdn"]) for row in rows}


async def read_lost_phone(connection: Connection, id_: int) -> LostPhone | None:
    row = await connection.fetchrow(f"{_LOST} WHERE id = $1 AND cell = $2", id_, cell_of_id(id_))
    return LostPhone(**row) if row else None


async def read_waiting(
    connection: Connection, *, scope: tuple[Any, ...], after: Cursor | None, limit: int
) -> list[LostPhone]:
    """Open reports, oldest first, of numbers that an outlet or a partner in the scope holds."""
    rows = await connection.fetch(
        f"""{_LOST}
        WHERE lifted_at IS NULL AND ($1::timestamptz IS NULL OR (reported_at, id) > ($1, $2))
              AND (($4::bigint IS NULL AND $5::bigint IS NULL AND $6::text[] IS NULL) OR EXISTS (
                SELECT FROM (
                    SELECT t.partner_id, t.id, t.area, t.district
                    FROM notification_number n JOIN outlet t ON t.id = n.outlet_id AND t.cell = (n.outlet_id & 255)
                    WHERE n.msisdn = lost_phone.msisdn AND n.cell = lost_phone.cell AND n.free_from IS NULL
                    UNION ALL
                    SELECT p.id, NULL, p.area, NULL
                    FROM partner_number n JOIN partner_user u ON u.id = n.user_id JOIN partner p ON p.id = u.partner_id
                    WHERE n.msisdn = lost_phone.msisdn AND n.cell = lost_phone.cell
                ) o WHERE {in_scope(4)}))
        ORDER BY reported_at, id LIMIT $3
        """,
        after[0] if after else None,
        after[1] if after else 0,
        limit,
        *scope,
    )
    return [LostPhone(**row) for row in rows]


async def write_lifted(connection: Connection, id_: int, *, by: str, why: str, at: datetime) -> bool:
    """Whether this lifted it; nobody lifts twice."""
    status = await connection.execute(
        """
        UPDATE lost_phone SET lifted_by = $3, lifted_why = $4, lifted_at = $5
        WHERE id = $1 AND cell = $2 AND lifted_at IS NULL
        """,
        id_,
        cell_of_id(id_),
        by,
        why,
        at,
    )
    return status.endswith(" 1")


async def write_lost_at(
    connection: Connection, kind: UserKind, user_id: int, msisdn: int, lost_at: datetime | None
) -> None:
    """Since when the phone with this number is lost, as long as it is still the user's number."""
    number = "nn_msisdn" if kind == "outlet" else "msisdn"
    await connection.execute(
        f"UPDATE {_TABLE[kind]} SET lost_at = $3 WHERE id = $1 AND cell = $2 AND {number} = $4",
        user_id,
        cell_of_id(user_id),
        lost_at,
        msisdn,
    )


async def read_owners_told(
    connection: Connection, outlet_id: int, *, but: Sequence[int]
) -> list[tuple[Msisdn, str, str]]:
    """Number, language and zone of an outlet's active owners besides these users; ten at most."""
    rows = await connection.fetch(
        """
        SELECT u.nn_msisdn, u.locale, o.zone FROM outlet_user u JOIN outlet o ON o.id = u.outlet_id AND o.cell = u.cell
        WHERE u.outlet_id = $1 AND u.cell = $2 AND u.role = 'OUTLET_OWNER' AND u.status = 'active'
              AND u.lost_at IS NULL AND u.id <> ALL($3)
        ORDER BY u.id LIMIT 10
        """,
        outlet_id,
        cell_of_id(outlet_id),
        list(but),
    )
    return [(Msisdn(row["nn_msisdn"]), row["locale"], row["zone"]) for row in rows]
