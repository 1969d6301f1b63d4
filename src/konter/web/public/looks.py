"""Wrong verify codes are counted per address: a stranger may try a few, not all."""

from datetime import datetime, timedelta

from konter.platform.db import Connection
from konter.platform.refusal import TOO_MANY_REQUESTS, Refusal
from konter.web.public import queries

WINDOW = timedelta(minutes=10)
# Many phones share a carrier's address, so this is far above what people mistype; a code has 50 bits.
WRONG_MAX = 60


async def look_refusal(connection: Connection, address: str, *, now: datetime) -> Refusal | None:
    """Whether an address has tried too many wrong codes lately; then even a right one waits."""
    begin = window_of(now)
    if await queries.read_count(connection, _key(address), window_at=begin) < WRONG_MAX:
        return None
    return TOO_MANY_REQUESTS(retry_after_s=int((begin + WINDOW - now).total_seconds()) + 1)


async def count_wrong(connection: Connection, address: str, *, now: datetime) -> None:
    """Remember a wrong code."""
    await queries.add_count(connection, _key(address), window_at=window_of(now))


def window_of(now: datetime) -> datetime:
    """The start of the ten minutes that a moment lies in."""
    return now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % WINDOW


def _key(address: str) -> str:
    return f"verify:address:{address}"
