"""SQL of the simulated handsets."""

from konter.platform.db import Connection
from konter.platform.ids import Msisdn


async def first_seller(connection: Connection) -> Msisdn | None:
    """The notification number of the demo's own front-liner; where no demo was built, of the first outlet user."""
    found: int | None = await connection.fetchval(
        """
        SELECT coalesce(
            (SELECT (facts ->> 'first_number')::bigint FROM instance),
            (SELECT nn_msisdn FROM outlet_user WHERE status = 'active' ORDER BY id LIMIT 1)
        )
        """
    )
    return None if found is None else Msisdn(found)


async def first_customer(connection: Connection) -> Msisdn | None:
    """The customer that the demo prints; where no demo was built, the first number that is nobody's notification
    number.
    """
    found: int | None = await connection.fetchval(
        """
        SELECT coalesce(
            (SELECT (facts ->> 'first_customer')::bigint FROM instance),
            (
                SELECT s.msisdn FROM subscription s
                WHERE s.ended_at IS NULL AND NOT EXISTS (
                    SELECT FROM notification_number n WHERE n.msisdn = s.msisdn AND n.cell = s.cell
                )
                ORDER BY s.id LIMIT 1
            )
        )
        """
    )
    return None if found is None else Msisdn(found)


async def points_phones(connection: Connection) -> dict[str, Msisdn]:
    """Who in the demo has points, and whose number burns codes, by role; without those that it was not built with."""
    row = await connection.fetchrow(
        """
        SELECT (facts ->> 'points_number')::bigint AS points, (facts ->> 'merchant_number')::bigint AS merchant
        FROM instance
        """
    )
    return {role: Msisdn(number) for role, number in dict(row or {}).items() if number}
