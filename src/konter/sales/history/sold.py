"""What was sold to whom, behind the moves of a wallet. [D-44]"""

import msgspec

from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId
from konter.sales.history import queries


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """`nominal_rp` is 0 of a package."""

    product: str
    nominal_rp: int
    msisdn: Msisdn


async def sold(connection: Connection, outlet_id: OutletId, sale_ids: list[int]) -> dict[int, Sold]:
    """Product and number of an outlet's sales by their ids, in one query however many they are."""
    rows = await queries.read_sold(connection, outlet_id=outlet_id, sale_ids=sale_ids)
    return {
        row["id"]: Sold(product=row["product"], nominal_rp=row["nominal_rp"], msisdn=Msisdn(row["msisdn"]))
        for row in rows
    }
