"""Say anew what a notification number is to its outlet: the owner's, family's, a front-liner's. [D-28, D-30]"""

from collections.abc import Sequence
from datetime import datetime

from konter.channel.numbers.model import NumberType
from konter.channel.numbers.queries import holders as holder_queries
from konter.channel.numbers.queries import outlets as outlet_queries
from konter.channel.numbers.refusals import NN_RELEASED
from konter.channel.refusals import USER_ENDED, USER_NOT_FOUND
from konter.channel.scope import Scope
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn, UserId, cell_of_id
from konter.platform.refusal import Refusal


async def change_types(
    connection: Connection,
    changes: Sequence[tuple[UserId, NumberType]],
    *,
    scope: Scope,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
) -> list[Refusal | Msisdn]:
    """Give users' notification numbers another type, one outcome each, in order; every user once. The number stays as
    it is, and so does everything that hangs on it. What it is already is no change. [D-28]

    USER_NOT_FOUND, USER_ENDED, NN_RELEASED for a user who has no number now.
    """
    assert len({user_id for user_id, _ in changes}) == len(changes), "a user twice in one batch"
    own = await ids.reserve(connection, len(changes))
    at_first = await outlet_queries.read_users(connection, [user_id for user_id, _ in changes], scope=scope)
    async with connection.transaction():
        await lock_owners(connection, owners=[user.outlet_id for user in at_first.values()])
        users = await outlet_queries.read_users(connection, list(at_first), scope=scope)
        outcomes = [_decide(users.get(user_id)) for user_id, _ in changes]
        facts = await holder_queries.read_link_facts(
            connection, [each for each in outcomes if not isinstance(each, Refusal)]
        )
        changed = [
            (user_id, msisdn, facts[msisdn][0], type_)
            for (user_id, type_), msisdn in zip(changes, outcomes, strict=True)
            if not isinstance(msisdn, Refusal) and facts[msisdn][0] != type_
        ]
        await holder_queries.write_types(connection, [(msisdn, type_) for _, msisdn, _, type_ in changed])
        audit = [
            AuditRow(
                cell_of_id(user_id),
                now,
                actor,
                "user.nn_type",
                user_id,
                {"number": msisdn, "was": was, "type": type_},
            )
            for user_id, msisdn, was, type_ in changed
        ]
        await write_audit(connection, own, audit)
    return outcomes


def _decide(user: outlet_queries.UserRow | None) -> Refusal | Msisdn:
    if user is None:
        return USER_NOT_FOUND()
    if user.status == "ended":
        return USER_ENDED()
    return user.number if user.number is not None else NN_RELEASED()
