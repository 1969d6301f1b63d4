"""Nouns of access and its pure decisions: who may take which step now."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

import msgspec

from konter.access.refusals import (
    ACCOUNT_LOCKED,
    APP_BLOCKED,
    BAD_CREDENTIALS,
    INITIAL_PASSWORD_EXPIRED,
    OTP_EXPIRED,
    OTP_RESEND_TOO_SOON,
    OTP_TOO_MANY,
    OTP_WRONG,
    PASSWORD_CHANGE_REQUIRED,
    PHONE_REPORTED_LOST,
    PIN_LOCKED,
    PIN_NOT_SET,
    TERMS_NOT_ACCEPTED,
    WRONG_PIN,
)
from konter.platform.ids import LoginId, Msisdn, OutletId, PartnerId, SessionId, UserId
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.terms.model import DocumentRef

Kind = Literal["outlet", "partner", "staff"]
UserKind = Literal["outlet", "partner"]  # those who get an OTP by SMS and agree to the terms: Users [D-60]
Locale = Literal["id", "en"]
Next = Literal["otp", "totp", "change_password", "accept_terms", "set_pin", "ready"]
Purpose = Literal["login", "password_reset", "pin_reset"]
LoginState = Literal["sent", "passed", "used", "dead"]
HOUR = timedelta(hours=1)
MINUTE_S = 60
USERNAME_CHARS_MAX = 64
CARE_ROLES = ("care", "supervisor")  # staff who look at numbers and sales of customers


class TokenClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a bearer token says of itself under its MAC: enough to lock the outlet and find the session row.

    That the MAC is right does not mean that the session still lives; only its row says so.
    """

    kind: Kind
    session_id: SessionId
    user_id: UserId
    outlet_id: OutletId | None
    token_hash: bytes


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking, from a live session. The fields of an outlet or a partner are None and empty for whoever has none.

    `area` is where an outlet stands, a partner works, or a member of staff acts: empty for the whole operator. `areas`
    narrows a partner's to the clusters of a field-sales person; none means all of it. `nn_msisdn` gets the OTPs: a
    notification number, or the own number of a partner's user; staff have none. `next` is the only step that is open
    before everything else; `missing_documents` are those still to be accepted. [D-57, D-60, D-81]
    """

    kind: Kind
    user_id: UserId
    session_id: SessionId
    outlet_id: OutletId | None
    username: str
    name: str
    roles: tuple[str, ...]
    locale: Locale
    nn_msisdn: Msisdn | None
    outlet_name: str
    outlet_code: str
    area: str
    segment: str
    zone: str
    next: Next
    missing_documents: tuple[DocumentRef, ...]
    partner_id: PartnerId | None = None
    partner_name: str = ""
    areas: tuple[str, ...] = ()


class Origin(msgspec.Struct, frozen=True):
    """From where a step is taken: address and device, for limits, the session list and the audit. [D-81]"""

    address: str
    agent: str


class LoginStarted(msgspec.Struct, frozen=True, kw_only=True):
    """An OTP is on its way. `login_id` is an unguessable ticket for the next step, not the row's bare id.

    `msisdn` is where the OTP went; None where saying so would tell a stranger whether the user exists.
    """

    login_id: str
    msisdn: Msisdn | None
    expires_at: datetime
    resend_at: datetime


class SessionOpened(msgspec.Struct, frozen=True, kw_only=True):
    """A session lives from now on; `token` is shown once and never stored.

    `changed_documents` are texts that changed since the user agreed and now count as accepted by going on. [D-102]
    """

    token: str
    session_id: SessionId
    next: Next
    expires_at: datetime
    changed_documents: tuple[DocumentRef, ...] = ()
    device: str | None = None  # the token of the device, from now on trusted; shown once


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user of an outlet or a partner as the database has it, read under the lock that `lock_user` takes.

    `nn_msisdn` gets the OTPs; `home_status` is the outlet's or the partner's. Only users of outlets have a PIN.
    """

    kind: UserKind
    id: UserId
    cell: int
    outlet_id: OutletId | None
    username: str
    nn_msisdn: Msisdn
    locale: Locale
    status: str
    home_status: str
    zone: str
    password_hash: str
    password_initial: bool
    password_expires_at: datetime | None
    password_failures: int
    locked_until: datetime | None
    lost_at: datetime | None
    cooling_from: datetime | None = None
    pin_salt: bytes = b""
    pin_hash: bytes | None = None
    pin_failures: int = 0
    pin_locked_at: datetime | None = None


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A login or a reset between its steps. sent: the OTP is out; passed: it was right and a new secret may be set;
    used and dead are final, moved there by the last step and by limits or a newer login.
    """

    id: LoginId
    cell: int
    kind: UserKind
    user_id: UserId
    outlet_id: OutletId | None
    purpose: Purpose
    msisdn: Msisdn
    otp_salt: bytes
    otp_hash: bytes
    otp_sent_at: datetime
    expires_at: datetime
    tries: int
    state: LoginState


class PasswordCheck(msgspec.Struct, frozen=True):
    """What a right or wrong password does to the counters, and the refusal if it is one."""

    refusal: Refusal | None
    failures: int
    locked_until: datetime | None
    locked_now: bool = False


class CodeCheck(msgspec.Struct, frozen=True):
    """What an entered OTP does to its login; `locked_until` locks the user when the tries are used up."""

    refusal: Refusal | None
    tries: int
    state: LoginState
    locked_until: datetime | None = None


class PinCheck(msgspec.Struct, frozen=True):
    """What an entered PIN does to the counters, and the refusal if it is one."""

    refusal: Refusal | None
    failures: int
    locked_at: datetime | None


def check_password(
    failures: int,
    locked_until: datetime | None,
    *,
    right: bool,
    now: datetime,
    rules: Rules,
    wrong: Callable[..., Refusal] = BAD_CREDENTIALS,
) -> PasswordCheck:
    """Count a password. While locked even a right one is refused, or the lock would tell which guess was right."""
    if locked_until is not None and locked_until > now:
        return PasswordCheck(locked(locked_until, now), failures, locked_until)
    if right:
        return PasswordCheck(None, 0, None)
    tries_left = rules.auth.password_max_tries - failures - 1
    if tries_left <= 0:
        until = now + timedelta(minutes=rules.auth.password_lock_min)
        return PasswordCheck(locked(until, now), 0, until, locked_now=True)
    refusal = wrong() if wrong is BAD_CREDENTIALS else wrong(tries_left=tries_left)
    return PasswordCheck(refusal, failures + 1, None)


def count_failures(marks: Sequence[datetime], rules: Rules) -> tuple[int, datetime | None]:
    """Failures since the last lock, and until when that lasts, from the moments of all; oldest first."""
    count, until = 0, None
    for at in marks:
        if until is not None and at < until:
            continue  # one that met the lock
        count, until = count + 1, None
        if count >= rules.auth.password_max_tries:
            count, until = 0, at + timedelta(minutes=rules.auth.password_lock_min)
    return count, until


def locked(until: datetime, now: datetime) -> Refusal:
    """The account is locked until then."""
    seconds = _seconds_until(until, now)
    return ACCOUNT_LOCKED(retry_after_s=seconds, minutes=_minutes(seconds))


def app_refusal(user: User) -> Refusal | None:
    """Whether a user, and the outlet or partner behind it, may use the app at all. [D-52]"""
    if user.status != "active" or user.home_status != "active":
        return APP_BLOCKED()
    return PHONE_REPORTED_LOST() if user.lost_at is not None else None


def initial_password_refusal(user: User, now: datetime) -> Refusal | None:
    """An initial password lapses. [D-07, G-D01]"""
    if user.password_expires_at is not None and user.password_expires_at <= now:
        return INITIAL_PASSWORD_EXPIRED()
    return None


def cools_off(sim_changed_at: datetime, now: datetime, rules: Rules) -> bool:
    """Whether a SIM is so fresh that its user sells little for now."""
    return now < sim_changed_at + timedelta(hours=rules.seller.cooling_off_h)


def otp_budget_refusal(
    sent: Mapping[str, Sequence[datetime]], limits: Mapping[str, int], now: datetime
) -> Refusal | None:
    """Whether one more OTP would be too many for any key (number, user, address) within an hour. [G-D02]"""
    for key, limit in limits.items():
        if seconds := wait_s(sent.get(key, ()), limit=limit, look_back=HOUR, now=now):
            return OTP_TOO_MANY(retry_after_s=seconds, minutes=_minutes(seconds))
    return None


def wait_s(marks: Sequence[datetime], *, limit: int, look_back: timedelta, now: datetime) -> int:
    """How long until there may be one more: looking back from every moment, never more than the limit. 0: at once."""
    lately = sorted(moment for moment in marks if moment > now - look_back)
    return _seconds_until(lately[-limit] + look_back, now) if len(lately) >= limit else 0


def resend_refusal(sent_at: datetime, *, now: datetime, rules: Rules) -> Refusal | None:
    """Whether it is too soon after the last OTP for another. [G-D02]"""
    resend_at = sent_at + timedelta(seconds=rules.otp.resend_after_s)
    return OTP_RESEND_TOO_SOON(retry_after_s=_seconds_until(resend_at, now)) if resend_at > now else None


def check_code(login: Login, *, right: bool, now: datetime, rules: Rules) -> CodeCheck:
    """Count an entered OTP. Right: `passed`; the caller ends it as `used` with what it was for. [G-D02]

    A passed reset asks for the code again with the new secret, so it stays checked; every wrong one counts.
    """
    if login.state not in ("sent", "passed") or login.expires_at <= now:
        return CodeCheck(OTP_EXPIRED(), login.tries, login.state)
    if right:
        return CodeCheck(None, login.tries, "passed")
    locks = login.purpose != "password_reset"
    return wrong_code(login.tries, login.state, locks=locks, now=now, rules=rules)


def wrong_code(tries: int, state: LoginState, *, locks: bool, now: datetime, rules: Rules) -> CodeCheck:
    """One more wrong OTP; the last one that is allowed ends the login and, with `locks`, locks the user for a while.

    A password reset locks nobody out: a stranger who knows a user name could do it to its owner.
    """
    tries += 1
    tries_left = rules.otp.max_tries - tries
    if tries_left > 0:
        return CodeCheck(OTP_WRONG(tries_left=tries_left), tries, state)
    if not locks:
        return CodeCheck(OTP_EXPIRED(), tries, "dead")
    until = now + timedelta(minutes=rules.otp.lock_min)
    return CodeCheck(locked(until, now), tries, "dead", until)


class PinCounter(Protocol):
    """Whoever has a PIN with a counter: a user here, a seller in a batch of sales."""

    @property
    def pin_failures(self) -> int:
        """Wrong PINs since the last right one."""

    @property
    def pin_locked_at(self) -> datetime | None:
        """Since when no PIN is tried."""


def check_pin(user: PinCounter, *, right: bool, now: datetime, rules: Rules) -> PinCheck:
    """Count a PIN; after the last wrong one it is locked until reset, by password and OTP or by the partner."""
    if user.pin_locked_at is not None:
        return PinCheck(PIN_LOCKED(), user.pin_failures, user.pin_locked_at)
    if right:
        return PinCheck(None, 0, None)
    failures = user.pin_failures + 1
    tries_left = rules.auth.pin_max_tries - failures
    if tries_left <= 0:
        return PinCheck(PIN_LOCKED(), failures, now)
    return PinCheck(WRONG_PIN(tries_left=tries_left), failures, None)


def next_step(*, password_initial: bool, documents_missing: bool, pin_set: bool) -> Next:
    """The one step that stands before everything else. [D-07, D-103]"""
    if password_initial:
        return "change_password"
    if documents_missing:
        return "accept_terms"
    return "ready" if pin_set else "set_pin"


# What stands before everything else, by the step that is open.
STEP_REFUSALS: Mapping[Next, Callable[..., Refusal]] = {
    "change_password": PASSWORD_CHANGE_REQUIRED,
    "accept_terms": TERMS_NOT_ACCEPTED,
    "set_pin": PIN_NOT_SET,
}


def normal_username(text: str) -> str:
    """User names are compared without case and without blanks around them."""
    return text.strip().casefold()


def plausible_username(name: str) -> bool:
    """Whether a normalised name could be anybody's; what is not printable is not even looked up."""
    return 0 < len(name) <= USERNAME_CHARS_MAX and name.isprintable()


def _seconds_until(moment: datetime, now: datetime) -> int:
    return max(1, -int((now - moment).total_seconds() // 1))


def _minutes(seconds: int) -> int:
    return -(-seconds // MINUTE_S)
