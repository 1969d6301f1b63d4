"""A member of staff looks at a sale. Every look leaves a line in the audit, as the sale shows a customer's number."""

from datetime import datetime

from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, SaleId
from konter.platform.refusal import Refusal
from konter.sales.history.read import SaleStory, sale_story

LOOKED = "view_sale"


async def look_at_sale(
    connection: Connection, sale_id: SaleId, *, actor: Actor, now: datetime, ids: IdBlocks
) -> SaleStory | Refusal:
    """One sale of any outlet, once it is written down that they look. Refusal: SALE_NOT_FOUND. [D-58, D-81]"""
    own = await ids.reserve(connection, 1)
    story = await sale_story(connection, sale_id, outlet_id=None)
    if isinstance(story, SaleStory):
        await write_audit(connection, own, [AuditRow(story.sale.cell, now, actor, LOOKED, sale_id, {})])
    return story
