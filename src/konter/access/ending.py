"""End what users have open: sessions, logins, resets. For blocks, lost phones, new credentials. [D-52]"""

from collections.abc import Sequence
from datetime import datetime

from konter.access.devices.queries import revoke_devices
from konter.access.failures import lift_locks
from konter.access.model import UserKind
from konter.access.queries import logins as login_queries
from konter.access.queries import sessions as session_queries
from konter.access.queries import users as user_queries
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.platform.ids import UserId


async def end_access(connection: Connection, user_ids: Sequence[UserId], *, actor: Actor, now: datetime) -> None:
    """End all sessions, logins, resets and trusted devices of the users, in the caller's transaction, under locks."""
    await revoke_devices(connection, user_ids, by=actor.text, at=now)
    await session_queries.revoke_sessions(connection, user_ids, but=None, by=actor.text, at=now)
    await login_queries.end_logins(connection, user_ids, purposes=["login", "password_reset", "pin_reset"])


async def replace_secrets(
    connection: Connection, rows: Sequence[tuple[UserId, str]], *, expires_at: datetime, kind: UserKind = "outlet"
) -> None:
    """Give users, as (id, password hash), an initial password that lapses; PIN, counters and locks go. [D-07, G-D01]"""
    await user_queries.write_initial_passwords(connection, kind, rows, expires_at=expires_at)
    await lift_locks(connection, kind, [user_id for user_id, _ in rows])
