"""Say to which cluster and depot districts belong. [D-57, D-59, G-D08]"""

from collections.abc import Sequence
from datetime import datetime

from konter.channel.geography.find import districts_by_code
from konter.channel.territory import queries
from konter.channel.territory.model import Territory, decide_territories
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, cell_of_id
from konter.platform.refusal import Refusal


async def assign_territories(
    connection: Connection, new: Sequence[Territory], *, actor: Actor, now: datetime, ids: IdBlocks
) -> list[Refusal | str]:
    """Give districts to clusters and depots, one outcome each, in order; the last word on a district counts.

    Outlets that stand there stay under their partner: who moves a district sees them by `outlets_of_area`. The audit
    row stands in the story of the depot's partner, and says whose the district was.
    """
    own = await ids.reserve(connection, 3 * len(new))

    async def work() -> list[Refusal | str]:
        async with connection.transaction():
            codes = [each.cluster for each in new] + [each.depot or "" for each in new]
            areas = await queries.lock_areas(connection, codes)
            was = await queries.lock_territories(connection, [each.district for each in new])
            districts = await districts_by_code(connection, [each.district for each in new])
            refusals = decide_territories(new, districts=set(districts), areas=areas)
            taken = {each.district: each for each, refusal in zip(new, refusals, strict=True) if refusal is None}
            changed = [each for each in taken.values() if was.get(each.district) != each]
            if changed:
                await queries.upsert_territories(connection, changed, at=now)
                audit = []
                for each in changed:
                    subject = areas[each.depot].partner_id or 0 if each.depot is not None else 0
                    before = was.get(each.district)
                    data = {"district": each.district, "cluster": each.cluster, "depot": each.depot}
                    data["was"] = before.depot or before.cluster if before is not None else None
                    audit.append(AuditRow(cell_of_id(subject), now, actor, "territory.assigned", subject, data))
                await write_audit(connection, own, audit)
        return [refusal or each.district for each, refusal in zip(new, refusals, strict=True)]

    return await retried(work)
