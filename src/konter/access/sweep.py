"""Forget what no limit looks at any more."""

from datetime import datetime, timedelta

from konter.access.customers.queries import delete_sessions
from konter.access.limits.queries import delete_marks
from konter.access.queries import logins as login_queries
from konter.access.staff.queries import delete_staff_logins
from konter.platform.db import Connection

# The longest look back is a day (names that nobody has); the rest is for whoever reads the audit next to it.
KEPT = timedelta(days=2)
BATCH = 5_000


async def sweep_logins(connection: Connection, *, now: datetime) -> None:
    """Delete marks of limits and logins older than two days; run it daily. Sessions of sellers stay, as sales name
    them; those of customers go two days after their end.
    """
    for delete in (delete_marks, login_queries.delete_logins, delete_staff_logins, delete_sessions):
        while await delete(connection, before=now - KEPT, limit=BATCH):
            pass
