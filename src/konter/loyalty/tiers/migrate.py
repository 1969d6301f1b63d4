"""Prepaid becomes postpaid, or back: points stay, the tier goes along, what counts for it begins anew. [P-38..P-40]"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from konter.loyalty.points.forfeit import forfeit_points
from konter.loyalty.tiers import queries
from konter.loyalty.tiers.model import Change, Held, lowest, migrate
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, SubscriptionId
from konter.rules.model import Rules
from konter.subscriber.plans import Plan, change_plans


async def migrate_members(
    connection: Connection,
    changes: Sequence[tuple[SubscriptionId, Plan]],
    *,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> list[SubscriptionId]:
    """Give locked subscriptions another plan, in the caller's transaction; returns those for which it was another one.

    Points are accounts of the subscription and stay where they are; back to prepaid they are forfeited where the rules
    say so. Between two prepaid brands nothing else changes. [P-38, P-39, P-40, G-P16, G-P17]
    """
    kinds = await queries.read_kinds(connection, subscriptions=[id_ for id_, _ in changes])
    changed = set(await change_plans(connection, changes, now=now))
    moved = [id_ for id_, plan in changes if id_ in changed and plan.kind != kinds[id_]]
    today = business_day(now, ZoneInfo(rules.poin.time_zone))
    held = await queries.read_held(connection, subscriptions=moved)
    nobody = Held(standing=lowest(rules.tier), changes=0)
    rows = [
        Change(
            subscription_id=id_,
            seq=known.changes + 1,
            tier_before=known.standing.tier,
            standing=migrate(known.standing, on=today, tier=rules.tier),
            spent_rp=0,
        )
        for id_ in moved
        for known in (held.get(id_, nobody),)
    ]
    if rows:
        await queries.write_changes(connection, rows, rule=rules.label, at=now)
    if rules.poin.migrate_to_prepaid == "forfeit":
        to_prepaid = [id_ for id_, plan in changes if id_ in moved and plan.kind == "prepaid"]
        await forfeit_points(connection, to_prepaid, why="migrated", now=now, ids=ids, rules=rules)
    return list(changed)
