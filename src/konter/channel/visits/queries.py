"""All SQL of visit plans."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from konter.channel.model import Zone
from konter.channel.queries import in_reach
from konter.channel.scope import Reach
from konter.channel.territory.places import Position
from konter.channel.visits.model import OutletOfPartner, Planned, Stop, Visit, Visits, Which, bits, days
from konter.platform.db import Connection, unnest
from konter.platform.ids import OutletId, cell_of_id


def _cells(outlet_ids: Sequence[int]) -> list[int]:
    return sorted({cell_of_id(outlet_id) for outlet_id in outlet_ids})


async def hold_people(connection: Connection, user_ids: Sequence[int]) -> None:
    """Nobody blocks, ends or otherwise changes these people until this transaction is over."""
    await connection.execute(
        "SELECT FROM partner_user WHERE id = ANY($1) AND cell = ANY($2) ORDER BY id FOR SHARE",
        list(user_ids),
        _cells(user_ids),
    )


async def read_outlets(connection: Connection, outlet_ids: Sequence[int]) -> dict[int, OutletOfPartner]:
    rows = await connection.fetch(
        "SELECT id, partner_id, status FROM outlet WHERE id = ANY($1) AND cell = ANY($2)",
        list(outlet_ids),
        _cells(outlet_ids),
    )
    return {row["id"]: OutletOfPartner(row["partner_id"], row["status"]) for row in rows}


async def upsert_visits(
    connection: Connection, visits: Sequence[Visits], due: Mapping[OutletId, date], *, at: datetime
) -> None:
    """Who comes to each outlet from now on, instead of whoever did, and when the first visit is due."""
    await connection.execute(
        """
        INSERT INTO visit_plan (outlet_id, cell, field_sales_id, weekdays, due_on, set_at)
        SELECT outlet_id, cell, field_sales_id, weekdays, due_on, $6
        FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::smallint[], $5::date[])
            AS given (outlet_id, cell, field_sales_id, weekdays, due_on)
        ON CONFLICT (outlet_id, cell) DO UPDATE
            SET field_sales_id = excluded.field_sales_id, weekdays = excluded.weekdays, due_on = excluded.due_on,
                set_at = excluded.set_at
        """,
        *unnest(
            [
                (
                    each.outlet_id,
                    cell_of_id(each.outlet_id),
                    each.field_sales_id,
                    bits(each.weekdays),
                    due[each.outlet_id],
                )
                for each in visits
            ],
            5,
        ),
        at,
    )


async def write_due(connection: Connection, due: Mapping[OutletId, date]) -> None:
    """When the next visit of each outlet is due."""
    await connection.execute(
        """
        UPDATE visit_plan v SET due_on = given.due_on
        FROM unnest($1::bigint[], $2::int[], $3::date[]) AS given (outlet_id, cell, due_on)
        WHERE v.outlet_id = given.outlet_id AND v.cell = given.cell
        """,
        *unnest([(outlet_id, cell_of_id(outlet_id), day) for outlet_id, day in due.items()], 3),
    )


async def delete_visits(connection: Connection, outlet_ids: Sequence[int]) -> list[OutletId]:
    """Nobody comes any more; those to whom somebody did."""
    rows = await connection.fetch(
        "DELETE FROM visit_plan WHERE outlet_id = ANY($1) AND cell = ANY($2) RETURNING outlet_id",
        list(outlet_ids),
        _cells(outlet_ids),
    )
    return [OutletId(row["outlet_id"]) for row in rows]


async def read_outlets_of(connection: Connection, field_sales_id: int, *, limit: int) -> list[OutletId]:
    """Outlets that a person visits, by id."""
    rows = await connection.fetch(
        "SELECT outlet_id FROM visit_plan WHERE field_sales_id = $1 ORDER BY outlet_id LIMIT $2", field_sales_id, limit
    )
    return [OutletId(row["outlet_id"]) for row in rows]


async def hand_over(
    connection: Connection, outlet_ids: Sequence[int], *, giver: int, taker: int, at: datetime
) -> list[OutletId]:
    """Those of the outlets that are still the giver's are the taker's from now on, on the same days."""
    rows = await connection.fetch(
        """
        UPDATE visit_plan SET field_sales_id = $4, set_at = $5
        WHERE outlet_id = ANY($1) AND cell = ANY($2) AND field_sales_id = $3
        RETURNING outlet_id
        """,
        list(outlet_ids),
        _cells(outlet_ids),
        giver,
        taker,
        at,
    )
    return [OutletId(row["outlet_id"]) for row in rows]


_STOP = """
    SELECT o.id, o.code, o.name, o.address, o.district, o.status, o.zone, o.latitude_udeg, o.longitude_udeg, v.weekdays
    FROM visit_plan v JOIN outlet o ON o.id = v.outlet_id AND o.cell = v.cell
