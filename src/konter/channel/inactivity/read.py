"""Reviews that wait and the story of an outlet's inactivity, for pages. One query each. [D-71, D-73]"""

from datetime import UTC, datetime

from konter.channel.inactivity import queries
from konter.channel.inactivity.model import Countdown
from konter.channel.inactivity.queries import Review
from konter.platform.db import Connection
from konter.platform.ids import OutletId, PartnerId

PAGE_MAX = 200
STORY_MAX = 50
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)

__all__ = ["Review", "countdowns_of", "review_counts", "review_of", "reviews"]


async def reviews(
    connection: Connection, *, partner_id: PartnerId | None = None, after: Review | None = None, limit: int = 50
) -> list[Review]:
    """Reviews that wait, those due first; of one partner's outlets if said. The next page from behind `after`."""
    behind = (after.countdown.due_at or _BEGINNING, after.countdown.id) if after is not None else (_BEGINNING, 0)
    return await queries.read_reviews(connection, partner_id=partner_id, after=behind, limit=min(limit, PAGE_MAX))


async def review_counts(connection: Connection, *, now: datetime) -> tuple[int, int]:
    """How many reviews wait, and how many of these are past their time."""
    return await queries.count_reviews(connection, now=now)


async def review_of(connection: Connection, review_id: int) -> Countdown | None:
    """One countdown, whatever became of it."""
    return await queries.read_countdown(connection, review_id)


async def countdowns_of(connection: Connection, outlet_id: OutletId) -> list[Countdown]:
    """An outlet's countdowns with their evidence, the newest first; at most 50."""
    return await queries.read_countdowns_of(connection, outlet_id, limit=STORY_MAX)
