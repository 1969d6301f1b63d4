"""What a customer agreed to by using a number. [T-01, T-02]"""

from datetime import datetime

import msgspec

from konter.platform.db import Connection
from konter.platform.ids import SubscriptionId
from konter.subscriber import queries
from konter.terms.history import version_in_force
from konter.terms.model import CUSTOMER_TERMS


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Formed at the activation on one version (None: from before it was kept); `binding` is the one that counts now, as
    whoever goes on using goes by the text in force.
    """

    formed_at: datetime
    version: str | None
    binding: str | None


async def agreement_of(connection: Connection, subscription_id: SubscriptionId, *, now: datetime) -> Agreement | None:
    """The agreement of a subscription, or None where there is no such one. Two queries."""
    formed = await queries.read_agreement(connection, subscription_id)
    if formed is None:
        return None
    binding = await version_in_force(connection, CUSTOMER_TERMS, at=now)
    return Agreement(formed_at=formed[1], version=formed[0], binding=binding)
