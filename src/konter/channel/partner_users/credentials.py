"""Give users of partners an initial password by SMS, first or again. [D-06, D-07, G-D01]"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from konter.access.ending import end_access, replace_secrets
from konter.access.passwords import Passwords
from konter.channel.partner_users import queries
from konter.channel.partner_users.model import change_refusal
from konter.messaging.model import sms
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks, UserId, cell_of_id
from konter.platform.outbox import write_outbox
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys, new_password
from konter.rules.model import Rules


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
    ttl_h = rules.auth.initial_password_ttl_h
    async with pool.acquire() as connection:
        own = await ids.reserve(connection, 2 * len(user_ids))
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
                expires_at=now + timedelta(hours=ttl_h),
                kind="partner",
            )
            await end_access(connection, issued_ids, actor=actor, now=now)
            texts = [
                sms(
                    "credentials",
                    to=user.msisdn,
                    locale=user.locale,
                    at=now,
                    data={"outlet": user.partner_name, "username": user.username, "password": word, "ttl_h": ttl_h},
                    keys=keys,
                )
                for user, word, _ in issued
            ]
            await write_outbox(connection, own, texts)
            audit = [AuditRow(cell_of_id(id_), now, actor, "credentials.issued", id_, {}) for id_ in issued_ids]
            await write_audit(connection, own, audit)
    return outcomes
