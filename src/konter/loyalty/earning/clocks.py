"""How long recharges and bills wait for their points, against what was promised. [P-14, P-15]"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from konter.loyalty.earning.queries import runs as queries
from konter.platform.db import Connection
from konter.rules.model import Rules

LOOKED_BACK = timedelta(days=30)
KEPT = timedelta(days=400)


class EarningClock(msgspec.Struct, frozen=True, kw_only=True):
    """Of recharges or bills, in the last 30 days: when the last run was (None: none lately), the longest that points
    waited for their grant, the promise, grants in time and late, and since when nothing was looked at; in seconds.
    """

    of: Literal["recharges", "bills"]
    ran_at: datetime | None
    worst_s: int
    promised_s: int
    in_time: int
    late: int
    waiting_s: int

    @property
    def broken(self) -> bool:
        """Whether the promise was broken, or is by now."""
        return self.late > 0 or max(self.worst_s, self.waiting_s) > self.promised_s


async def forget_runs(connection: Connection, *, now: datetime) -> None:
    """Runs that no clock shows any more; the newest stay."""
    await queries.delete_runs(connection, before=now - KEPT)


async def earning_clocks(connection: Connection, *, now: datetime, rules: Rules) -> list[EarningClock]:
    """Both clocks: points 24 hours after a recharge, 72 after rating by the rules shipped. One query."""
    promised = {"recharges": rules.poin.prepaid.grant_h, "bills": rules.poin.postpaid.grant_h}
    return [
        EarningClock(
            of=row["name"],
            ran_at=row["ran_at"],
            worst_s=row["worst_s"],
            promised_s=promised[row["name"]] * 3600,
            in_time=row["in_time"],
            late=row["late"],
            waiting_s=int((now - row["ran_at"]).total_seconds()) if row["ran_at"] is not None else 0,
        )
        for row in await queries.read_clocks(connection, since=now - LOOKED_BACK)
    ]