"""


async def read_round(
    connection: Connection, field_sales_id: int, today: Sequence[tuple[Zone, int, date]], *, limit: int
) -> list[Stop]:
    """The active outlets that a person visits on a day, given for each zone; by district and name."""
    rows = await connection.fetch(
        f"""
        {_STOP} JOIN unnest($2::text[], $3::int[]) AS today (zone, bit) ON today.zone = o.zone
        WHERE v.field_sales_id = $1 AND v.weekdays & today.bit <> 0 AND o.status = 'active'
        ORDER BY o.district, o.name, o.id LIMIT $4
        """,
        field_sales_id,
        *unnest([(zone, bit) for zone, bit, _ in today], 2),
        limit,
    )
    return [_stop(row) for row in rows]


async def read_stops(connection: Connection, field_sales_id: int, *, after: int, limit: int) -> list[Stop]:
    """All outlets that a person visits, by id from behind `after`."""
    rows = await connection.fetch(
        f"{_STOP} WHERE v.field_sales_id = $1 AND v.outlet_id > $2 ORDER BY v.outlet_id LIMIT $3",
        field_sales_id,
        after,
        limit,
    )
    return [_stop(row) for row in rows]


async def read_visits(connection: Connection, outlet_ids: Sequence[int]) -> list[Visits]:
    """Who comes to these outlets, and when."""
    rows = await connection.fetch(
        "SELECT outlet_id, field_sales_id, weekdays FROM visit_plan WHERE outlet_id = ANY($1) AND cell = ANY($2)",
        list(outlet_ids),
        _cells(outlet_ids),
    )
    return [
        Visits(outlet_id=row["outlet_id"], field_sales_id=row["field_sales_id"], weekdays=days(row["weekdays"]))
        for row in rows
    ]


async def read_zones(connection: Connection, outlet_ids: Sequence[int]) -> dict[int, Zone]:
    """By whose clock each outlet lives."""
    rows = await connection.fetch(
        "SELECT id, zone FROM outlet WHERE id = ANY($1) AND cell = ANY($2)", list(outlet_ids), _cells(outlet_ids)
    )
    return {row["id"]: row["zone"] for row in rows}


async def insert_visits(connection: Connection, visits: Sequence[Visit]) -> None:
    """Visits that were made."""
    rows = [
        (
            each.id,
            cell_of_id(each.id),
            each.outlet_id,
            each.field_sales_id,
            each.client_ref,
            each.at,
            each.day,
            each.display,
            each.starter_packs,
            each.vouchers,
            each.note,
        )
        for each in visits
    ]
    await connection.execute(
        """
        INSERT INTO visit (id, cell, outlet_id, field_sales_id, client_ref, at, day, display, starter_packs, vouchers,
                           note)
        SELECT * FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::uuid[], $6::timestamptz[],
                             $7::date[], $8::text[], $9::int[], $10::int[], $11::text[])
        """,
        *unnest(rows, 11),
    )


_VISIT = """
    SELECT v.id, v.outlet_id, v.field_sales_id, v.client_ref, v.at, v.day, v.display, v.starter_packs, v.vouchers,
        v.note
    FROM visit v
"""


async def read_filed(connection: Connection, refs: Sequence[tuple[int, UUID]]) -> dict[tuple[int, UUID], Visit]:
    """Visits that stand already, by outlet and ref."""
    rows = await connection.fetch(
        f"""
        {_VISIT} JOIN unnest($1::bigint[], $2::int[], $3::uuid[]) AS given (outlet_id, cell, client_ref)
            ON v.outlet_id = given.outlet_id AND v.cell = given.cell AND v.client_ref = given.client_ref
        """,
        *unnest([(outlet_id, cell_of_id(outlet_id), ref) for outlet_id, ref in refs], 3),
    )
    return {(row["outlet_id"], row["client_ref"]): Visit(**row) for row in rows}


async def read_last_visits(connection: Connection, outlet_id: int, *, limit: int) -> list[Visit]:
    """An outlet's visits, the newest first."""
    rows = await connection.fetch(
        f"{_VISIT} WHERE v.outlet_id = $1 AND v.cell = $2 ORDER BY v.day DESC, v.id DESC LIMIT $3",
        outlet_id,
        cell_of_id(outlet_id),
        limit,
    )
    return [Visit(**row) for row in rows]


