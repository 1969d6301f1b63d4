"""Users who go to another outlet of the same owner, with their numbers; which outlets are one owner's. [D-30, D-33]"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from konter.access.ending import end_access
from konter.access.names import move_names
from konter.channel import queries as channel
from konter.channel.numbers.holding import LinkGiven, Moment, give_links, read_state, take_links
from konter.channel.numbers.model import NOBODYS, Numbers, OutletRow, Outlets, UserMove, UserMoved
from konter.channel.numbers.queries import holders as holder_queries
from konter.channel.numbers.queries import outlets as outlet_queries
from konter.channel.numbers.refusals import NN_RELEASED, NOT_SAME_PROPRIETOR
from konter.channel.refusals import (
    NN_REPORTED_LOST,
    OUTLET_NOT_ACTIVE,
    OUTLET_NOT_FOUND,
    RS_ALREADY_REGISTERED,
    USER_ENDED,
    USER_NOT_FOUND,
)
from konter.channel.scope import Scope
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, OutletId, UserId, cell_of_id, make_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.subscriber.msisdn import national
from konter.terms.accept import carry_acceptances

IDS_PER_MOVE = 13  # the new user, and a registration and two audit rows in each of three attempts


async def join_outlets(
    connection: Connection,
    pairs: Sequence[tuple[OutletId, OutletId]],
    *,
    scope: Scope,
    reason: str,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
) -> list[Refusal | OutletId]:
    """Say of outlets, as (outlet, another), that they are one owner's; gives the owner's first. [D-30]

    Both must be in scope. An outlet that was another owner's is that no longer.
    """
    own = await ids.reserve(connection, len(pairs))
    wanted = [outlet_id for pair in pairs for outlet_id in pair]
    async with connection.transaction():
        await lock_owners(connection, owners=wanted)
        outlets = await outlet_queries.read_outlets(connection, wanted, scope=scope)
        outcomes: list[Refusal | OutletId] = []
        first_of = {each.id: each.proprietor_id for each in outlets.values()}
        joined: dict[OutletId, OutletId] = {}
        for outlet_id, other_id in pairs:
            if outlet_id not in first_of or other_id not in first_of:
                outcomes.append(OUTLET_NOT_FOUND())
                continue
            first = joined.get(other_id) or first_of[other_id] or other_id
            joined[outlet_id] = joined[other_id] = first
            outcomes.append(first)
        await outlet_queries.write_proprietors(connection, list(joined.items()))
        audit = [
            AuditRow(cell_of_id(key), now, actor, "outlet.joined", key, {"first": str(outcome), "reason": reason})
            for (key, _), outcome in zip(pairs, outcomes, strict=True)
            if not isinstance(outcome, Refusal)
        ]
        await write_audit(connection, own, audit)
    return outcomes


async def move_users(
    connection: Connection,
    moves: Sequence[UserMove],
    *,
    scope: Scope,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> list[Refusal | UserMoved]:
    """Take users to other outlets of the same owner, one outcome each, in order; every user once. [D-26, D-30]

    Name, password, PIN, agreements and notification number go along, the number without a cool-down, as it stays the
    same person's; sessions end. The user there is a new row in the new outlet's cell; the old one has ended and keeps
    its sales. A number that is the old outlet's reseller number stays there (`RS_ALREADY_REGISTERED`).
    """
    assert len({move.user_id for move in moves}) == len(moves), "a user twice in one batch"
    own = await ids.reserve(connection, IDS_PER_MOVE * len(moves))
    new_ids = [
        UserId(make_id(seq, cell_of_id(move.outlet_id))) for seq, move in zip(own.take(len(moves)), moves, strict=True)
    ]
    at_first = await outlet_queries.read_users(connection, [move.user_id for move in moves], scope=scope)

    async def work() -> list[Refusal | UserMoved]:
        async with connection.transaction():
            homes = [user.outlet_id for user in at_first.values()]
            wanted = [*homes, *(move.outlet_id for move in moves)]
            await lock_owners(connection, owners=wanted)
            users = await outlet_queries.read_users(connection, list(at_first), scope=scope)
            outlets = await outlet_queries.read_outlets(connection, wanted, scope=scope)
            state = await read_state(connection, [user.nn_msisdn for user in users.values()], now=now, rules=rules)
            outcomes: list[Refusal | UserMoved] = []
            for move, new_id in zip(moves, new_ids, strict=True):
                refusal = _refusal(move, users, outlets, state)
                moved = UserMoved(was=move.user_id, user_id=new_id, outlet_id=move.outlet_id)
                outcomes.append(refusal or moved)
            done = [
                (users[move.user_id], outcome, move.reason)
                for move, outcome in zip(moves, outcomes, strict=True)
                if not isinstance(outcome, Refusal)
            ]
            await _write(connection, done, Moment(now, actor, own))
        return outcomes

    return await retried(work)


Done = tuple[outlet_queries.UserRow, UserMoved, str]


def _refusal(
    move: UserMove, users: Mapping[int, outlet_queries.UserRow], outlets: Outlets, state: Numbers
) -> Refusal | None:
    user, outlet = users.get(move.user_id), outlets.get(move.outlet_id)
    if user is None:
        return USER_NOT_FOUND()
    if outlet is None:
        return OUTLET_NOT_FOUND()
    if user.status == "ended":
        return USER_ENDED()
    return _place_refusal(outlets[user.outlet_id], outlet) or _number_refusal(user, state)


def _place_refusal(home: OutletRow, outlet: OutletRow) -> Refusal | None:
    if outlet.id == home.id or (outlet.proprietor_id or outlet.id) != (home.proprietor_id or home.id):
        return NOT_SAME_PROPRIETOR()
    return OUTLET_NOT_ACTIVE() if outlet.status != "active" else None


def _number_refusal(user: outlet_queries.UserRow, state: Numbers) -> Refusal | None:
    if user.number is None:
        return NN_RELEASED()
    number = state.of(user.number)
    if number.lost:
        return NN_REPORTED_LOST(msisdn=national(user.number))  # a new row would not know that the phone is lost
    if user.outlet_id in (number.reseller_at, number.seller_outlet_id):
        return RS_ALREADY_REGISTERED(msisdn=national(user.number))
    return None


async def _write(connection: Connection, done: Sequence[Done], moment: Moment) -> None:
    if not done:
        return
    facts = await holder_queries.read_link_facts(connection, [user.nn_msisdn for user, _, _ in done])
    links = [(user.nn_msisdn, user.id) for user, _, _ in done]
    await take_links(connection, links, "moved", moment, free_from=None)
    given = [
        LinkGiven(user.nn_msisdn, moved.outlet_id, NOBODYS, moved.user_id, facts[user.nn_msisdn][0])
        for user, moved, _ in done
    ]
    await give_links(connection, given, "moved", moment)
    await outlet_queries.write_users_without_number(
        connection, [(user.id, "ended") for user, _, _ in done], at=moment.at
    )
    await end_access(connection, [user.id for user, _, _ in done], actor=moment.actor, now=moment.at)
    await channel.insert_users(connection, [_row(user, moved) for user, moved, _ in done], at=moment.at)
    await channel.carry_locks(connection, [(user.id, moved.user_id) for user, moved, _ in done])
    blocked = [moved.user_id for user, moved, _ in done if user.status == "blocked"]
    await channel.write_user_status(connection, blocked, "blocked")
    await move_names(connection, [(user.username, moved.user_id, moved.outlet_id) for user, moved, _ in done])
    await carry_acceptances(connection, [(user.id, moved.user_id) for user, moved, _ in done])
    await write_audit(connection, moment.ids, [row for each in done for row in _audit_rows(each, moment)])


def _row(user: outlet_queries.UserRow, moved: UserMoved) -> tuple[object, ...]:
    return (
        moved.user_id,
        cell_of_id(moved.user_id),
        moved.outlet_id,
        user.username,
        user.name,
        user.role,
        user.nn_msisdn,
        user.locale,
        user.password_hash,
        user.password_initial,
        user.password_expires_at,
        user.pin_salt,
        user.pin_hash,
    )


def _audit_rows(done: Done, moment: Moment) -> list[AuditRow]:
    user, moved, reason = done
    left = {"outlet": str(moved.outlet_id), "as": str(moved.user_id), "reason": reason}
    came = {"outlet": str(user.outlet_id), "was": str(user.id), "role": user.role, "reason": reason}
    return [
        AuditRow(cell_of_id(user.id), moment.at, moment.actor, "user.moved", user.id, left),
        AuditRow(cell_of_id(moved.user_id), moment.at, moment.actor, "user.came", moved.user_id, came),
    ]
