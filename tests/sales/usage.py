"""A customer who uses what was delivered. Rating comes later; until then a test books it."""

from datetime import datetime

from tests.access.people import Stage

from konter.ledger.model import REVENUE, Books, Draft, House, Shortfall
from konter.ledger.queries import lock_owners, read_accounts, write_changes
from konter.platform.ids import Msisdn
from konter.subscriber.model import BUCKET, MAIN
from konter.subscriber.view import find_subscription


async def use(stage: Stage, msisdn: Msisdn, quota: tuple[str, datetime | None], amount: int) -> None:
    """Take so much from a quota by (source, end), or from the main balance: ("main", None)."""
    async with stage.pool.acquire() as connection:
        own = await stage.ids.reserve(connection, 1)
        subscription = await find_subscription(connection, msisdn)
        assert subscription is not None
        async with connection.transaction():
            await lock_owners(connection, owners=[subscription.id])
            accounts = await read_accounts(connection, owners=[subscription.id], at=stage.now)
            books = Books(accounts, seqs=own.take(1), at=stage.now)
            wanted = (MAIN, "", None) if quota[0] == "main" else (BUCKET, *quota)
            (account,) = (a for a in accounts if (a.kind, a.source, a.expires_at) == wanted)
            made = books.move(
                [Draft("usage", account, House(REVENUE), amount, account.asset)], reference_id=1, rule="t"
            )
            assert not isinstance(made, Shortfall)
            await write_changes(connection, books.changes())
