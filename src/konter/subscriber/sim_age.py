"""How fresh the SIM of a number is."""

from datetime import datetime

from konter.platform.db import Connection
from konter.platform.ids import Msisdn
from konter.subscriber import queries


async def sim_changed_at(connection: Connection, msisdn: Msisdn) -> datetime | None:
    """When the SIM of a number in use was last replaced; None where it never was, or nobody uses the number."""
    return await queries.read_sim_changed_at(connection, msisdn)
