"""Fill a database with sales of the past, set by set, so that its books still balance. For the figures of growth."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bench import queries
from konter.ledger.books import check_books
from konter.platform.clock import Clock
from konter.platform.db import Connection, allow_long_work
from konter.platform.ids import BLOCK_SIZE

ENTRIES_PER_SALE = 4
SEQS_PER_SALE = 8
CHUNK = 250_000
PAST = timedelta(days=30)
BEFORE_TODAY = timedelta(days=2)  # older than what the guard against duplicates looks at


async def fill(connection: Connection, *, entries: int, say: Callable[[str], None]) -> int:
    """Add sales until there are so many entries; gives how many there are. Raises unless the books balance after."""
    clock = Clock()
    before = await queries.count_entries(connection)
    sales = max(0, entries - before) // ENTRIES_PER_SALE
    end = clock.now() - BEFORE_TODAY
    await queries.make_filler(connection)
    for done in range(0, sales, CHUNK):
        count = min(CHUNK, sales - done)
        say(f"filling {done * ENTRIES_PER_SALE:,} of {entries:,} entries")
        await fill_chunk(
            connection, count=count, begin=_moment(end, done, sales), end=_moment(end, done + count, sales)
        )
    await queries.settle(connection)
    report = await check_books(connection, now=clock.now())
    if not report.balanced:
        raise RuntimeError(f"the filled books do not balance: {report.breaks}")
    return before + sales * ENTRIES_PER_SALE


def _moment(end: datetime, done: int, sales: int) -> datetime:
    """When the sale of this place was; they lie evenly over the past weeks."""
    return end - PAST + PAST * (done / sales)


async def fill_chunk(connection: Connection, *, count: int, begin: datetime, end: datetime) -> None:
    """So many sales, between two moments, in one transaction."""
    async with connection.transaction():
        await allow_long_work(connection)
        block = await queries.reserve_blocks(connection, count=count * SEQS_PER_SALE // BLOCK_SIZE + 1)
        await queries.fill_past(connection, count=count, first_seq=block * BLOCK_SIZE, begin=begin, end=end)
