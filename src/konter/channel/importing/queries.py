"""What an import must know of the channel as it stands."""

from collections.abc import Sequence

from konter.channel.importing.rows import Standing
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId, PartnerId, cell_of_id, cell_of_msisdn, cell_of_text


async def read_partners(connection: Connection) -> dict[str, tuple[PartnerId, str, str]]:
    """(id, name, area) of every partner by code; a few hundred."""
    rows = await connection.fetch("SELECT id, code, name, area FROM partner")
    return {row["code"]: (PartnerId(row["id"]), row["name"], row["area"]) for row in rows}


async def read_outlets(connection: Connection, codes: Sequence[str]) -> dict[str, Standing]:
    """Those of the outlets that there are, by code. Two queries: a code and its outlet stand in cells of their own."""
    keys = await connection.fetch(
        "SELECT outlet_id FROM outlet_code WHERE code = ANY($1) AND cell = ANY($2)",
        list(codes),
        sorted({cell_of_text(code) for code in codes}),
    )
    if not keys:
        return {}
    ids = [row["outlet_id"] for row in keys]
    rows = await connection.fetch(
        """
        SELECT id, code, name, kind, partner_id, area, district, segment, zone, address, rs_msisdn AS reseller
        FROM outlet WHERE id = ANY($1) AND cell = ANY($2)
        """,
        ids,
        sorted({cell_of_id(id_) for id_ in ids}),
    )
    return {row["code"]: Standing(**row) for row in rows}


async def read_without_people(connection: Connection, outlet_ids: Sequence[OutletId]) -> set[OutletId]:
    """Those of the outlets that never had anybody."""
    rows = await connection.fetch(
        """
        SELECT o.id FROM outlet o WHERE o.id = ANY($1) AND o.cell = ANY($2)
            AND NOT EXISTS (SELECT FROM outlet_user u WHERE u.outlet_id = o.id AND u.cell = o.cell)
        """,
        list(outlet_ids),
        sorted({cell_of_id(id_) for id_ in outlet_ids}),
    )
    return {OutletId(row["id"]) for row in rows}


async def read_unlinked(connection: Connection, numbers: Sequence[Msisdn]) -> set[Msisdn]:
    """Those of the seller numbers that are known and no outlet's yet."""
    rows = await connection.fetch(
        "SELECT msisdn FROM seller_number WHERE msisdn = ANY($1) AND cell = ANY($2) AND outlet_id IS NULL",
        list(numbers),
        sorted({cell_of_msisdn(number) for number in numbers}),
    )
    return {Msisdn(row["msisdn"]) for row in rows}
