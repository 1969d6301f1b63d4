"""Add users to outlets, each with a notification number of its own, and let them go again."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from konter.access.ending import end_access
from konter.access.model import normal_username
from konter.access.names import claim_names, taken_names
from konter.channel import queries
from konter.channel.model import NewUser, UserState
from konter.channel.refusals import USER_ENDED, USER_NOT_FOUND
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, OutletId, UserId, cell_of_id, make_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.subscriber.ownership import active_numbers

IDS_PER_USER = 4  # one for itself, and an audit row in each of three attempts


async def add_users(
    connection: Connection, new: Sequence[NewUser], *, actor: Actor, now: datetime, ids: IdBlocks, rules: Rules
) -> list[Refusal | UserId]:
    """Add users, one outcome each, in order. [D-19, D-22, D-25, D-26, D-27, D-28, D-30, D-60]

    User name and notification number are unique everywhere. Who loses a race for one meets the unique key, reads again
    and is refused with the same words as everybody else. Passwords come with `issue_credentials`.
    """
    own = await ids.reserve(connection, IDS_PER_USER * len(new))
    user_ids = [
        UserId(make_id(seq, cell_of_id(each.outlet_id))) for seq, each in zip(own.take(len(new)), new, strict=True)
    ]

    async def work() -> list[Refusal | UserId]:
        async with connection.transaction():
            await lock_owners(connection, owners=[each.outlet_id for each in new])
            state = await _read(connection, new, now, rules)
            outcomes: list[Refusal | UserId] = []
            added: list[tuple[UserId, NewUser]] = []
            for each, user_id in zip(new, user_ids, strict=True):
                refusal = state.refusal_for(each, now=now, rules=rules)
                outcomes.append(refusal or user_id)
                if refusal is None:
                    state.accept(each, user_id)
                    added.append((user_id, each))
            await _write(connection, added, actor=actor, now=now, ids=own, rules=rules)
        return outcomes

    return await retried(work)


async def _read(connection: Connection, new: Sequence[NewUser], now: datetime, rules: Rules) -> UserState:
    numbers = [each.nn_msisdn for each in new]
    return UserState(
        outlets=await queries.read_outlet_status(connection, [each.outlet_id for each in new]),
        names_taken=await taken_names(connection, [normal_username(each.username) for each in new]),
        links=await queries.read_links(connection, numbers),
        reseller_of=await queries.read_reseller_numbers(connection, numbers),
        numbers_active=await active_numbers(connection, numbers, now=now, rules=rules),
    )


async def _write(
    connection: Connection,
    added: Sequence[tuple[UserId, NewUser]],
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> None:
    await queries.delete_freed_numbers(connection, [each.nn_msisdn for _, each in added], at=now)
    links = [(each.nn_msisdn, each.outlet_id, user_id, each.nn_type) for user_id, each in added]
    await queries.insert_links(connection, links, at=now)
    await claim_names(
        connection, [(normal_username(each.username), "outlet", user_id, each.outlet_id) for user_id, each in added]
    )
    lapses_at = now + timedelta(hours=rules.auth.initial_password_ttl_h)
    rows = [
        (
            user_id,
            cell_of_id(user_id),
            each.outlet_id,
            normal_username(each.username),
            each.name.strip(),
            each.role,
            each.nn_msisdn,
            each.locale,
            each.password_hash,
            each.password_initial,
            lapses_at if each.password_initial else None,
            each.pin_salt or secrets.token_bytes(16),
            each.pin_hash,
        )
        for user_id, each in added
    ]
    await queries.insert_users(connection, rows, at=now)
    audit = [
        AuditRow(
            cell_of_id(user_id), now, actor, "user.added", user_id, {"outlet": str(each.outlet_id), "role": each.role}
        )
        for user_id, each in added
    ]
    await write_audit(connection, ids, audit)


async def end_users(
    connection: Connection, user_ids: Sequence[UserId], *, actor: Actor, now: datetime, ids: IdBlocks, rules: Rules
) -> list[Refusal | UserId]:
    """Users leave for good, sessions and all; their notification numbers are free after the cool-down. [D-26, G-D06]"""
    own = await ids.reserve(connection, 2 * len(user_ids))
    known = await queries.read_users(connection, user_ids)
    async with connection.transaction():
        await lock_owners(connection, owners=[user.outlet_id for user in known.values()])
        known = await queries.read_users(connection, list(known))
        outcomes = [_ending(user_id, known.get(user_id)) for user_id in user_ids]
        ended = [known[id_] for id_ in sorted({outcome for outcome in outcomes if not isinstance(outcome, Refusal)})]
        await queries.write_user_status(connection, [user.id for user in ended], "ended")
        free_from = now + timedelta(hours=rules.outlet.nn_cooldown_h)
        await queries.release_links(connection, ended, free_from=free_from)
        await end_access(connection, [user.id for user in ended], actor=actor, now=now)
        audit = [AuditRow(cell_of_id(user.id), now, actor, "user.ended", user.id, {}) for user in ended]
        await write_audit(connection, own, audit)
    return outcomes


def _ending(user_id: UserId, user: queries.UserRow | None) -> Refusal | UserId:
    if user is None:
        return USER_NOT_FOUND()
    return USER_ENDED() if user.status == "ended" else user_id


async def outlet_of(connection: Connection, user_id: UserId) -> OutletId | None:
    """The outlet that a user belongs to."""
    user = (await queries.read_users(connection, [user_id])).get(user_id)
    return user.outlet_id if user else None
