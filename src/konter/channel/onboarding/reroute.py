"""Applications that wait for a partner that is no more go to whoever serves their place now. [D-59, G-D08, G-D09]"""

from datetime import datetime

from konter.channel.onboarding import queries
from konter.channel.territory.read import default_partners
from konter.platform.audit import SYSTEM, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, cell_of_id
from konter.rules.model import Rules

BATCH = 500


async def reroute_applications(connection: Connection, *, now: datetime, ids: IdBlocks, rules: Rules) -> int:
    """Give them to the default partner of their district; how many. Nobody recommends for a partner that has ended, and
    no branch approves what nobody recommended. Where no partner serves the place they wait until one does.
    """
    count, after = 0, 0
    while orphans := await queries.read_orphans(connection, after=after, limit=BATCH):
        own = await ids.reserve(connection, len(orphans))
        async with connection.transaction():
            known = await queries.lock_applications(connection, orphans)
            partners = await default_partners(connection, [each.district or "" for each in known.values()], rules=rules)
            rows = [
                (id_, partners[each.district])
                for id_, each in known.items()
                if each.state in ("submitted", "recommended") and each.district in partners
            ]
            await queries.write_partners(connection, [row for row in rows if known[row[0]].partner_id != row[1]])
            audit = [
                AuditRow(cell_of_id(id_), now, SYSTEM, "application.rerouted", id_, {"partner": str(partner_id)})
                for id_, partner_id in rows
                if known[id_].partner_id != partner_id
            ]
            await write_audit(connection, own, audit)
        count += len(audit)
        after = orphans[-1]
    return count
