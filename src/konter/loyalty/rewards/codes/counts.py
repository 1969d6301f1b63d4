"""What staff see of codes: how many, never which."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from konter.loyalty.rewards.codes import queries
from konter.platform.db import Connection


class CodeCount(msgspec.Struct, frozen=True, kw_only=True):
    """The codes of a reward: free, lapsed before anybody took them, issued, and of the issued those burnt."""

    reward: str
    free: int
    lapsed: int
    issued: int
    burnt: int


async def code_counts(connection: Connection, rewards: Iterable[str], *, now: datetime) -> dict[str, CodeCount]:
    """Counts of the rewards asked for that ever had codes. One query, of indexes alone."""
    rows = await queries.count_codes(connection, rewards=sorted(rewards), now=now)
    return {row["reward"]: CodeCount(**row) for row in rows}
