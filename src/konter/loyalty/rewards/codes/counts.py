"""What staff see of codes: how many, never which."""

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


async def code_counts(connection: Connection, *, now: datetime) -> list[CodeCount]:
    """Counts by reward; it reads every code, so it is for a page of staff and not for every request."""
    return [CodeCount(**row) for row in await queries.count_codes(connection, now=now)]
