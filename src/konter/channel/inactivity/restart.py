"""Days are counted anew for sellers who could not sell, as when a suspension is lifted. [D-71, D-73]"""

from collections.abc import Sequence
from datetime import datetime

from konter.channel.inactivity import queries
from konter.channel.inactivity.model import Countdown
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, OutletId, cell_of_id, make_id


async def restart_counts(
    connection: Connection, outlet_ids: Sequence[OutletId], *, reason: str, actor: Actor, now: datetime, ids: IdBlocks
) -> None:
    """Begin the count of these outlets at this moment, in the caller's transaction, under their locks; one id each.

    The reason is kept as if staff had spared them. A countdown that goes on is closed by the next sweep.
    """
    seqs = ids.take(len(outlet_ids))
    await queries.write_countdowns(
        connection,
        [
            Countdown(
                id=make_id(next(seqs), cell_of_id(outlet_id)),
                outlet_id=outlet_id,
                policy="review",
                state="spared",
                since=now,
                last_kind="spared",
                last_id=outlet_id,
                noticed_day=0,
                noticed_at=None,
                notices=(),
                opened_at=now,
                decided_at=now,
                decided_by=actor.text,
                reason=reason.strip() or "lifted",
            )
            for outlet_id in outlet_ids
        ],
    )
