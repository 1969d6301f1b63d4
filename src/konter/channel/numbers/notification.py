"""Link a user's notification number, replace it, let it go. [D-21, D-22, D-25..D-28, D-30]"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from konter.access.ending import end_access
from konter.channel.numbers.holding import LinkGiven, Moment, give_links, read_state, take_links
from konter.channel.numbers.model import NnChange, NnChanged, Numbers
from konter.channel.numbers.queries import outlets as outlet_queries
from konter.channel.refusals import OUTLET_TERMINATED, USER_ENDED, USER_NOT_FOUND
from konter.channel.scope import Scope
from konter.ledger.read import lock_owners
from konter.messaging.model import sms
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, UserId, cell_of_id
from konter.platform.outbox import OutboxRow, write_outbox
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.subscriber.msisdn import masked

IDS_PER_CHANGE = 12  # the registration, an audit row and two texts, in each of three attempts


async def change_notification_numbers(
    connection: Connection,
    changes: Sequence[NnChange],
    *,
    scope: Scope,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> list[Refusal | NnChanged]:
    """Give users the notification numbers that they shall have, one outcome each, in order; every user once.

    From that moment on nobody logs in, gets an OTP or sells by the number before: sessions and logins end, and the
    number cools down. Without a number a user is *unlinked*, and active again with the next one; a block stays. Both
    numbers get a text. What a user has already is no change. Users out of scope are `USER_NOT_FOUND`. [D-22, G-D06]
    """
    assert len({change.user_id for change in changes}) == len(changes), "a user twice in one batch"
    own = await ids.reserve(connection, IDS_PER_CHANGE * len(changes))
    wanted = [change.user_id for change in changes]
    numbers = [change.msisdn for change in changes if change.msisdn is not None]
    at_first = await outlet_queries.read_users(connection, wanted, scope=scope)

    async def work() -> list[Refusal | NnChanged]:
        async with connection.transaction():
            await lock_owners(connection, owners=[user.outlet_id for user in at_first.values()])
            users = await outlet_queries.read_users(connection, list(at_first), scope=scope)
            state = await read_state(connection, numbers, now=now, rules=rules)
            free_from = now + timedelta(hours=rules.outlet.nn_cooldown_h)
            outcomes: list[Refusal | NnChanged] = []
            given: list[LinkGiven] = []
            for change in changes:
                outcome = _decide(change, users, state, now, rules)
                if isinstance(outcome, NnChanged) and outcome.was != outcome.msisdn:
                    given += _count(outcome, change, users[change.user_id], state, free_from)
                outcomes.append(outcome)
            changed = [
                (change, outcome, users[change.user_id])
                for change, outcome in zip(changes, outcomes, strict=True)
                if isinstance(outcome, NnChanged) and outcome.was != outcome.msisdn
            ]
            await _write(connection, changed, given, Moment(now, actor, own), free_from=free_from)
        return outcomes

    return await retried(work)


Changed = tuple[NnChange, NnChanged, outlet_queries.UserRow]


def _decide(
    change: NnChange, users: Mapping[int, outlet_queries.UserRow], state: Numbers, now: datetime, rules: Rules
) -> Refusal | NnChanged:
    user = users.get(change.user_id)
    if user is None:
        return USER_NOT_FOUND()
    if user.status == "ended":
        return USER_ENDED()
    changed = NnChanged(user_id=user.id, was=user.number, msisdn=change.msisdn)
    if change.msisdn is None or change.msisdn == user.number:
        return changed
    if user.outlet_status == "terminated":
        return OUTLET_TERMINATED()
    return state.notification_refusal(change.msisdn, user.outlet_id, now=now, rules=rules) or changed


def _count(
    changed: NnChanged, change: NnChange, user: outlet_queries.UserRow, state: Numbers, free_from: datetime
) -> list[LinkGiven]:
    if changed.was is not None:
        state.take_notification(changed.was, free_from=free_from)
    if changed.msisdn is None:
        return []
    given = LinkGiven(changed.msisdn, user.outlet_id, state.of(changed.msisdn), user.id, change.type)
    state.give_notification(changed.msisdn, user.outlet_id, user.id)
    return [given]


async def _write(
    connection: Connection,
    changed: Sequence[Changed],
    given: Sequence[LinkGiven],
    moment: Moment,
    *,
    free_from: datetime,
) -> None:
    gone = [(outcome.was, user.id, outcome.msisdn) for _, outcome, user in changed if outcome.was is not None]
    released = [(was, user_id) for was, user_id, new in gone if new is None]
    replaced = [(was, user_id) for was, user_id, new in gone if new is not None]
    await take_links(connection, released, "released", moment, free_from=free_from)
    await take_links(connection, replaced, "replaced", moment, free_from=free_from)
    had = {user_id for _, user_id in replaced}
    await give_links(connection, [each for each in given if each.user_id in had], "replaced", moment)
    await give_links(connection, [each for each in given if each.user_id not in had], "registered", moment)
    linked = [
        (user.id, outcome.msisdn, "active" if user.status == "unlinked" else user.status)
        for _, outcome, user in changed
        if outcome.msisdn is not None
    ]
    await outlet_queries.write_user_numbers(connection, linked)
    without = [
        (user.id, "unlinked" if user.status == "active" else user.status)
        for _, outcome, user in changed
        if outcome.msisdn is None
    ]
    await outlet_queries.write_users_without_number(connection, without, at=moment.at)
    users: list[UserId] = [user.id for _, outcome, user in changed if outcome.was is not None]
    await end_access(connection, users, actor=moment.actor, now=moment.at)
    await write_outbox(connection, moment.ids, [text for each in changed for text in _texts(each, moment.at)])
    await write_audit(connection, moment.ids, [_audit_row(each, moment) for each in changed])


def _texts(changed: Changed, at: datetime) -> list[OutboxRow]:
    """Whoever still holds the phone of the number before learns of it, and so does the new one. [D-92]"""
    _, outcome, user = changed
    data = {"username": user.username, "number": masked(outcome.msisdn) if outcome.msisdn is not None else "-"}
    return [
        sms("nn_changed", to=number, locale=user.locale, at=at, data=data)
        for number in (outcome.was, outcome.msisdn)
        if number is not None
    ]


def _audit_row(changed: Changed, moment: Moment) -> AuditRow:
    change, outcome, user = changed
    done = "released" if outcome.msisdn is None else "linked" if outcome.was is None else "replaced"
    data = {"number": outcome.msisdn, "was": outcome.was, "reason": change.reason}
    if outcome.msisdn is not None:
        data["type"] = change.type
    return AuditRow(cell_of_id(user.id), moment.at, moment.actor, f"user.nn_{done}", user.id, data)
