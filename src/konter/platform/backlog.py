"""How much work waits in a queue: enough for its line on a home page, from a bounded look."""

from datetime import datetime

import msgspec

COUNTED_MAX = 10_000  # whoever has more waiting needs no exact number


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """How many wait, at most `COUNTED_MAX`, and since when the oldest does; None when nothing waits."""

    count: int
    oldest_at: datetime | None = None

    @property
    def more(self) -> bool:
        """Whether there are more than were counted."""
        return self.count >= COUNTED_MAX
