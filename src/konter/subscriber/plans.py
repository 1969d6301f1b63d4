"""Which brand and kind a number has had when: prepaid becomes postpaid, and back. [P-38..P-40]

The rest of a migration (credit, quotas, the bill of the part of a month) belongs to the life cycle of numbers.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from konter.platform.db import Connection
from konter.platform.ids import SubscriptionId
from konter.rules.keys import Brands
from konter.subscriber import queries
from konter.subscriber.queries import BRAND_AT, PAST_PLANS

__all__ = ["BRAND_AT", "PAST_PLANS", "Kind", "Plan", "change_plans", "plan_of", "plans_at"]

Kind = Literal["prepaid", "postpaid"]


class Plan(msgspec.Struct, frozen=True):
    """A brand, and whether its numbers are paid before or after."""

    brand: str
    kind: Kind


def plan_of(brand: str, brands: Brands) -> Plan | None:
    """The plan that a brand is; a hybrid is paid after. None for a brand that is not in the table."""
    kinds = {each.code: each.kind for each in brands.table}
    return Plan(brand, "prepaid" if kinds[brand] == "prepaid" else "postpaid") if brand in kinds else None


async def plans_at(connection: Connection, asked: Sequence[tuple[SubscriptionId, datetime]]) -> list[Plan]:
    """The plans that subscriptions had at moments, in order; before its activation a number has its first one."""
    return [Plan(*row) for row in await queries.read_plans(connection, asked)]


async def change_plans(
    connection: Connection, changes: Sequence[tuple[SubscriptionId, Plan]], *, now: datetime
) -> list[SubscriptionId]:
    """Another plan from now on, for those that have a different one; returns them. In the caller's transaction, which
    has locked them; each named once.
    """
    return await queries.write_plans(connection, [(id_, plan.brand, plan.kind) for id_, plan in changes], at=now)
