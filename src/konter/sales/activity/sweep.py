"""The daily sweep over all outlets: who has neither sold nor bought for so long that something follows. [D-71, D-73]

A sale writes nothing for it. What is known of an outlet is a lower bound, renewed when it has become old: an outlet
that sells is looked at once in 23 days, by two steps down an index, and thousands in one statement. [D-72]
"""

from collections import Counter
from datetime import datetime

from konter.channel.inactivity.judge import judge_sellers
from konter.channel.inactivity.model import DAY
from konter.platform.audit import SYSTEM
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.rules.model import Rules
from konter.sales.activity import queries
from konter.sales.activity.newest import counted, newest_by

PAGE = 5_000


async def sweep_inactivity(
    connection: Connection, *, now: datetime, ids: IdBlocks, rules: Rules, page: int = PAGE
) -> Counter[str]:
    """Do everything that is due; counts of notice, review, terminate, resumed and looked (at how many outlets).

    Each page commits by itself. Run twice, late, or by two at once it does everything once.
    """
    newest = newest_by(rules)
    done: Counter[str] = Counter()
    first_day = min((*rules.seller.inactivity_notice_days, rules.seller.inactivity_days))
    after = 0
    while True:
        seen = await queries.renew(
            connection, idle_since=now - first_day * DAY, after=after, limit=page, statuses=counted(rules)
        )
        if seen.idle:
            done += await judge_sellers(
                connection, seen.idle, newest=newest, actor=SYSTEM, now=now, ids=ids, rules=rules
            )
        done["looked"] += seen.looked
        if seen.looked < page:
            break
        after = seen.last
    return done + await _close_resumed(connection, now=now, ids=ids, rules=rules, page=page)


async def _close_resumed(
    connection: Connection, *, now: datetime, ids: IdBlocks, rules: Rules, page: int
) -> Counter[str]:
    """Countdowns of sellers who have sold or bought since are over."""
    newest = newest_by(rules)
    done: Counter[str] = Counter()
    after = 0
    while rows := await queries.read_resumed(connection, after=after, limit=page):
        seen = {outlet_id: activity for _, outlet_id, activity in rows}
        done += await judge_sellers(connection, seen, newest=newest, actor=SYSTEM, now=now, ids=ids, rules=rules)
        after = rows[-1][0]
    return done
