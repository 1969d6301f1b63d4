"""Seller numbers of the older channel: known from a file, linked with the outlet that had one, never made twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from konter.channel.numbers.holding import Moment, NumberGiven, hold_sellers, read_state
from konter.channel.numbers.model import Numbers, OutletRow
from konter.channel.numbers.queries import holders as holder_queries
from konter.channel.numbers.queries import outlets as outlet_queries
from konter.channel.refusals import OUTLET_NOT_FOUND, OUTLET_TERMINATED
from konter.channel.scope import Scope
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, Msisdn, OutletId, cell_of_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules


class SellerLink(msgspec.Struct, frozen=True):
    """The seller number that an outlet says to have had in the older channel."""

    outlet_id: OutletId
    msisdn: Msisdn


class SellerLinked(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. `name` is the seller's in the older channel; None: nobody knows the number there, nothing was
    linked, and the outlet goes the way of a new reseller.
    """

    outlet_id: OutletId
    msisdn: Msisdn
    name: str | None


async def link_seller_numbers(
    connection: Connection,
    links: Sequence[SellerLink],
    *,
    scope: Scope,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> list[Refusal | SellerLinked]:
    """Link outlets with their seller numbers of before, one outcome each, in order; again is no change.

    A number in use at another outlet, in whatever role, is `SELLER_NUMBER_LINKED`. A known one that an outlet registers
    as its reseller number is linked by that already. [D-20]
    """
    own = await ids.reserve(connection, 3 * len(links))

    async def work() -> list[Refusal | SellerLinked]:
        async with connection.transaction():
            await lock_owners(connection, owners=[link.outlet_id for link in links])
            outlets = await outlet_queries.read_outlets(connection, [link.outlet_id for link in links], scope=scope)
            state = await read_state(connection, [link.msisdn for link in links], now=now, rules=rules)
            moment = Moment(now, actor, own)
            outcomes: list[Refusal | SellerLinked] = []
            given: list[NumberGiven] = []
            for link in links:
                outcome = _decide(link, outlets, state, now)
                outcomes.append(outcome)
                before = state.of(link.msisdn)
                if isinstance(outcome, SellerLinked) and outcome.name and before.seller_outlet_id is None:
                    given.append(NumberGiven(link.msisdn, link.outlet_id, before))
                    state.give_seller(link.msisdn, link.outlet_id)
            await hold_sellers(connection, given, moment)
            rows = [
                AuditRow(cell_of_id(g.outlet_id), now, actor, "outlet.seller_linked", g.outlet_id, {"number": g.msisdn})
                for g in given
            ]
            await write_audit(connection, own, rows)
        return outcomes

    return await retried(work)


def _decide(
    link: SellerLink, outlets: Mapping[int, OutletRow], state: Numbers, now: datetime
) -> Refusal | SellerLinked:
    outlet = outlets.get(link.outlet_id)
    if outlet is None:
        return OUTLET_NOT_FOUND()
    if outlet.status == "terminated":
        return OUTLET_TERMINATED()
    name = state.of(link.msisdn).seller
    linked = SellerLinked(outlet_id=link.outlet_id, msisdn=link.msisdn, name=name)
    return linked if name is None else state.seller_refusal(link.msisdn, link.outlet_id, now=now) or linked


async def know_sellers(connection: Connection, sellers: Sequence[tuple[Msisdn, str]], *, now: datetime) -> int:
    """Seller numbers with their names, as a file of the older channel has them; how many are new or renamed."""
    return await holder_queries.upsert_sellers(connection, dict(sellers), at=now)
