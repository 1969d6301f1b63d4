"""Points of a number that ended, or that is given to somebody else, are lost; who comes after begins at 0. [G-P18]"""

from collections.abc import Sequence
from datetime import datetime

from konter.ledger.model import EXPIRED, ISSUED, Books, Draft, House, Shortfall
from konter.ledger.read import lock_owners, read_accounts
from konter.ledger.write import write_changes
from konter.loyalty.points import queries
from konter.loyalty.points.model import ASSET, DEBT, POINTS
from konter.platform.db import Connection, long_work
from konter.platform.ids import IdBlocks, SubscriptionId
from konter.rules.model import Rules

FORFEIT = "points_forfeit"
ENDED_A_BATCH = 1_000
SEQS_EACH = 6


async def forfeit_points(
    connection: Connection,
    subscriptions: Sequence[SubscriptionId],
    *,
    why: str,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> int:
    """Take all points, and the debt, of locked subscriptions, in the caller's transaction; how many points it were.
    `why` stands in the transfer's rule.
    """
    if not subscriptions:
        return 0
    own = await ids.reserve(connection, SEQS_EACH * len(subscriptions))
    accounts = await read_accounts(connection, owners=subscriptions, at=now)
    books = Books(accounts, seqs=own.take(SEQS_EACH * len(subscriptions)), at=now)
    taken = 0
    for account in accounts:
        if account.kind not in (POINTS, DEBT):
            continue
        if account.balance > 0:
            draft = Draft(FORFEIT, account, House(EXPIRED), account.balance, ASSET)
            taken += account.balance
        elif account.balance < 0:
            draft = Draft(FORFEIT, House(ISSUED), account, -account.balance, ASSET)
        else:
            continue
        made = books.move([draft], reference_id=account.owner_id, rule=f"{rules.label} {why}")
        assert not isinstance(made, Shortfall), "what an account holds can be taken"
    await write_changes(connection, books.changes())
    return taken


async def forfeit_ended(connection: Connection, *, since: datetime, now: datetime, ids: IdBlocks, rules: Rules) -> int:
    """Numbers that ended since a moment and still hold points or a debt; how many points were taken. Again changes
    nothing.
    """
    taken, after = 0, 0
    while True:
        async with long_work(connection):
            found = await queries.find_ended(connection, since=since, after=after, limit=ENDED_A_BATCH)
        if not found:
            return taken
        after = found[-1]
        async with connection.transaction():
            await lock_owners(connection, owners=found)
            taken += await forfeit_points(connection, found, why="ended", now=now, ids=ids, rules=rules)
