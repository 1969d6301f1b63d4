"""Give numbers to outlets and users and take them away, in the caller's transaction, under the outlets' locks.

What goes is taken first, so that another in the same batch may have it; the past of each number is written with it.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.channel.numbers.model import Begun, Ended, Number, Numbers, NumberType
from konter.channel.numbers.queries import holders as holder_queries
from konter.channel.numbers.queries import registrations as registration_queries
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn, OutletId, UserId, cell_of_msisdn, make_id
from konter.rules.model import Rules
from konter.subscriber.ownership import active_numbers


class NumberGiven(msgspec.Struct, frozen=True):
    """An outlet gets a number; `before` is what was known of it when that was decided."""

    msisdn: Msisdn
    outlet_id: OutletId
    before: Number


class LinkGiven(NumberGiven, frozen=True):
    """A user of an outlet gets a notification number."""

    user_id: UserId
    type: NumberType


class Moment(msgspec.Struct, frozen=True):
    """When and by whom numbers change hands, and ids for what is remembered of it."""

    at: datetime
    actor: Actor
    ids: IdBlocks


async def read_state(connection: Connection, msisdns: Sequence[Msisdn], *, now: datetime, rules: Rules) -> Numbers:
    """What decides on these numbers. Two queries."""
    return Numbers(
        known=await holder_queries.read_numbers(connection, msisdns),
        active=await active_numbers(connection, msisdns, now=now, rules=rules),
    )


async def take_resellers(connection: Connection, msisdns: Sequence[Msisdn], why: Ended, moment: Moment) -> None:
    """Outlets let reseller numbers go; free at once, as nothing secret is sent to one."""
    if not msisdns:
        return
    await holder_queries.delete_resellers(connection, msisdns)
    await registration_queries.end_registrations(connection, msisdns, "RS", at=moment.at, by=moment.actor.text, why=why)
    await holder_queries.delete_idle(connection, msisdns)


async def give_resellers(connection: Connection, given: Sequence[NumberGiven], why: Begun, moment: Moment) -> None:
    """Outlets get reseller numbers; what was linked or let go in the meantime raises, and `retried` reads again."""
    if not given:
        return
    await _hold(connection, given, moment)
    await holder_queries.insert_resellers(connection, [(each.msisdn, each.outlet_id) for each in given], at=moment.at)
    await _link_sellers(connection, given, moment)
    seqs = moment.ids.take(len(given))
    rows = [
        (make_id(next(seqs), cell_of_msisdn(each.msisdn)), each.msisdn, "RS", each.outlet_id, None, None)
        for each in given
    ]
    await registration_queries.insert_registrations(connection, rows, at=moment.at, by=moment.actor.text, why=why)


async def take_links(
    connection: Connection,
    links: Sequence[tuple[Msisdn, UserId]],
    why: Ended,
    moment: Moment,
    *,
    free_from: datetime | None,
) -> None:
    """Users let notification numbers go, to be free at a moment or, without one, now. [D-26, G-D06]"""
    if not links:
        return
    numbers = [msisdn for msisdn, _ in links]
    if free_from is None:
        await holder_queries.delete_links(connection, numbers)
        await holder_queries.delete_idle(connection, numbers)
    else:
        await holder_queries.release_links(connection, links, free_from=free_from)
    await registration_queries.end_registrations(connection, numbers, "NN", at=moment.at, by=moment.actor.text, why=why)


async def give_links(connection: Connection, given: Sequence[LinkGiven], why: Begun, moment: Moment) -> None:
    """Users get notification numbers; what somebody else took in the meantime raises, and `retried` reads again."""
    if not given:
        return
    await _hold(connection, given, moment)
    links = [(each.msisdn, each.outlet_id, each.user_id, each.type) for each in given]
    await holder_queries.insert_links(connection, links, at=moment.at)
    seqs = moment.ids.take(len(given))
    rows = [
        (make_id(next(seqs), cell_of_msisdn(each.msisdn)), each.msisdn, "NN", each.outlet_id, each.user_id, each.type)
        for each in given
    ]
    await registration_queries.insert_registrations(connection, rows, at=moment.at, by=moment.actor.text, why=why)


async def hold_sellers(connection: Connection, given: Sequence[NumberGiven], moment: Moment) -> None:
    """Outlets get seller numbers of the older channel, which they keep beside any reseller number. [D-20]"""
    await _hold(connection, given, moment)
    await _link_sellers(connection, given, moment)


async def _hold(connection: Connection, given: Sequence[NumberGiven], moment: Moment) -> None:
    """Numbers become the outlets'. What cooled down is forgotten, also where an outlet has it in another role."""
    cooled = [each.msisdn for each in given if each.before.link is not None and each.before.link.free_from is not None]
    if cooled:
        await holder_queries.delete_freed(connection, cooled, at=moment.at)
    fresh = [(each.msisdn, each.outlet_id) for each in given if each.before.held_by is None or each.before.only_cools()]
    if fresh:
        await holder_queries.insert_holders(connection, fresh)


async def _link_sellers(connection: Connection, given: Sequence[NumberGiven], moment: Moment) -> None:
    rows = [(each.msisdn, each.outlet_id) for each in given if each.before.seller is not None]
    if rows:
        await holder_queries.link_sellers(connection, rows, at=moment.at)
