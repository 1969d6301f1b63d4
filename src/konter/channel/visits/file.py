"""File a visit with its survey of display and stock. [D-66]"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from konter.channel.partner_users.queries import read_partner_users
from konter.channel.visits import queries
from konter.channel.visits.model import Filing, Visit, due_from, filing_refusal
from konter.channel.visits.refusals import VISIT_REF_REUSED
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, VisitId, cell_of_id, make_id
from konter.platform.refusal import Refusal

IDS_PER_FILING = 6  # the visit and an audit row, in each of three attempts


async def file_visits(
    connection: Connection, filings: Sequence[Filing], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[Refusal | Visit]:
    """Keep visits, one outcome each, in order. The same ref again is the same visit; with other words it is refused.

    Only who the plan sends to an outlet files there: for anybody else it is not found.
    """
    own = await ids.reserve(connection, IDS_PER_FILING * len(filings))

    async def work() -> list[Refusal | Visit]:
        outlet_ids = [each.outlet_id for each in filings]
        async with connection.transaction():
            await lock_owners(connection, owners=outlet_ids)
            await queries.hold_people(connection, [each.field_sales_id for each in filings])
            outlets = await queries.read_outlets(connection, outlet_ids)
            zones = await queries.read_zones(connection, outlet_ids)
            plans = await queries.read_visits(connection, outlet_ids)
            planned: dict[int, int] = {each.outlet_id: each.field_sales_id for each in plans}
            weekdays = {each.outlet_id: each.weekdays for each in plans}
            people = await read_partner_users(connection, [each.field_sales_id for each in filings])
            known = await queries.read_filed(connection, [(each.outlet_id, each.client_ref) for each in filings])
            outcomes: list[Refusal | Visit] = []
            new: list[Visit] = []
            for each in filings:
                before = known.get((each.outlet_id, each.client_ref))
                if before is not None:
                    outcomes.append(before if before.same_as(each) else VISIT_REF_REUSED())
                elif (refusal := filing_refusal(each, outlets, people, planned)) is not None:
                    outcomes.append(refusal)
                else:
                    id_ = VisitId(make_id(next(own.take(1)), cell_of_id(each.outlet_id)))
                    visit = _made(each, id_, now, zones[each.outlet_id])
                    known[each.outlet_id, each.client_ref] = visit
                    new.append(visit)
                    outcomes.append(visit)
            await queries.insert_visits(connection, new)
            due = {each.outlet_id: due_from(weekdays[each.outlet_id], each.day + timedelta(days=1)) for each in new}
            await queries.write_due(connection, due)
            await write_audit(connection, own, [_filed(each, actor, now) for each in new])
        return outcomes

    return await retried(work)


def _made(filing: Filing, id_: VisitId, now: datetime, zone: str) -> Visit:
    return Visit(
        id=id_,
        outlet_id=filing.outlet_id,
        field_sales_id=filing.field_sales_id,
        client_ref=filing.client_ref,
        at=now,
        day=now.astimezone(ZoneInfo(zone)).date(),
        display=filing.display,
        starter_packs=filing.starter_packs,
        vouchers=filing.vouchers,
        note=filing.note,
    )


def _filed(visit: Visit, actor: Actor, now: datetime) -> AuditRow:
    data = {"visit": str(visit.id), "display": visit.display}
    return AuditRow(cell_of_id(visit.outlet_id), now, actor, "visits.filed", visit.outlet_id, data)
