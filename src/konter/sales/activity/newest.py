"""When outlets last sold or bought: what counts, and how it is looked up. [D-71, D-72, G-D16]"""

from collections.abc import Mapping, Sequence

from konter.channel.inactivity.model import Activity
from konter.channel.inactivity.port import Newest
from konter.platform.db import Connection
from konter.platform.ids import OutletId
from konter.rules.model import Rules
from konter.sales.activity import queries

_STATUS = {"success": "done", "refunded": "refunded"}


def counted(rules: Rules) -> list[str]:
    """The statuses of sales that count as activity; by default only those that succeeded."""
    return [_STATUS[word] for word in rules.seller.inactivity_counts]


def newest_by(rules: Rules) -> Newest:
    """The way in which inactivity looks at sales and purchases. A sale that is not decided yet is told as open."""

    async def newest(connection: Connection, outlet_ids: Sequence[OutletId]) -> Mapping[OutletId, Activity]:
        return await queries.read_newest(connection, outlet_ids, statuses=[*counted(rules), "checking"])

    return newest
