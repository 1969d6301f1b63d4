"""What the network says of its own accord: a reason to look, never a reason to book."""

from datetime import datetime
from typing import Any

import structlog

from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, TransferId
from konter.platform.metrics import NETWORK_CLAIMS
from konter.sales.checking import queries
from konter.sales.checking.model import Told, Word, judge_claim
from konter.sales.model import Sale
from konter.sales.network.model import Answer
from konter.sales.queries import sale_of
from konter.sales.reconciliation.items import open_items
from konter.sales.reconciliation.model import Kind, NewItem

KINDS: dict[Word, Kind] = {
    "other_amount": Kind.OTHER_AMOUNT,
    "contradicts": Kind.NOT_DONE_AT_NETWORK,
    "not_sent": Kind.UNKNOWN_TRANSFER,
    "unknown_transfer": Kind.UNKNOWN_TRANSFER,
}
log = structlog.get_logger()


async def hear(connection: Connection, transfer_id: TransferId, claim: Answer, *, now: datetime, ids: IdBlocks) -> Told:
    """Take a claim of the network's: have its sale looked at, know it already, or open an item of work.

    Heard twice it changes nothing more. What the claim says is not believed: `judge_claim` tells why. [D-46, G-D12]
    """
    async with connection.transaction():
        row = await queries.read_sale_of_transfer(connection, transfer_id=transfer_id)
        sale = sale_of(row) if row is not None else None
        told = judge_claim(sale, claim, now=now)
        if told.look and told.sale_id is not None:
            await queries.make_due(connection, sale_id=told.sale_id, at=now)
        if (kind := KINDS.get(told.word)) is not None:
            await open_items(connection, [_item(kind, transfer_id, sale, claim, now)], now=now, ids=ids)
    NETWORK_CLAIMS.labels(told.word).inc()
    log.info("network told", transfer=transfer_id, state=claim.state, word=told.word, sale_id=told.sale_id)
    return told


def _item(kind: Kind, transfer_id: TransferId, sale: Sale | None, claim: Answer, now: datetime) -> NewItem:
    story: dict[str, Any] = {"claimed": claim.state, "claimed_rp": claim.nominal_rp, "claimed_reason": claim.reason}
    if sale is not None:
        story |= {"status": sale.status, "route": sale.route, "nominal_rp": sale.nominal_rp}
    return NewItem(
        kind=kind,
        transfer_id=transfer_id,
        day=business_day(sale.at if sale is not None else now),
        sale_id=sale.id if sale is not None else None,
        story={name: value for name, value in story.items() if value not in (None, "")},
    )
