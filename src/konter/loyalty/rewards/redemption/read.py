"""Look at redemptions: one, or a number's, newest first; codes are opened for who may see them."""

from collections.abc import Sequence
from datetime import datetime

from konter.loyalty.rewards.redemption import queries
from konter.loyalty.rewards.redemption.model import GotCode, Redemption, RedemptionId
from konter.loyalty.rewards.refusals import REDEMPTION_NOT_FOUND
from konter.platform.db import Connection
from konter.platform.ids import SubscriptionId
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys

PAGE_MAX = 100


async def redemptions_of(
    connection: Connection,
    subscription_id: SubscriptionId,
    *,
    before: tuple[datetime, int] | None = None,
    limit: int = PAGE_MAX,
) -> list[Redemption]:
    """A number's redemptions, newest first; the next page starts before the last one's (at, id). [P-30]"""
    return await queries.read_of_subscription(
        connection, subscription_id=subscription_id, before=before, limit=min(limit, PAGE_MAX)
    )


async def redemption_of(
    connection: Connection, redemption_id: RedemptionId, *, subscription_id: SubscriptionId | None
) -> Redemption | Refusal:
    """One redemption, of a number or, for staff, of any (None). REDEMPTION_NOT_FOUND."""
    found = (await queries.read_redemptions(connection, ids=[redemption_id])).get(redemption_id)
    if found is None or subscription_id not in (None, found.subscription_id):
        return REDEMPTION_NOT_FOUND()
    return found


async def redemptions_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, Redemption]:
    """Redemptions of a caller who knows that these may be seen."""
    found = await queries.read_redemptions(connection, ids=[RedemptionId(each) for each in ids])
    return {int(id_): redemption for id_, redemption in found.items()}


async def voucher_of(connection: Connection, redemption: Redemption, *, keys: Keys) -> str | None:
    """The code that a redemption gave, for the customer's own eyes; None where it gave none. Staff never ask for it."""
    if not isinstance(redemption.delivery, GotCode):
        return None
    code_id = redemption.delivery.code_id
    return keys.reveal((await queries.read_sealed(connection, code_ids=[code_id]))[code_id])