# Of the whole plan by outlet; what is due or overdue by the day since which it is, the longest first.
_WHICH: dict[Which, tuple[str, str]] = {
    "all": ("true", "p.outlet_id"),
    "today": ("o.status = 'active' AND p.weekdays & today.bit <> 0", "p.outlet_id"),
    "overdue": ("o.status = 'active' AND p.due_on < today.day AND p.due_on < $6", "p.due_on, p.outlet_id"),
}


async def read_planned(
    connection: Connection,
    which: Which,
    *,
    reach: Reach,
    outlet_id: int | None,
    person: int | None,
    today: Sequence[tuple[Zone, int, date]],
    after: int,
    limit: int,
) -> list[Planned]:
    """Outlets that somebody visits, one of them or of one person if said, with the day of the last visit; `after` is
    the id behind which a page of all of them begins.
    """
    condition, order = _WHICH[which]
    # Said as the reach says it, a partner or a person would be no condition to the planner, hence twice.
    of_partner = "o.partner_id = $9" if reach.partner_id is not None else "$9::bigint IS NULL"
    of_person = "p.field_sales_id = $2" if person is not None else "$2::bigint IS NULL"
    rows = await connection.fetch(
        f"""
        WITH page AS (
            SELECT o.id AS outlet_id, o.cell, o.code, o.name, o.address, o.district, o.status, o.zone,
                p.field_sales_id AS person, p.weekdays, p.due_on
            FROM visit_plan p
            JOIN outlet o ON o.id = p.outlet_id AND o.cell = p.cell
            JOIN unnest($4::text[], $5::int[], $7::date[]) AS today (zone, bit, day) ON today.zone = o.zone
            WHERE p.outlet_id > $1 AND {of_person} AND ($8::bigint IS NULL OR p.outlet_id = $8) AND $6::date IS NOT NULL
                AND {of_partner} AND {condition} AND {in_reach(9)}
            ORDER BY {order} LIMIT $3
        )
        SELECT p.outlet_id, p.code, p.name, p.address, p.district, p.status, p.zone, p.person, u.name AS person_name,
            p.weekdays, p.due_on, last.day AS last_day
        FROM page p JOIN partner_user u ON u.id = p.person
        LEFT JOIN LATERAL (
            SELECT v.day FROM visit v WHERE v.outlet_id = p.outlet_id AND v.cell = p.cell ORDER BY v.day DESC LIMIT 1
        ) last ON true
        ORDER BY {order}
        """,
        after,
        person,
        limit,
        [zone for zone, _, _ in today],
        [bit for _, bit, _ in today],
        max(day for _, _, day in today),
        [day for _, _, day in today],
        outlet_id,
        *reach.parameters(),
    )
    return [Planned(**{**row, "weekdays": days(row["weekdays"])}) for row in rows]


async def read_last_days(connection: Connection, outlet_ids: Sequence[int]) -> dict[int, date]:
    """When each outlet was visited last; absent where nobody was."""
    rows = await connection.fetch(
        """
        SELECT given.outlet_id, last.day FROM unnest($1::bigint[], $2::int[]) AS given (outlet_id, cell)
        CROSS JOIN LATERAL (
            SELECT v.day FROM visit v WHERE v.outlet_id = given.outlet_id AND v.cell = given.cell
            ORDER BY v.day DESC LIMIT 1
        ) last
        """,
        *unnest([(outlet_id, cell_of_id(outlet_id)) for outlet_id in outlet_ids], 2),
    )
    return {row["outlet_id"]: row["day"] for row in rows}


def _stop(row: asyncpg.Record) -> Stop:
    latitude, longitude = row["latitude_udeg"], row["longitude_udeg"]
    return Stop(
        outlet_id=OutletId(row["id"]),
        code=row["code"],
        name=row["name"],
        address=row["address"],
        district=row["district"],
        status=row["status"],
        zone=row["zone"],
        position=Position(latitude, longitude) if latitude is not None else None,
        weekdays=days(row["weekdays"]),
    )
