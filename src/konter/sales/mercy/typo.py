"""A number that looks like a slip of the finger."""

from datetime import datetime, timedelta

from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId
from konter.rules.keys import Sale as SaleRules
from konter.sales.mercy import queries
from konter.sales.mercy.model import Meant, slips


async def meant_number(
    connection: Connection, *, outlet_id: OutletId, msisdn: Msisdn, now: datetime, rules: SaleRules
) -> Meant | None:
    """The number that was probably meant: this outlet never sold to the typed one, but to one that is a slip away.

    One query on the index of an outlet's numbers, over some 110 of them.
    """
    if not rules.typo_days:
        return None
    return await queries.find_meant(
        connection,
        outlet_id=outlet_id,
        msisdn=msisdn,
        slips=slips(msisdn),
        since=now - timedelta(days=rules.typo_days),
    )
