"""Give users of partners an initial password by SMS: with the user, or again. [D-06, D-07, G-D01]"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from konter.access.ending import end_access, replace_secrets
from konter.access.passwords import Passwords
from konter.channel.initial_passwords import IDS_PER_TEXT, Told, tell_passwords
from konter.channel.partner_users import queries
from konter.channel.partner_users.add import add_partner_users
from konter.channel.partner_users.model import NewPartnerUser, PartnerUser, change_refusal
from konter.platform.audit import Actor
from konter.platform.db import CONNECTION_WITHIN_S, Pool
from konter.platform.ids import IdBlocks, UserId
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys, new_password
from konter.rules.model import Rules


async def add_with_partner_credentials(
    pool: Pool,
    passwords: Passwords,
    new: NewPartnerUser,
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
    word: Callable[[], str] = new_password,
) -> Refusal | UserId:
    """Add a user together with the text that brings the initial password, in one transaction: neither is there without
    the other, whenever a process dies. The refusals are those of `add_partner_users`. [D-06, D-57]
    """
    password = word()
    password_hash = await passwords.hash(password)
    wanted = msgspec.structs.replace(new, password_hash=password_hash, password_initial=True)
    async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
        own = await ids.reserve(connection, IDS_PER_TEXT)
        async with connection.transaction():
            (added,) = await add_partner_users(connection, [wanted], actor=actor, now=now, ids=ids, rules=rules)
            if not isinstance(added, Refusal):
                user = (await queries.read_partner_users(connection, [added]))[added]
                told = [_told(user, password)]
                await tell_passwords(connection, told, actor=actor, now=now, ids=own, keys=keys, rules=rules)
    return added


async def issue_partner_credentials(
    pool: Pool,
    passwords: Passwords,
    user_ids: Sequence[UserId],
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
    new: Callable[[], str] = new_password,
) -> list[Refusal | UserId]:
    """Send each a new initial password that lapses and must be changed; one outcome each, in order. Sessions, logins,
    counters and locks go with the old one.
    """
    words = [new() for _ in user_ids]
    hashes = await asyncio.gather(*(passwords.hash(word) for word in words))
    expires_at = now + timedelta(hours=rules.auth.initial_password_ttl_h)
    async with pool.acquire() as connection:
        own = await ids.reserve(connection, IDS_PER_TEXT * len(user_ids))
        async with connection.transaction():
            await queries.lock_partner_users(connection, user_ids)
            known = await queries.read_partner_users(connection, user_ids)
            outcomes = [change_refusal(known.get(user_id)) or user_id for user_id in user_ids]
            issued = [
                (known[outcome], word, password_hash)
                for outcome, word, password_hash in zip(outcomes, words, hashes, strict=True)
                if not isinstance(outcome, Refusal)
            ]
            issued_ids = [user.id for user, _, _ in issued]
            await replace_secrets(
                connection,
                [(user.id, password_hash) for user, _, password_hash in issued],
                expires_at=expires_at,
                kind="partner",
            )
            await end_access(connection, issued_ids, actor=actor, now=now)
            told = [_told(user, word) for user, word, _ in issued]
            await tell_passwords(connection, told, actor=actor, now=now, ids=own, keys=keys, rules=rules)
    return outcomes


def _told(user: PartnerUser, password: str) -> Told:
    return Told(
        user_id=user.id,
        msisdn=user.msisdn,
        locale=user.locale,
        username=user.username,
        of=user.partner_name,
        password=password,
    )
