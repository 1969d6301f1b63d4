"""A phone with a seller's number is lost: from now on it neither logs in, nor gets an OTP, nor sells. [D-48, D-52]"""

from collections.abc import Sequence

from konter.access.ending import end_access
from konter.access.locks import lock_user
from konter.access.model import Origin, Principal, User
from konter.access.proofs.end import end_proofs_of
from konter.access.step import Step, actor_of, actor_of_user
from konter.channel.lost_phones import queries
from konter.channel.lost_phones.model import Holder, LostPhone, Way, way_of
from konter.channel.lost_phones.refusals import SELLER_NUMBER_NOT_FOUND
from konter.channel.scope import Scope, outlet_within, partner_within, scope_of
from konter.messaging.model import sms
from konter.platform.audit import Actor
from konter.platform.cursor import Cursor
from konter.platform.db import Connection, retried
from konter.platform.ids import LostPhoneId, Msisdn, OutletId, cell_of_msisdn, make_id
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal

PAGE_MAX = 100


async def report_lost(
    connection: Connection, msisdn: Msisdn, *, note: str, principal: Principal, origin: Origin, step: Step
) -> Refusal | LostPhone:
    """Report a number lost: the own one, as owner one of the outlet's, as partner or staff one they answer for.

    Sessions, log-ins, trusted devices are gone at once; a sale that comes after is refused, as both take the outlet's
    lock. Again is no harm: the first report stands. Somebody else's number is as unknown as one that nobody has.
    """
    ways: dict[int, Way] = {}
    for holder in await queries.read_holders(connection, msisdn):
        way = way_of(principal, holder, within=await holder_within(connection, holder, scope_of(principal)))
        if way is not None:
            ways[holder.user_id] = way
    if not ways:
        return SELLER_NUMBER_NOT_FOUND()
    first = next(iter(ways.values()))
    return await _report(connection, msisdn, first, note=note, actor=actor_of(principal, origin), step=step)


async def report_own(connection: Connection, user: User, *, note: str, origin: Origin, step: Step) -> LostPhone:
    """The user's own phone, by the password alone, within the transaction that has found it right, under the user's
    lock: whoever has lost the phone has no session and gets no OTP.
    """
    holders = await lock_holders(connection, user.nn_msisdn)
    reported = await _write(
        connection, user.nn_msisdn, holders, "self", note=note, actor=actor_of_user(user, origin), step=step
    )
    assert isinstance(reported, LostPhone), "a user holds the own number"
    return reported


async def report_by_client(
    connection: Connection, msisdn: Msisdn, *, note: str, actor: Actor, step: Step
) -> Refusal | LostPhone:
    """A machine tells of a lost phone, as the call centre's own system does. SELLER_NUMBER_NOT_FOUND."""
    return await _report(connection, msisdn, "client", note=note, actor=actor, step=step)


async def holder_within(connection: Connection, holder: Holder, scope: Scope) -> bool:
    """Whether the outlet or partner of a number's holder is in a scope. One query."""
    if holder.outlet_id is not None:
        return await outlet_within(connection, holder.outlet_id, scope)
    return holder.partner_id is not None and await partner_within(connection, holder.partner_id, scope)


async def _report(
    connection: Connection, msisdn: Msisdn, way: Way, *, note: str, actor: Actor, step: Step
) -> Refusal | LostPhone:
    async def work() -> Refusal | LostPhone:
        async with connection.transaction():
            holders = await lock_holders(connection, msisdn)
            return await _write(connection, msisdn, holders, way, note=note, actor=actor, step=step)

    return await retried(work)


async def lock_holders(connection: Connection, msisdn: Msisdn) -> list[Holder]:
    """Lock whoever holds the number, and whoever it went to meanwhile, as when the user is moved to another outlet."""
    locked: set[Holder] = set()
    while True:
        holders = await queries.read_holders(connection, msisdn)
        new = sorted(set(holders) - locked, key=lambda holder: (holder.kind != "outlet", holder.user_id))
        if not new:
            return holders
        for holder in new:
            await lock_user(connection, holder.kind, holder.user_id, holder.outlet_id)
        locked.update(new)


async def _write(
    connection: Connection,
    msisdn: Msisdn,
    holders: Sequence[Holder],
    way: Way,
    *,
    note: str,
    actor: Actor,
    step: Step,
) -> Refusal | LostPhone:
    """Under the locks of those who hold the number."""
    if not holders:
        return SELLER_NUMBER_NOT_FOUND()
    id_ = LostPhoneId(make_id(next(step.ids.take(1)), cell_of_msisdn(msisdn)))
    made = await queries.insert_lost_phone(
        connection, id_=id_, msisdn=msisdn, way=way, note=note, by=actor.text, at=step.now
    )
    reported = await queries.read_open(connection, msisdn)
    assert reported is not None, "a report was made, or was there"
    if not made:
        return reported
    for holder in holders:
        await queries.write_lost_at(connection, holder.kind, holder.user_id, msisdn, step.now)
        await step.audit(connection, actor, "phone.lost", holder.user_id, {"report": str(reported.id), "way": way})
    await end_proofs_of(connection, msisdn)
    await end_access(connection, [holder.user_id for holder in holders], actor=actor, now=step.now)
    for holder in holders:
        if holder.outlet_id is not None:
            await _tell_owners(connection, holder.outlet_id, holders, msisdn, step)
    return reported


async def _tell_owners(
    connection: Connection, outlet_id: OutletId, holders: Sequence[Holder], msisdn: Msisdn, step: Step
) -> None:
    """Whoever else owns the outlet hears of it, not the phone that is lost."""
    told = await queries.read_owners_told(connection, outlet_id, but=[holder.user_id for holder in holders])
    texts = [
        sms("phone_lost", to=to, locale=locale, at=step.now, data={"msisdn": str(msisdn), "at": step.now, "zone": zone})
        for to, locale, zone in told
    ]
    await write_outbox(connection, step.ids, texts)


async def lost_phones(
    connection: Connection, *, scope: Scope, after: Cursor | None = None, limit: int = PAGE_MAX
) -> list[LostPhone]:
    """Open reports of numbers in the scope, oldest first; the next page begins `after` the last one's
    (reported_at, id). One query.
    """
    return await queries.read_waiting(connection, scope=scope.parameters(), after=after, limit=min(limit, PAGE_MAX))


async def lost_phone_of(connection: Connection, msisdn: Msisdn) -> LostPhone | None:
    """The report of a number that has not been lifted. One query."""
    return await queries.read_open(connection, msisdn)
