"""The proof that nothing was lost or made: `check_books`, and the daily roll-up of house accounts."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from konter.ledger import queries
from konter.platform.clock import day_start
from konter.platform.db import Connection, allow_long_work


class BooksReport(msgspec.Struct, frozen=True):
    """What broke, by proof; empty means that the books balance. `totals` is the trial balance by kind and asset."""

    breaks: dict[str, list[dict[str, Any]]]
    totals: list[dict[str, Any]]

    @property
    def balanced(self) -> bool:
        """Whether every proof holds."""
        return not self.breaks


async def check_books(connection: Connection, *, now: datetime) -> BooksReport:
    """Prove the books from the entries up: sums, balances, floors, transit, deadlines. Reads everything once.

    Runs after every database test, nightly, and as `konter check-books`.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await allow_long_work(connection)
        breaks = await queries.read_breaks(connection, now=now)
        totals = await queries.read_totals(connection)
    return BooksReport(
        breaks={proof: [dict(row) for row in rows] for proof, rows in breaks.items()},
        totals=[dict(row) for row in totals],
    )


async def roll_up_house(connection: Connection, day: date) -> None:
    """Sum the house accounts' entries of one business day (WIB); the day must be over."""
    async with connection.transaction():
        await allow_long_work(connection)
        await queries.insert_house_day(
            connection, day=day, begin=day_start(day), end=day_start(day + timedelta(days=1))
        )
