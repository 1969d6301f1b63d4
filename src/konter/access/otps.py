"""One-time passwords: made here, kept as a keyed hash, sealed in the outbox, sent by the worker. [D-23, G-D02]"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from konter.access import tokens
from konter.access.limits.queries import add_marks, read_marks
from konter.access.model import HOUR, Login, LoginStarted, Purpose, User, otp_budget_refusal
from konter.access.queries import logins as login_queries
from konter.access.sim_age import note_sim_age
from konter.access.step import Step
from konter.messaging.model import sms
from konter.platform.db import Connection
from konter.platform.ids import LoginId, make_id
from konter.platform.outbox import OutboxRow
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys, equal, new_digits
from konter.rules.model import Rules

# Many outlets share one address behind a mobile carrier's NAT, so an address may ask for far more than a number.
# Without a password far less is allowed: there an address could only be after other people's numbers.
ADDRESS_MAX_PER_HOUR: Mapping[Purpose, int] = {"login": 600, "pin_reset": 600, "password_reset": 60}


def budget(user: User, purpose: Purpose, address: str, rules: Rules) -> dict[str, int]:
    """How many OTPs an hour each key may have, where the password was right. Resets that need no password are counted
    elsewhere, so that a stranger who knows a user name uses up nothing that its owner's log-ins need.
    """
    return {
        f"otp:proven:number:{user.nn_msisdn}": rules.otp.max_per_hour,
        f"otp:proven:user:{user.id}": rules.otp.max_per_hour,
        f"otp:proven:address:{address}": ADDRESS_MAX_PER_HOUR[purpose],
    }


async def budget_refusal(connection: Connection, limits: Mapping[str, int], now: datetime) -> Refusal | None:
    """Whether one more OTP would be too many."""
    sent = await read_marks(connection, list(limits), since=now - HOUR)
    return otp_budget_refusal(sent, limits, now)


async def start_login(
    connection: Connection,
    user: User,
    purpose: Purpose,
    *,
    limits: Mapping[str, int],
    step: Step,
) -> tuple[Login, OutboxRow]:
    """Write a login that waits for its OTP, ending older ones of its purpose; gives the text to send with it.

    A password reset ends none: anybody may ask for one, and would end that of the owner, who waits for the OTP.
    """
    login, row = _with_otp(
        Login(
            id=LoginId(make_id(next(step.ids.take(1)), user.cell)),
            cell=user.cell,
            kind=user.kind,
            user_id=user.id,
            outlet_id=user.outlet_id,
            purpose=purpose,
            msisdn=user.nn_msisdn,
            otp_salt=b"",
            otp_hash=b"",
            otp_sent_at=step.now,
            expires_at=step.now,
            tries=0,
            state="sent",
        ),
        user,
        step,
    )
    await note_sim_age(connection, user, step)
    if purpose != "password_reset":
        await login_queries.end_logins(connection, [user.id], purposes=[purpose])
    await login_queries.insert_login(connection, login)
    await add_marks(connection, list(limits), at=step.now)
    return login, row


async def renew_otp(
    connection: Connection,
    login: Login,
    user: User,
    *,
    limits: Mapping[str, int],
    step: Step,
) -> tuple[Login, OutboxRow]:
    """Give a waiting login another OTP; the old one fits no longer. Wrong tries count on through all its OTPs."""
    await note_sim_age(connection, user, step)
    renewed, row = _with_otp(login, user, step)
    await login_queries.write_new_otp(connection, renewed)
    await add_marks(connection, list(limits), at=step.now)
    return renewed, row


def code_fits(keys: Keys, login: Login, code: str) -> bool:
    """Whether this is the login's OTP."""
    return equal(login.otp_hash, _otp_hash(keys, login.otp_salt, code.strip()))


def started(login: Login, step: Step, *, tell_number: bool = True) -> LoginStarted:
    """The answer to whoever waits for an OTP."""
    return LoginStarted(
        login_id=tokens.ticket(step.keys, login.id),
        msisdn=login.msisdn if tell_number else None,
        expires_at=login.expires_at,
        resend_at=login.otp_sent_at + timedelta(seconds=step.rules.otp.resend_after_s),
    )


def _with_otp(login: Login, user: User, step: Step) -> tuple[Login, OutboxRow]:
    code, salt = new_digits(step.rules.otp.length), secrets.token_bytes(16)
    renewed = msgspec.structs.replace(
        login,
        otp_salt=salt,
        otp_hash=_otp_hash(step.keys, salt, code),
        otp_sent_at=step.now,
        expires_at=step.now + timedelta(seconds=step.rules.otp.ttl_s),
        state="sent",
    )
    data = {"code": code, "ttl_s": step.rules.otp.ttl_s, "purpose": login.purpose}
    return renewed, sms("otp", to=login.msisdn, locale=user.locale, at=step.now, data=data, keys=step.keys)


def _otp_hash(keys: Keys, salt: bytes, code: str) -> bytes:
    return keys.pepper_hash("otp", salt, code.encode("utf-8", "replace"))
