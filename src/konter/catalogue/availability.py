"""Opening and closing a product by hand. Who did it, when and why stays with the product."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from konter.catalogue import queries
from konter.catalogue.model import Closure, Product
from konter.catalogue.refusals import UNKNOWN_PRODUCT
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal


async def set_open(
    conn: Connection, code: str, *, is_open: bool, now: datetime, actor: Actor, ids: IdBlocks, reason: str = ""
) -> Product | Refusal:
    """Put a product on sale or take it off, from now on; the reason is for staff. Already so: nothing changes."""
    own_ids = await ids.reserve(conn, 1)
    async with conn.transaction():
        await queries.lock_version(conn)
        product = next((row for row in await queries.read_products(conn) if row.code == code), None)
        if product is None:
            return UNKNOWN_PRODUCT(product=code)
        if product.open == is_open:
            return product
        await queries.set_open(conn, code=code, is_open=is_open)
        if is_open:
            await queries.end_closure(conn, product=code, at=now, by=actor.text)
        else:
            await queries.write_closure(conn, product=code, at=now, by=actor.text, reason=reason)
        await queries.raise_version(conn)
        action = "catalogue.open" if is_open else "catalogue.close"
        await write_audit(conn, own_ids, [AuditRow(0, now, actor, action, 0, {"product": code, "reason": reason})])
    return msgspec.structs.replace(product, open=is_open)


async def last_closures(conn: Connection) -> Mapping[str, Closure]:
    """The last closure by hand of each product that had one."""
    return {closure.product: closure for closure in await queries.read_closures(conn)}
