"""Give users an initial password by SMS: with the user, or again. [D-06, D-07, G-D01]"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from konter.access.ending import end_access, replace_secrets
from konter.access.passwords import Passwords
from konter.channel import queries
from konter.channel.add_users import add_users
from konter.channel.initial_passwords import IDS_PER_TEXT, Told, tell_passwords
from konter.channel.model import NewUser
from konter.channel.refusals import USER_ENDED, USER_NOT_FOUND
from konter.ledger.read import lock_owners
from konter.platform.audit import Actor
from konter.platform.db import CONNECTION_WITHIN_S, Connection, Pool
from konter.platform.ids import IdBlocks, UserId
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys, new_password
from konter.rules.model import Rules


async def add_with_credentials(
    pool: Pool,
    passwords: Passwords,
    new: NewUser,
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
    word: Callable[[], str] = new_password,
) -> Refusal | UserId:
    """Add a user together with the text that brings the initial password: in one transaction, as nobody could be told
    later of a user who was added by a process that died. The refusals are those of `add_users`. [D-06, D-22]
    """
    password = word()
    password_hash = await passwords.hash(password)
    wanted = msgspec.structs.replace(new, password_hash=password_hash, password_initial=True)
    async with pool.acquire(timeout=CONNECTION_WITHIN_S) as connection:
        own = await ids.reserve(connection, IDS_PER_TEXT)
        async with connection.transaction():
            (added,) = await add_users(connection, [wanted], actor=actor, now=now, ids=ids, rules=rules)
            if not isinstance(added, Refusal):
                user = (await queries.read_users(connection, [added]))[added]
                told = [_told(user, password)]
                await tell_passwords(connection, told, actor=actor, now=now, ids=own, keys=keys, rules=rules)
    return added


async def issue_credentials(
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
    """Send each user a new initial password from the credentials' sender; one outcome each, in order.

    It lapses after `auth.initial_password_ttl_h` and must be changed at the first login. Issued again it is the
    partner's way out of any lock: PIN, counters, locks and sessions of the user go with the old password.
    """
    words = [new() for _ in user_ids]
    hashes = await asyncio.gather(*(passwords.hash(word) for word in words))
    async with pool.acquire() as connection:
        own = await ids.reserve(connection, IDS_PER_TEXT * len(user_ids))
        known = await queries.read_users(connection, user_ids)
        async with connection.transaction():
            await lock_owners(connection, owners=[user.outlet_id for user in known.values()])
            known = await queries.read_users(connection, list(known))
            outcomes = [_issuing(user_id, known.get(user_id)) for user_id in user_ids]
            issued = [
                (known[outcome], word, password_hash)
                for outcome, word, password_hash in zip(outcomes, words, hashes, strict=True)
                if not isinstance(outcome, Refusal)
            ]
            await _write(connection, issued, actor=actor, now=now, ids=own, keys=keys, rules=rules)
    return outcomes


def _issuing(user_id: UserId, user: queries.UserRow | None) -> Refusal | UserId:
    if user is None:
        return USER_NOT_FOUND()
    return USER_ENDED() if user.status == "ended" else user_id


async def _write(
    connection: Connection,
    issued: Sequence[tuple[queries.UserRow, str, str]],
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> None:
    expires_at = now + timedelta(hours=rules.auth.initial_password_ttl_h)
    rows = [(user.id, password_hash) for user, _, password_hash in issued]
    await replace_secrets(connection, rows, expires_at=expires_at)
    await end_access(connection, [user.id for user, _, _ in issued], actor=actor, now=now)
    told = [_told(user, word) for user, word, _ in issued]
    await tell_passwords(connection, told, actor=actor, now=now, ids=ids, keys=keys, rules=rules)


def _told(user: queries.UserRow, password: str) -> Told:
    return Told(
        user_id=user.id,
        msisdn=user.nn_msisdn,
        locale=user.locale,
        username=user.username,
        of=user.outlet_name,
        password=password,
    )
