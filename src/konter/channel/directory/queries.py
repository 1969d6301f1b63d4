"""All SQL of the directory. Names are compared without capitals and in the order of code points, by index."""

import asyncpg

from konter.channel.directory.model import (
    LAST_SIGN,
    Order,
    OutletCard,
    OutletFound,
    OutletPerson,
    PartnerCard,
    PartnerFound,
    Start,
    Wanted,
)
from konter.channel.queries import in_reach, in_scope, partner_in_scope
from konter.channel.scope import Reach, Scope
from konter.platform.db import Connection
from konter.platform.ids import cell_of_id, cell_of_msisdn, cell_of_text

PEOPLE_MAX = 200
PLACES_FEW = (
    400  # so many areas and districts are read one by one; where there are more, every list is dense with theirs
)
_FOUND = """o.id, o.code, o.name, o.kind, o.status, o.segment, o.partner_id, p.name AS partner_name, o.area, o.district,
    o.opened_at, o.rs_msisdn, lower(o.name) COLLATE "C" AS sort_name"""


_FROM_HERE = """(lower(name) COLLATE "C", id) > ($1, $2::bigint) AND lower(name) COLLATE "C" >= $3
    AND lower(name) COLLATE "C" < $4 AND ($5 = '' OR status = $5) ORDER BY lower(name) COLLATE "C", id LIMIT $6"""
# The first outlets of each place from here on; those of all of them together are among these, and none comes twice.
_OF_PLACES = f"""(
    SELECT near.* FROM unnest($8::text[]) place (code)
        CROSS JOIN LATERAL (SELECT * FROM outlet WHERE area = place.code AND {_FROM_HERE}) near
    UNION
    SELECT near.* FROM unnest($9::text[]) place (code)
        CROSS JOIN LATERAL (SELECT * FROM outlet WHERE district = place.code AND {_FROM_HERE}) near) o"""


async def read_exact(
    connection: Connection, wanted: Wanted, *, scope: Scope, status: str, limit: int
) -> list[OutletFound]:
    """Outlets that a code, a number of theirs or an id names, each once."""
    rows = await connection.fetch(
        f"""
        WITH hit AS (
            SELECT outlet_id, 'code' AS way FROM outlet_code WHERE code = $1 AND cell = $2
            UNION ALL SELECT outlet_id, 'number' FROM outlet_number WHERE msisdn = $3 AND cell = $4
            UNION ALL SELECT id, 'id' FROM outlet WHERE id = $5 AND cell = $6
        ), one AS (SELECT outlet_id, min(way) AS way FROM hit GROUP BY outlet_id)
        SELECT {_FOUND}, one.way FROM one JOIN outlet o ON o.id = one.outlet_id AND o.cell = (one.outlet_id & 255)
        JOIN partner p ON p.id = o.partner_id
        WHERE ($8 = '' OR o.status = $8) AND {in_scope(9)} ORDER BY o.id LIMIT $7
        """,
        wanted.code,
        cell_of_text(wanted.code) if wanted.code is not None else None,
        wanted.msisdn,
        cell_of_msisdn(wanted.msisdn) if wanted.msisdn is not None else None,
        wanted.id,
        cell_of_id(wanted.id) if wanted.id is not None else None,
        limit,
        status,
        *scope.parameters(),
    )
    return [OutletFound(**row) for row in rows]


async def read_by_name(
    connection: Connection,
    *,
    prefix: str,
    reach: Reach,
    status: str,
    after: Start | None,
    limit: int,
) -> list[OutletFound]:
    """Outlets by name from a prefix and a place on, in one status if said."""
    name, id_ = after or (prefix, 0)
    # Each has an index of its own: by partner, those that are not active, all. Said as the reach says it, the partner
    # would be no condition to the planner, hence twice.
    of_partner = "o.partner_id = $7" if reach.partner_id is not None else "$7::bigint IS NULL"
    in_status = {
        "": "$5 = ''",
        "active": "o.status = $5",
    }.get(status, "o.status = $5 AND o.status <> 'active'")
    few = reach.areas is not None and len(reach.areas) + len(reach.districts) <= PLACES_FEW
    outlets = "outlet o" if not few or reach.partner_id is not None or status not in ("", "active") else _OF_PLACES
    rows = await connection.fetch(
        f"""
        SELECT {_FOUND} FROM {outlets} JOIN partner p ON p.id = o.partner_id
        WHERE (lower(o.name) COLLATE "C", o.id) > ($1, $2::bigint) AND lower(o.name) COLLATE "C" >= $3
            AND lower(o.name) COLLATE "C" < $4 AND {of_partner} AND {in_status} AND {in_reach(7)}
        ORDER BY lower(o.name) COLLATE "C", o.id LIMIT $6
        """,
        name,
        id_,
        prefix,
        prefix + LAST_SIGN,
        status,
        limit,
        *reach.parameters(),
    )
    return [OutletFound(**row, way="name") for row in rows]


