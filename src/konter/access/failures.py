"""Wrong passwords are counted by the way they came, so that whoever shuts one way shuts no other. [G-D02]

Strangers count in the user's own row. Whoever asks from where the user has lately had a session, and whoever has a live
session, counts apart, as marks; so does, under a hash, a name that nobody has.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from konter.access.limits.queries import add_marks, forget_marks, read_marks
from konter.access.model import Kind, Origin, PasswordCheck, count_failures
from konter.access.queries import sessions as session_queries
from konter.access.step import Step
from konter.platform.db import Connection
from konter.platform.secrets import Keys

KEPT = timedelta(days=1)
KNOWN_FOR = timedelta(days=90)


class Failures(msgspec.Struct, frozen=True, kw_only=True):
    """Wrong passwords of one way in. `key` names its marks; None for the count in the user's row."""

    key: str | None
    count: int
    locked_until: datetime | None


def known_key(kind: Kind, user_id: int) -> str:
    """Log-ins from where the user has lately had a session."""
    return f"password:known:{kind}:{user_id}"


def session_key(kind: Kind, user_id: int) -> str:
    """Passwords asked for within a session."""
    return f"password:session:{kind}:{user_id}"


def totp_key(staff_id: int) -> str:
    """Codes of an authenticator app, over all log-ins: whoever has the password may begin as many as they like."""
    return f"password:totp:{staff_id}"


def unknown_key(keys: Keys, name: str) -> str:
    """A name that nobody has, as a hash only: people type passwords into the wrong field."""
    return f"login:unknown:{keys.pepper_hash('unknown-name', name.encode('utf-8', 'replace')).hex()[:32]}"


async def is_known_origin(connection: Connection, kind: Kind, user_id: int, origin: Origin, now: datetime) -> bool:
    """Whether the user has lately had a session from this address and this device."""
    return await session_queries.has_had_session(connection, kind, user_id, origin=origin, since=now - KNOWN_FOR)


async def read_failures(connection: Connection, key: str, step: Step) -> Failures:
    """What is counted under a key; under the lock that its writers take."""
    marks = (await read_marks(connection, [key], since=step.now - KEPT))[key]
    count, locked_until = count_failures(marks, step.rules)
    return Failures(key=key, count=count, locked_until=locked_until)


async def write_failures(connection: Connection, before: Failures, check: PasswordCheck, step: Step) -> None:
    """Count a password among the marks that were read."""
    assert before.key is not None, "strangers are counted in the user's row"
    if check.refusal is None:
        await forget_marks(connection, [before.key])
    elif check.locked_now:
        assert check.locked_until is not None, "a lock has an end"
        await lock_key(connection, before.key, check.locked_until, step)
    elif check.failures > before.count:
        await add_marks(connection, [before.key], at=step.now)


async def lock_key(connection: Connection, key: str, until: datetime, step: Step) -> None:
    """Shut one way until then. The marks of a lock are of one moment, so that none of them lapses before the others."""
    await forget_marks(connection, [key])
    at = until - timedelta(minutes=step.rules.auth.password_lock_min)
    await add_marks(connection, [key], at=at, times=step.rules.auth.password_max_tries)


async def lift_locks(connection: Connection, kind: Kind, user_ids: Sequence[int]) -> None:
    """New credentials begin anew, from wherever their users log in; the count in the user's row is its writer's."""
    if user_ids:
        await forget_marks(connection, [way(kind, user) for user in user_ids for way in (known_key, session_key)])
