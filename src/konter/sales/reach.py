"""Whether what is about a sale lies within somebody's area; what does not is answered as if it did not exist. [D-57]"""

from collections.abc import Callable, Mapping
from typing import Literal

from konter.channel.scope import Scope, outlet_within
from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.sales import queries
from konter.sales.adjustment.refusals import ADJUSTMENT_NOT_FOUND
from konter.sales.reconciliation.refusals import ITEM_NOT_FOUND
from konter.sales.refusals import REVERSAL_NOT_FOUND, SALE_NOT_FOUND

What = Literal["sale", "reversal", "adjustment", "work_item"]
_NOT_FOUND: Mapping[What, Callable[[], Refusal]] = {
    "sale": SALE_NOT_FOUND,
    "reversal": REVERSAL_NOT_FOUND,
    "adjustment": ADJUSTMENT_NOT_FOUND,
    "work_item": ITEM_NOT_FOUND,
}


async def out_of_reach(connection: Connection, what: What, id_: int, *, scope: Scope) -> Refusal | None:
    """The refusal for what an outlet outside the scope sold, the same as for what there is none of. None: go on.

    An item that is about no sale, such as a day's file, belongs to no outlet and to everybody. At most two queries,
    none for a scope that is everywhere.
    """
    if scope.is_everywhere:
        return None
    outlet_id = await queries.read_outlet_of(connection, what, id_)
    if outlet_id is None or await outlet_within(connection, outlet_id, scope):
        return None
    return _NOT_FOUND[what]()
