"""Say which field-sales person visits which outlets on which days, or that nobody does. [D-57, D-60, D-66]"""

from collections.abc import Sequence
from datetime import datetime

from konter.channel.partner_users.queries import read_partner_users
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.channel.visits import queries
from konter.channel.visits.model import Visits, first_due, person_refusal, visits_refusal
from konter.channel.visits.refusals import FIELD_SALES_NOT_FOUND
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, OutletId, UserId, cell_of_id
from konter.platform.refusal import Refusal

HANDED_OVER_AT_ONCE = 500


async def assign_visits(
    connection: Connection, visits: Sequence[Visits], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[Refusal | OutletId]:
    """Make visit plans, one outcome each, in order; an outlet named twice gets the last accepted one.

    The person must do field sales for the outlet's own partner now: `FIELD_SALES_NOT_FOUND` for anybody else.
    """
    own = await ids.reserve(connection, 3 * len(visits))

    async def work() -> list[Refusal | OutletId]:
        async with connection.transaction():
            await lock_owners(connection, owners=[each.outlet_id for each in visits])
            await queries.hold_people(connection, [each.field_sales_id for each in visits])
            outlets = await queries.read_outlets(connection, [each.outlet_id for each in visits])
            people = await read_partner_users(connection, [each.field_sales_id for each in visits])
            refusals = [visits_refusal(each, outlets, people) for each in visits]
            planned = {each.outlet_id: each for each, no in zip(visits, refusals, strict=True) if no is None}
            zones = await queries.read_zones(connection, list(planned))
            last = await queries.read_last_days(connection, list(planned))
            due = {each.outlet_id: first_due(each, zones, last, now) for each in planned.values()}
            await queries.upsert_visits(connection, list(planned.values()), due, at=now)
            audit = [
                _planned(each.outlet_id, each.field_sales_id, list(each.weekdays), actor, now)
                for each in planned.values()
            ]
            await write_audit(connection, own, audit)
        return [refusal or each.outlet_id for each, refusal in zip(visits, refusals, strict=True)]

    return await retried(work)


async def stop_visits(
    connection: Connection, outlet_ids: Sequence[OutletId], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[Refusal | OutletId]:
    """Nobody visits these outlets any more, one outcome each; also where nobody did."""
    own = await ids.reserve(connection, len(outlet_ids))
    async with connection.transaction():
        await lock_owners(connection, owners=outlet_ids)
        known = await queries.read_outlets(connection, outlet_ids)
        ended = await queries.delete_visits(connection, outlet_ids)
        await write_audit(connection, own, [_planned(outlet_id, None, [], actor, now) for outlet_id in ended])
    return [outlet_id if outlet_id in known else OUTLET_NOT_FOUND() for outlet_id in outlet_ids]


async def hand_over(
    connection: Connection, giver: UserId, taker: UserId, *, actor: Actor, now: datetime, ids: IdBlocks
) -> Refusal | int:
    """All outlets that one person visits go to a colleague of the same partner, on the same days; how many did.

    The giver may have left already. In parts of 500 outlets, each whole: done again it goes on where it stopped.
    """
    handed = 0
    while True:
        own = await ids.reserve(connection, HANDED_OVER_AT_ONCE)
        async with connection.transaction():
            outlets = await queries.read_outlets_of(connection, giver, limit=HANDED_OVER_AT_ONCE)
            await lock_owners(connection, owners=outlets)
            await queries.hold_people(connection, [giver, taker])
            people = await read_partner_users(connection, [giver, taker])
            refusal = (
                FIELD_SALES_NOT_FOUND()
                if giver not in people or giver == taker
                else person_refusal(people.get(taker), people[giver].partner_id)
            )
            if refusal is not None:
                return refusal
            moved = await queries.hand_over(connection, outlets, giver=giver, taker=taker, at=now)
            await write_audit(connection, own, [_planned(outlet_id, taker, None, actor, now) for outlet_id in moved])
        handed += len(moved)
        if len(outlets) < HANDED_OVER_AT_ONCE:
            return handed


def _planned(
    outlet_id: OutletId, person: UserId | None, weekdays: list[int] | None, actor: Actor, now: datetime
) -> AuditRow:
    """In the outlet's story; no days are said where they stay."""
    data = {"field_sales": str(person) if person is not None else None}
    if weekdays is None:
        return AuditRow(cell_of_id(outlet_id), now, actor, "visits.handed_over", outlet_id, data)
    return AuditRow(cell_of_id(outlet_id), now, actor, "visits.planned", outlet_id, {**data, "weekdays": weekdays})
