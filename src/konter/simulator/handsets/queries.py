"""SQL of the simulated handsets."""

from konter.platform.db import Connection
from konter.platform.ids import Msisdn


async def first_seller(connection: Connection) -> Msisdn | None:
    """The notification number of the first outlet user."""
    found: int | None = await connection.fetchval(
        "SELECT nn_msisdn FROM outlet_user WHERE status = 'active' ORDER BY id LIMIT 1"
    )
    return None if found is None else Msisdn(found)


async def first_customer(connection: Connection) -> Msisdn | None:
    """The first number that is nobody's notification number."""
    found: int | None = await connection.fetchval(
        """
        SELECT s.msisdn FROM subscription s
        WHERE s.ended_at IS NULL AND NOT EXISTS (
            SELECT FROM notification_number n WHERE n.msisdn = s.msisdn AND n.cell = s.cell
        )
        ORDER BY s.id LIMIT 1
        """
    )
    return None if found is None else Msisdn(found)
