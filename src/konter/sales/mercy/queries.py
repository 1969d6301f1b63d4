"""All SQL of wrong-number mercy."""

from collections.abc import Sequence
from datetime import datetime

from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId, SaleId, cell_of_id
from konter.sales.mercy.model import Held, Meant
from konter.sales.queries import SALE_COLUMNS_OF_S, sale_of


async def lock_outlet(connection: Connection, *, outlet_id: OutletId) -> bool:
    """Lock the outlet's owner row, first and alone; False when there is none."""
    found = await connection.fetchval(
        "SELECT true FROM owner WHERE id = $1 AND cell = $2 FOR UPDATE", outlet_id, cell_of_id(outlet_id)
    )
    return found is not None


async def lock_held(connection: Connection, *, sale_id: SaleId, outlet_id: OutletId) -> Held | None:
    """One sale of an outlet, with its row of the work list locked, so that nobody takes it to send it meanwhile.

    A row that was taken once, or put off, no longer `waits`: its sale was or may have been sent.
    """
    row = await connection.fetchrow(
        f"SELECT {SALE_COLUMNS_OF_S} FROM sale s WHERE s.id = $1 AND s.cell = $2 AND s.outlet_id = $3",
        sale_id,
        cell_of_id(sale_id),
        outlet_id,
    )
    if row is None:
        return None
    check = await connection.fetchrow(
        "SELECT due_at, checks, taken_until FROM sale_check WHERE sale_id = $1 AND cell = $2 FOR UPDATE",
        sale_id,
        cell_of_id(sale_id),
    )
    sale = sale_of(row)
    untouched = check is not None and check["taken_until"] is None and check["checks"] == 0
    waits = untouched and sale.hold_until is not None and check is not None and check["due_at"] <= sale.hold_until
    return Held(sale=sale, waits=waits)


FIND_MEANT = """
SELECT msisdn, max(at) AS at
FROM sale
WHERE outlet_id = $1 AND cell = $2 AND msisdn = ANY($4::bigint[]) AND at > $5 AND status <> 'refunded'
    AND NOT EXISTS (
        SELECT FROM sale
        WHERE outlet_id = $1 AND cell = $2 AND msisdn = $3 AND status <> 'refunded')
GROUP BY msisdn
ORDER BY max(at) DESC, msisdn
LIMIT 1
"""


async def find_meant(
    connection: Connection, *, outlet_id: OutletId, msisdn: Msisdn, slips: Sequence[Msisdn], since: datetime
) -> Meant | None:
    """Of these numbers the one that the outlet sold to last since a moment, unless it has ever sold to `msisdn`.

    Sales whose money came back do not count: a wrong number that was cancelled stays a wrong number.
    """
    row = await connection.fetchrow(FIND_MEANT, outlet_id, cell_of_id(outlet_id), msisdn, list(slips), since)
    return Meant(Msisdn(row["msisdn"]), row["at"]) if row else None


async def read_hold(connection: Connection, *, outlet_id: OutletId) -> int | None:
    """How long the outlet may take a sale back, in seconds; None for an owner that is no outlet."""
    hold_s: int | None = await connection.fetchval(
        "SELECT hold_s FROM outlet WHERE id = $1 AND cell = $2", outlet_id, cell_of_id(outlet_id)
    )
    return hold_s


async def write_hold(connection: Connection, *, outlet_id: OutletId, hold_s: int) -> None:
    """Let the outlet take its sales back for so long from now on."""
    await connection.execute(
        "UPDATE outlet SET hold_s = $3 WHERE id = $1 AND cell = $2", outlet_id, cell_of_id(outlet_id), hold_s
    )
