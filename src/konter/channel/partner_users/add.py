"""Add users to partners. [D-57, D-60]"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from konter.access.model import normal_username
from konter.access.names import claim_names, taken_names
from konter.channel.lost_phones.queries import read_lost_numbers
from konter.channel.partner_users import queries
from konter.channel.partner_users.model import NewPartnerUser, PartnerUser, PartnerUserState
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, PartnerId, UserId, cell_of_id, make_id, spread_cell
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.subscriber.ownership import active_numbers

IDS_PER_USER = 4  # one for itself, and an audit row in each of three attempts
PAGE_MAX = 100


async def add_partner_users(
    connection: Connection, new: Sequence[NewPartnerUser], *, actor: Actor, now: datetime, ids: IdBlocks, rules: Rules
) -> list[Refusal | UserId]:
    """Add users, one outcome each, in order. Passwords come with `add_with_partner_credentials` or by
    `issue_partner_credentials`.

    User name and number are unique among those that have not ended; who loses a race is refused with the same words.
    """
    own = await ids.reserve(connection, IDS_PER_USER * len(new))
    user_ids = [UserId(make_id(seq, spread_cell(seq))) for seq in own.take(len(new))]

    async def work() -> list[Refusal | UserId]:
        async with connection.transaction():
            state = await _read(connection, new, now, rules)
            outcomes: list[Refusal | UserId] = []
            added: list[tuple[UserId, NewPartnerUser]] = []
            for each, user_id in zip(new, user_ids, strict=True):
                refusal = state.refusal_for(each)
                outcomes.append(refusal or user_id)
                if refusal is None:
                    state.accept(each)
                    added.append((user_id, each))
            await _write(connection, added, actor=actor, now=now, ids=own, rules=rules)
        return outcomes

    return await retried(work)


async def _read(connection: Connection, new: Sequence[NewPartnerUser], now: datetime, rules: Rules) -> PartnerUserState:
    numbers = [each.msisdn for each in new]
    return PartnerUserState(
        partners=await queries.lock_partners(connection, [each.partner_id for each in new]),
        areas=await queries.read_areas_above(connection, [area for each in new for area in each.areas]),
        names_taken=await taken_names(connection, [normal_username(each.username) for each in new]),
        numbers_taken=await queries.read_taken_numbers(connection, numbers),
        numbers_active=await active_numbers(connection, numbers, now=now, rules=rules),
        numbers_lost=await read_lost_numbers(connection, numbers),
    )


async def _write(
    connection: Connection,
    added: Sequence[tuple[UserId, NewPartnerUser]],
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> None:
    await queries.insert_numbers(connection, [(each.msisdn, user_id) for user_id, each in added], at=now)
    await claim_names(connection, [(normal_username(each.username), "partner", id_, None) for id_, each in added])
    lapses_at = now + timedelta(hours=rules.auth.initial_password_ttl_h)
    rows = [
        (
            user_id,
            cell_of_id(user_id),
            each.partner_id,
            normal_username(each.username),
            each.name.strip(),
            each.role,
            ",".join(each.areas),
            each.msisdn,
            each.locale,
            each.password_hash,
            each.password_initial,
            lapses_at if each.password_initial else None,
        )
        for user_id, each in added
    ]
    await queries.insert_partner_users(connection, rows, at=now)
    audit = [
        AuditRow(
            cell_of_id(user_id),
            now,
            actor,
            "partner_user.added",
            user_id,
            {"partner": str(each.partner_id), "role": each.role, "areas": list(each.areas)},
        )
        for user_id, each in added
    ]
    await write_audit(connection, ids, audit)


async def partner_users(
    connection: Connection, partner_id: PartnerId, *, after: int = 0, limit: int = PAGE_MAX
) -> list[PartnerUser]:
    """A partner's users that have not ended, by id; the next page begins `after` the last one's. One query."""
    return await queries.read_users_of_partner(connection, partner_id, after=after, limit=min(limit, PAGE_MAX))


async def partner_user(connection: Connection, user_id: UserId) -> PartnerUser | None:
    """One user of a partner, also one that has ended."""
    return (await queries.read_partner_users(connection, [user_id])).get(user_id)
