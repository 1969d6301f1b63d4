"""Look at redemptions: one, or a number's, newest first; codes are opened for who may see them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from konter.loyalty.rewards.redemption import queries
from konter.loyalty.rewards.redemption.model import GotCode, Redemption, RedemptionId
from konter.loyalty.rewards.refusals import REDEMPTION_NOT_FOUND
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, SubscriptionId
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys

PAGE_MAX = 100
ASKED_ABOUT_WITHIN = timedelta(hours=24)
LOOKED_AT = 10


class Voucher(msgspec.Struct, frozen=True, kw_only=True):
    """A code as its customer sees it; a merchant has burnt it where `burnt_at` is set."""

    code: str
    burnt_at: datetime | None


async def redemptions_of(
    connection: Connection,
    subscription_id: SubscriptionId,
    *,
    before: Cursor | None = None,
    limit: int = PAGE_MAX,
) -> list[Redemption]:
    """A number's redemptions, newest first; the next page starts before the last one's (at, id). [P-30]"""
    return await queries.read_of_subscription(
        connection, subscription_id=subscription_id, before=before, limit=min(limit, PAGE_MAX)
    )


async def lately_redeemed(
    connection: Connection, subscription_id: SubscriptionId, reward: str, *, now: datetime
) -> Redemption | None:
    """The last redemption of a reward by a number within a day, that was not refunded: whoever went back, or lost the
    answer on the way, is told of it before redeeming again.
    """
    newest = await redemptions_of(connection, subscription_id, limit=LOOKED_AT)
    return next(
        (
            each
            for each in newest
            if each.reward == reward and each.status != "refunded" and each.at > now - ASKED_ABOUT_WITHIN
        ),
        None,
    )


async def redemption_of(
    connection: Connection, redemption_id: RedemptionId, *, subscription_id: SubscriptionId | None
) -> Redemption | Refusal:
    """One redemption, of a number or, for staff, of any (None). REDEMPTION_NOT_FOUND."""
    found = (await queries.read_redemptions(connection, ids=[redemption_id])).get(redemption_id)
    if found is None or subscription_id not in (None, found.subscription_id):
        return REDEMPTION_NOT_FOUND()
    return found


async def number_of_redemption(connection: Connection, redemption_id: RedemptionId) -> Msisdn | None:
    """The number on whose page a redemption stands; None once it is nobody's or another customer's. One query."""
    return await queries.read_number_of(connection, redemption_id=redemption_id)


async def redemptions_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, Redemption]:
    """Redemptions of a caller who knows that these may be seen."""
    found = await queries.read_redemptions(connection, ids=[RedemptionId(each) for each in ids])
    return {int(id_): redemption for id_, redemption in found.items()}


async def burnt_of(connection: Connection, redemptions: Sequence[Redemption]) -> dict[RedemptionId, datetime]:
    """When merchants burnt the codes that redemptions gave; those that are not burnt are left out."""
    given = {each.delivery.code_id: each.id for each in redemptions if isinstance(each.delivery, GotCode)}
    if not given:
        return {}
    held = await queries.read_vouchers(connection, code_ids=list(given))
    burnt = {id_: held[code_id]["burnt_at"] for code_id, id_ in given.items()}
    return {id_: at for id_, at in burnt.items() if at is not None}


async def vouchers_of(
    connection: Connection, redemptions: Sequence[Redemption], *, keys: Keys
) -> dict[RedemptionId, Voucher]:
    """The codes that a customer's own redemptions gave, for no other eyes; those that gave none are left out.

    Staff never ask for them.
    """
    wanted = {each.id: each.delivery.code_id for each in redemptions if isinstance(each.delivery, GotCode)}
    if not wanted:
        return {}
    held = await queries.read_vouchers(connection, code_ids=list(wanted.values()))
    return {
        id_: Voucher(code=keys.reveal(held[code_id]["sealed"]), burnt_at=held[code_id]["burnt_at"])
        for id_, code_id in wanted.items()
    }
