"""Look at numbers: the whole past of one, and all that an outlet has. At most three queries each."""

from datetime import datetime

import msgspec

from konter.channel.conflicts.model import Conflict
from konter.channel.conflicts.queries import read_conflicts_of_number
from konter.channel.numbers.model import NOBODYS, Number, NumberType
from konter.channel.numbers.queries import holders as holder_queries
from konter.channel.numbers.queries import outlets as outlet_queries
from konter.channel.numbers.queries import registrations as registration_queries
from konter.channel.numbers.queries.registrations import Registration
from konter.channel.numbers.refusals import NUMBER_NOT_FOUND
from konter.channel.refusals import OUTLET_NOT_FOUND
from konter.channel.scope import EVERYWHERE, Scope, outlet_within
from konter.platform.db import Connection
from konter.platform.ids import Msisdn, OutletId, UserId
from konter.platform.refusal import Refusal
from konter.subscriber.msisdn import national

STORY_MAX = 200
USERS_MAX = 200


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A registration with the names that people know outlet and user by."""

    registration: Registration
    outlet_code: str
    outlet_name: str
    user_name: str | None


class NumberStory(msgspec.Struct, frozen=True, kw_only=True):
    """What a number is to the channel now, and its registrations and conflicts, newest first."""

    msisdn: Msisdn
    number: Number
    stretches: tuple[Stretch, ...]
    conflicts: tuple[Conflict, ...]


class UserLine(msgspec.Struct, frozen=True, kw_only=True):
    """A user of an outlet with the notification number that it has, and since when. `last_msisdn` was let go at
    `released_at` by a user who has none now; the phone with it is lost since `lost_at`.
    """

    user_id: UserId
    username: str
    name: str
    role: str
    status: str
    msisdn: Msisdn | None
    type: NumberType | None
    linked_at: datetime | None
    last_msisdn: Msisdn
    released_at: datetime | None
    lost_at: datetime | None


class OutletNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet's reseller number and its users who have not left, by name."""

    outlet_id: OutletId
    status: str
    rs_msisdn: Msisdn | None
    users: tuple[UserLine, ...]


async def number_story(connection: Connection, msisdn: Msisdn, *, scope: Scope) -> Refusal | NumberStory:
    """The whole story of a number, as far as it played at outlets of the scope. Three queries. [D-31, D-32]

    `NUMBER_NOT_FOUND` for one that never was at any of them.
    """
    number, registrations = await registration_queries.read_story(connection, msisdn, limit=STORY_MAX)
    conflicts = await read_conflicts_of_number(connection, msisdn, scope=scope, limit=STORY_MAX)
    outlets, users = await registration_queries.read_names(
        connection,
        [each.outlet_id for each in registrations],
        [each.user_id for each in registrations if each.user_id is not None],
        scope=scope,
    )
    stretches = tuple(
        Stretch(
            registration=each,
            outlet_code=outlets[each.outlet_id][0],
            outlet_name=outlets[each.outlet_id][1],
            user_name=users.get(each.user_id) if each.user_id is not None else None,
        )
        for each in registrations
        if each.outlet_id in outlets
    )
    if scope != EVERYWHERE and number.held_by not in outlets:
        number = NOBODYS
    if not (stretches or conflicts or number != NOBODYS):
        return NUMBER_NOT_FOUND(msisdn=national(msisdn))
    return NumberStory(msisdn=msisdn, number=number, stretches=stretches, conflicts=tuple(conflicts))


async def outlet_numbers(connection: Connection, outlet_id: OutletId, *, scope: Scope) -> Refusal | OutletNumbers:
    """An outlet's reseller number and its users who have not left, with theirs, by name; at most 200. Three queries."""
    outlet = (await outlet_queries.read_outlets(connection, [outlet_id], scope=scope)).get(outlet_id)
    if outlet is None:
        return OUTLET_NOT_FOUND()
    rows = await outlet_queries.read_users_of_outlet(connection, outlet_id, limit=USERS_MAX)
    facts = await holder_queries.read_link_facts(
        connection, [row["msisdn"] for row in rows if row["msisdn"] is not None]
    )
    users = []
    for row in rows:
        type_, linked_at = facts.get(row["msisdn"], (None, None))
        users.append(
            UserLine(
                user_id=UserId(row["id"]),
                username=row["username"],
                name=row["name"],
                role=row["role"],
                status=row["status"],
                msisdn=row["msisdn"],
                type=type_,
                linked_at=linked_at,
                last_msisdn=row["last_msisdn"],
                released_at=row["released_at"],
                lost_at=row["lost_at"],
            )
        )
    return OutletNumbers(outlet_id=outlet_id, status=outlet.status, rs_msisdn=outlet.rs_msisdn, users=tuple(users))


async def number_within(connection: Connection, msisdn: Msisdn, *, scope: Scope) -> bool:
    """Whether a number may be seen in a scope: it is no outlet's now, or one's in the scope. At most two queries."""
    if scope.is_everywhere:
        return True
    number = (await holder_queries.read_numbers(connection, [msisdn])).get(msisdn, NOBODYS)
    if number.held_by is None or number.only_cools():
        return True
    return await outlet_within(connection, number.held_by, scope)