async def read_card(connection: Connection, *, outlet_id: int, scope: Scope) -> OutletCard | None:
    row = await connection.fetchrow(
        f"""
        SELECT o.id, o.code, o.name, o.kind, o.status, o.segment, o.zone, o.address, o.hold_s, o.opened_at,
            o.partner_id, p.code AS partner_code, p.name AS partner_name, o.area, coalesce(a.name, o.area) AS area_name,
            concat_ws(', ', d.name, g.name, v.name) AS place,
            array_remove(ARRAY[o.rs_msisdn], NULL) AS numbers
        FROM outlet o JOIN partner p ON p.id = o.partner_id LEFT JOIN area a ON a.code = o.area
        LEFT JOIN region d ON d.code = o.district LEFT JOIN region g ON g.code = d.parent
        LEFT JOIN region v ON v.code = g.parent
        WHERE o.id = $1 AND o.cell = $2 AND {in_scope(3)}
        """,
        outlet_id,
        cell_of_id(outlet_id),
        *scope.parameters(),
    )
    return OutletCard(**{**row, "numbers": tuple(row["numbers"])}) if row else None


async def read_people(connection: Connection, *, outlet_id: int) -> list[OutletPerson]:
    rows = await connection.fetch(
        """
        SELECT id, username, name, role, nn_msisdn, status, opened_at, locked_until, pin_locked_at
        FROM outlet_user WHERE outlet_id = $1 AND cell = $2 ORDER BY id LIMIT $3
        """,
        outlet_id,
        cell_of_id(outlet_id),
        PEOPLE_MAX,
    )
    return [OutletPerson(**row) for row in rows]


async def read_partners(
    connection: Connection, *, prefix: str, scope: Scope, status: str, order: Order, after: Start, limit: int
) -> list[PartnerFound]:
    """Partners of the scope whose names begin so, in some order from a place on. There are some hundreds of them."""
    key = _key(order, "p")
    rows = await connection.fetch(
        f"""
        SELECT p.id, p.code, p.name, p.area, coalesce(a.name, p.area) AS area_name, p.status, p.opened_at,
            lower(p.name) AS sort_name
        FROM partner p LEFT JOIN area a ON a.code = p.area
        WHERE {_beyond(order, "p")} AND lower(p.name) COLLATE "C" >= $3
            AND lower(p.name) COLLATE "C" < $4 AND ($5 = '' OR p.status = $5)
            AND {partner_in_scope(7)}
        ORDER BY {key} {_way(order)}, p.id {_way(order)} LIMIT $6
        """,
        *after,
        prefix,
        prefix + LAST_SIGN,
        status,
        limit,
        *scope.parameters(),
    )
    return [PartnerFound(**row) for row in rows]


async def read_partner(
    connection: Connection, *, code: str, partner_id: int | None, scope: Scope
) -> PartnerCard | None:
    """A partner of the scope by code or id, with its outlets counted."""
    row = await connection.fetchrow(
        f"""
        SELECT p.id, p.code, p.name, p.area, coalesce(a.name, p.area) AS area_name, p.status, p.opened_at,
            count(o.id) FILTER (WHERE o.status = 'active') AS active,
            count(o.id) FILTER (WHERE o.status = 'suspended') AS suspended,
            count(o.id) FILTER (WHERE o.status = 'terminated') AS terminated
        FROM partner p LEFT JOIN area a ON a.code = p.area LEFT JOIN outlet o ON o.partner_id = p.id
        WHERE (p.code = $1 OR p.id = $2) AND {partner_in_scope(3)} GROUP BY p.id, a.name LIMIT 1
        """,
        code,
        partner_id,
        *scope.parameters(),
    )
    return PartnerCard(**row) if row else None


async def count_by_province(connection: Connection, *, scope: Scope) -> list[asyncpg.Record]:
    """Outlets by province and status, from the index of districts."""
    return await connection.fetch(
        f"""
        WITH counted AS (
            SELECT left(o.district, 2) AS code, o.status, count(*) AS outlets FROM outlet o
            WHERE o.district IS NOT NULL AND {in_scope(1)} GROUP BY 1, 2
        )
        SELECT r.code, r.name, c.status, coalesce(c.outlets, 0) AS outlets
        FROM region r LEFT JOIN counted c ON c.code = r.code WHERE r.level = 'province' ORDER BY r.code
        """,
        *scope.parameters(),
    )


async def read_in_order(
    connection: Connection, *, order: Order, after: Start, reach: Reach, status: str, limit: int
) -> list[OutletFound]:
    """Outlets in some order from a place on. Each order has an index of all outlets and one of a partner's. Of a part
    of the operator the planner takes either the few outlets by place and sorts them, or, where they are many, walks
    all in order until the page is full.
    """
    of_partner = "o.partner_id = $5" if reach.partner_id is not None else "$5::bigint IS NULL"
    in_status = {"": "$3 = ''", "active": "o.status = $3"}.get(status, "o.status = $3 AND o.status <> 'active'")
    rows = await connection.fetch(
        f"""
        SELECT {_FOUND} FROM outlet o JOIN partner p ON p.id = o.partner_id
        WHERE {_beyond(order, "o")} AND {of_partner} AND {in_status} AND {in_reach(5)}
        ORDER BY {_key(order, "o")} {_way(order)}, o.id {_way(order)} LIMIT $4
        """,
        *after,
        status,
        limit,
        *reach.parameters(),
    )
    return [OutletFound(**row, way="name") for row in rows]


def _key(order: Order, table: str) -> str:
    keys = {"name": f'lower({table}.name) COLLATE "C"', "code": f'{table}.code COLLATE "C"'}
    return keys.get(order.by, f"{table}.opened_at")


def _beyond(order: Order, table: str) -> str:
    return f"({_key(order, table)}, {table}.id) {'<' if order.down else '>'} ($1, $2::bigint)"


def _way(order: Order) -> str:
    return "DESC" if order.down else "ASC"
