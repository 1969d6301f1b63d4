"""Which numbers are the operator's own and in use."""

from collections.abc import Sequence
from datetime import datetime

from konter.platform.db import Connection
from konter.platform.ids import Msisdn
from konter.rules.model import Rules
from konter.subscriber import queries
from konter.subscriber.model import State
from konter.subscriber.msisdn import has_prefix


async def active_numbers(
    connection: Connection, msisdns: Sequence[Msisdn], *, now: datetime, rules: Rules
) -> set[Msisdn]:
    """Those with an own prefix and, where the registry decides, an ACTIVE subscription. [D-25, G-D04]"""
    ours = [msisdn for msisdn in msisdns if has_prefix(msisdn, rules.numbering.prefixes)]
    if rules.numbering.ownership_source == "prefix":
        return set(ours)
    known = await queries.read_subscriptions(connection, msisdns=ours)
    return {msisdn for msisdn, found in known.items() if found.state(now, rules.validity) is State.ACTIVE}
