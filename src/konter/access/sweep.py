"""Forget what no limit looks at any more."""

from datetime import datetime, timedelta

from konter.access.limits.queries import delete_marks
from konter.access.queries import logins as login_queries
from konter.access.staff.queries import delete_staff_logins
from konter.platform.db import Connection

# The longest look back is a day (names that nobody has); the rest is for whoever reads the audit next to it.
KEPT = timedelta(days=2)
BATCH = 5_000


async def sweep_logins(connection: Connection, *, now: datetime) -> None:
    """Delete marks of limits and logins older than two days; run it daily. Sessions stay, as sales name them."""
    for delete in (delete_marks, login_queries.delete_logins, delete_staff_logins):
        while await delete(connection, before=now - KEPT, limit=BATCH):
            pass
