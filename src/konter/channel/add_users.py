"""Add users to outlets, each with a notification number of its own, and let them go again."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from konter.access.ending import end_access
from konter.access.model import normal_username
from konter.access.names import claim_names, taken_names
from konter.channel import queries
from konter.channel.model import NewUser, UserState
from konter.channel.numbers.holding import LinkGiven, Moment, give_links, read_state, take_links
from konter.channel.numbers.queries.outlets import write_users_without_number
from konter.channel.refusals import USER_ENDED, USER_NOT_FOUND
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, UserId, cell_of_id, make_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules

IDS_PER_USER = 7  # one for itself, and a registration and an audit row in each of three attempts


async def add_users(
    connection: Connection, new: Sequence[NewUser], *, actor: Actor, now: datetime, ids: IdBlocks, rules: Rules
) -> list[Refusal | UserId]:
    """Add users, one outcome each, in order. [D-19, D-22, D-25, D-26, D-27, D-28, D-30, D-60]

    User name and notification number are unique everywhere. Who loses a race for one meets the unique key, reads again
    and is refused with the same words as everybody else. Passwords come with `credentials`.
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
            links: list[LinkGiven] = []
            for each, user_id in zip(new, user_ids, strict=True):
                refusal = state.refusal_for(each, now=now, rules=rules)
                outcomes.append(refusal or user_id)
                if refusal is None:
                    before = state.numbers.of(each.nn_msisdn)
                    links.append(LinkGiven(each.nn_msisdn, each.outlet_id, before, user_id, each.nn_type))
                    state.accept(each, user_id)
                    added.append((user_id, each))
            moment = Moment(now, actor, own)
            await give_links(connection, links, "added", moment)
            await _write(connection, added, moment, rules)
        return outcomes

    return await retried(work)


async def _read(connection: Connection, new: Sequence[NewUser], now: datetime, rules: Rules) -> UserState:
    numbers = [each.nn_msisdn for each in new]
    return UserState(
        outlets={
            outlet_id: outlet.status
            for outlet_id, outlet in (
                await queries.read_outlet_status(connection, [each.outlet_id for each in new])
            ).items()
        },
        names_taken=await taken_names(connection, [normal_username(each.username) for each in new]),
        numbers=await read_state(connection, numbers, now=now, rules=rules),
    )


async def _write(connection: Connection, added: Sequence[tuple[UserId, NewUser]], moment: Moment, rules: Rules) -> None:
    await claim_names(
        connection, [(normal_username(each.username), "outlet", user_id, each.outlet_id) for user_id, each in added]
    )
    lapses_at = moment.at + timedelta(hours=rules.auth.initial_password_ttl_h)
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
    await queries.insert_users(connection, rows, at=moment.at)
    await write_audit(connection, moment.ids, [_added(user_id, each, moment) for user_id, each in added])


def _added(user_id: UserId, new: NewUser, moment: Moment) -> AuditRow:
    data = {"outlet": str(new.outlet_id), "role": new.role, "number": new.nn_msisdn, "type": new.nn_type}
    return AuditRow(cell_of_id(user_id), moment.at, moment.actor, "user.added", user_id, data)


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
        await queries.write_user_status(connection, [user.id for user in ended if not user.has_nn], "ended")
        await write_users_without_number(connection, [(user.id, "ended") for user in ended if user.has_nn], at=now)
        links = [(user.nn_msisdn, user.id) for user in ended if user.has_nn]
        free_from = now + timedelta(hours=rules.outlet.nn_cooldown_h)
        await take_links(connection, links, "left", Moment(now, actor, own), free_from=free_from)
        await end_access(connection, [user.id for user in ended], actor=actor, now=now)
        audit = [AuditRow(cell_of_id(user.id), now, actor, "user.ended", user.id, {}) for user in ended]
        await write_audit(connection, own, audit)
    return outcomes


def _ending(user_id: UserId, user: queries.UserRow | None) -> Refusal | UserId:
    if user is None:
        return USER_NOT_FOUND()
    return USER_ENDED() if user.status == "ended" else user_id
