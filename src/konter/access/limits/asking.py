"""One more OTP for somebody who has shown no password: the same limits for whatever it is for. [G-D02]"""

from collections.abc import Mapping
from datetime import datetime

from konter.access.limits.queries import add_marks, hold_key, read_marks
from konter.access.model import HOUR, otp_budget_refusal, resend_refusal
from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.rules.model import Rules


async def spend_otp(
    connection: Connection, limits: Mapping[str, int], *, now: datetime, rules: Rules
) -> Refusal | None:
    """Count one more OTP in the caller's transaction, or say why not: OTP_RESEND_TOO_SOON by the first key,
    OTP_TOO_MANY by any. Whoever else asks under the first key waits; take it before any owner's lock.
    """
    await hold_key(connection, next(iter(limits)))
    asked = await read_marks(connection, list(limits), since=now - HOUR)
    first = next(iter(asked.values()))
    too_soon = resend_refusal(first[-1], now=now, rules=rules) if first else None
    refusal = too_soon or otp_budget_refusal(asked, limits, now)
    if refusal is None:
        await add_marks(connection, list(limits), at=now)
    return refusal


async def misses_refusal(connection: Connection, limits: Mapping[str, int], *, now: datetime) -> Refusal | None:
    """OTP_TOO_MANY where somebody asked for too many numbers that get none: what follows waits, right ones too."""
    return otp_budget_refusal(await read_marks(connection, list(limits), since=now - HOUR), limits, now)


async def count_miss(connection: Connection, limits: Mapping[str, int], *, now: datetime) -> None:
    """Remember that somebody asked for a number that gets no OTP."""
    await add_marks(connection, list(limits), at=now)
