"""The text that brings an initial password, the same for users of outlets and of partners. [D-06, D-07, G-D01]"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from konter.messaging.model import sms
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn, UserId, cell_of_id
from konter.platform.outbox import write_outbox
from konter.platform.secrets import Keys
from konter.rules.model import Rules

IDS_PER_TEXT = 2  # the text and its audit row


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told which password; `of` names the outlet or partner."""

    user_id: UserId
    msisdn: Msisdn
    locale: str
    username: str
    of: str
    password: str


async def tell_passwords(
    connection: Connection,
    told: Sequence[Told],
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
    rules: Rules,
) -> None:
    """User name and password to each, once, in the transaction that makes the password so. Takes IDS_PER_TEXT each."""
    ttl_h = rules.auth.initial_password_ttl_h
    texts = [
        sms(
            "credentials",
            to=each.msisdn,
            locale=each.locale,
            at=now,
            data={"outlet": each.of, "username": each.username, "password": each.password, "ttl_h": ttl_h},
            keys=keys,
        )
        for each in told
    ]
    await write_outbox(connection, ids, texts)
    audit = [AuditRow(cell_of_id(each.user_id), now, actor, "credentials.issued", each.user_id, {}) for each in told]
    await write_audit(connection, ids, audit)
