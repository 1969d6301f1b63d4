"""Shapes that several resources of access share."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar.params import PathParameter

from konter.access.model import LoginStarted, Next, SessionOpened
from konter.access.refusals import (
    APP_BLOCKED,
    INITIAL_PASSWORD_EXPIRED,
    LOGIN_NOT_FOUND,
    OTP_EXPIRED,
    OTP_RESEND_TOO_SOON,
    OTP_TOO_MANY,
    OTP_WRONG,
    PHONE_REPORTED_LOST,
)
from konter.access.staff.login import TotpStarted
from konter.platform.refusal import TOO_MANY_REQUESTS
from konter.subscriber.msisdn import masked
from konter.terms.model import DocumentRef

# What every password, every OTP that is sent and every OTP that is given may meet.
PASSWORD_NO = (INITIAL_PASSWORD_EXPIRED, APP_BLOCKED, PHONE_REPORTED_LOST, TOO_MANY_REQUESTS)
OTP_SENDING_NO = (OTP_RESEND_TOO_SOON, OTP_TOO_MANY)
OTP_NO = (LOGIN_NOT_FOUND, OTP_WRONG, OTP_EXPIRED, APP_BLOCKED, PHONE_REPORTED_LOST)

Username = Annotated[str, msgspec.Meta(min_length=1, max_length=64, examples=["suksescell.kasir1"])]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=256, examples=["teh-manis-pagi-7"])]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=16, examples=["480275"])]
Pin = Annotated[str, msgspec.Meta(min_length=1, max_length=16, examples=["739164"])]
Reason = Annotated[str, msgspec.Meta(min_length=3, max_length=500, examples=["surat tugas 12/2026"])]
LoginPath = Annotated[str, PathParameter(max_length=64, description="`login_id` of the answer that started it")]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request's body: what is not known is refused, not ignored."""


class OtpView(msgspec.Struct, frozen=True, kw_only=True):
    """An OTP is on its way; `sent_to` is masked, and empty where saying it would tell too much."""

    login_id: str
    next: Next
    sent_to: str
    expires_at: datetime
    resend_at: datetime

    @classmethod
    def of(cls, started: LoginStarted) -> "OtpView":
        """What the caller sees of a started login."""
        return cls(
            login_id=started.login_id,
            next="otp",
            sent_to=masked(started.msisdn) if started.msisdn is not None else "",
            expires_at=started.expires_at,
            resend_at=started.resend_at,
        )


class EnrolmentView(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator app is set up with. It is shown this once."""

    secret: str
    uri: str


class TotpView(msgspec.Struct, frozen=True, kw_only=True):
    """The code of the authenticator app is asked for; `enrolment` is there until an app has been set up."""

    login_id: str
    next: Next
    expires_at: datetime
    enrolment: EnrolmentView | None

    @classmethod
    def of(cls, started: TotpStarted) -> "TotpView":
        """What the caller sees of a log-in of staff."""
        shown = started.enrolment
        return cls(
            login_id=started.login_id,
            next="totp",
            expires_at=started.expires_at,
            enrolment=EnrolmentView(secret=shown.secret, uri=shown.uri) if shown is not None else None,
        )


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """A session: send the token as `Authorization: Bearer …`. `changed_documents` now count as accepted.

    `device` is the token of this device where it is trusted: another one from every log-in, shown once. [D-102, G-D03]
    """

    token: str
    next: Next
    expires_at: datetime
    changed_documents: tuple[DocumentRef, ...]
    device: str | None

    @classmethod
    def of(cls, opened: SessionOpened) -> "SessionView":
        """What the caller sees of an opened session."""
        return cls(
            token=opened.token,
            next=opened.next,
            expires_at=opened.expires_at,
            changed_documents=opened.changed_documents,
            device=opened.device,
        )


class NextView(msgspec.Struct, frozen=True, kw_only=True):
    """The one step that is open now."""

    next: Next
