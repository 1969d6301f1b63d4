"""What staff see of codes: how many, never which."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from konter.loyalty.rewards.codes import queries
from konter.platform.db import Connection

FILES_MAX = 50


class CodeCount(msgspec.Struct, frozen=True, kw_only=True):
    """The codes of a reward: free, lapsed before anybody took them, issued, and of the issued those burnt."""

    reward: str
    free: int
    lapsed: int
    issued: int
    burnt: int


class CodeFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of codes that was taken: what it was called, how many it brought, when and by whom."""

    name: str
    codes: int
    taken_at: datetime
    taken_by: str


async def code_files(connection: Connection, reward: str) -> list[CodeFile]:
    """The files of codes of a reward, the newest 50."""
    return [CodeFile(**dict(row)) for row in await queries.read_files_of(connection, reward=reward, limit=FILES_MAX)]


async def code_counts(connection: Connection, rewards: Iterable[str], *, now: datetime) -> dict[str, CodeCount]:
    """Counts of the rewards asked for that ever had codes. One query, of indexes alone."""
    rows = await queries.count_codes(connection, rewards=sorted(rewards), now=now)
    return {row["reward"]: CodeCount(**row) for row in rows}
