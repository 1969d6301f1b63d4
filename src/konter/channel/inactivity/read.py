"""Reviews that wait and the story of an outlet's inactivity, for pages. One query each. [D-71, D-73]"""

from datetime import UTC, datetime

from konter.channel.inactivity import queries
from konter.channel.inactivity.model import Countdown
from konter.channel.inactivity.queries import Review
from konter.channel.scope import Scope, reach_of
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import OutletId

PAGE_MAX = 200
STORY_MAX = 50
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)

__all__ = ["Review", "countdowns_of", "review_counts", "review_of", "reviews"]


async def reviews(
    connection: Connection,
    *,
    scope: Scope,
    behind: Cursor | None = None,
    limit: int = 50,
) -> list[Review]:
    """Reviews in the scope that wait, those due first. The next page from behind the last one's (due_at, id)."""
    reach = await reach_of(connection, scope)
    return await queries.read_reviews(
        connection, reach=reach, after=behind or (_BEGINNING, 0), limit=min(limit, PAGE_MAX)
    )


async def review_counts(connection: Connection, *, scope: Scope, now: datetime) -> tuple[int, int]:
    """How many reviews of the scope's outlets wait, and how many of these are past their time."""
    return await queries.count_reviews(connection, reach=await reach_of(connection, scope), now=now)


async def review_of(connection: Connection, review_id: int) -> Countdown | None:
    """One countdown, whatever became of it."""
    return await queries.read_countdown(connection, review_id)


async def countdowns_of(connection: Connection, outlet_id: OutletId) -> list[Countdown]:
    """An outlet's countdowns with their evidence, the newest first; at most 50."""
    return await queries.read_countdowns_of(connection, outlet_id, limit=STORY_MAX)
