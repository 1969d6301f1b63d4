"""Opening and closing a product."""

from datetime import datetime

import msgspec

from konter.catalogue import queries
from konter.catalogue.model import Product
from konter.catalogue.refusals import UNKNOWN_PRODUCT
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal


async def set_open(
    conn: Connection, code: str, *, is_open: bool, now: datetime, actor: Actor, ids: IdBlocks
) -> Product | Refusal:
    """Put a product on sale or take it off, from now on."""
    own_ids = await ids.reserve(conn, 1)
    async with conn.transaction():
        await queries.lock_version(conn)
        product = next((row for row in await queries.read_products(conn) if row.code == code), None)
        if product is None:
            return UNKNOWN_PRODUCT(product=code)
        if product.open == is_open:
            return product
        await queries.set_open(conn, code=code, is_open=is_open)
        await queries.raise_version(conn)
        action = "catalogue.open" if is_open else "catalogue.close"
        await write_audit(conn, own_ids, [AuditRow(0, now, actor, action, 0, {"product": code})])
    return msgspec.structs.replace(product, open=is_open)
