"""Nouns of access and its pure decisions: who may take which step now."""

from typing import Literal

import msgspec

from konter.platform.ids import LoginId, Msisdn, OutletId, SessionId, UserId

Kind = Literal["outlet", "staff"]
Next = Literal["otp", "change_password", "accept_terms", "set_pin", "ready"]
Purpose = Literal["login", "password_reset", "pin_reset"]


class TokenClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a bearer token says of itself under its MAC: enough to lock the outlet and find the session row.

    That the MAC is right does not mean that the session still lives; only its row says so.
    """

    kind: Kind
    session_id: SessionId
    user_id: UserId
    outlet_id: OutletId | None
    token_hash: bytes


class DocumentRef(msgspec.Struct, frozen=True):
    """One version of a legal document."""

    document: str
    version: str


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking, from a live session. For staff the outlet fields are None and empty. [D-60, D-81]

    `next` is the only step that is open before everything else; `missing_documents` are those still to be accepted.
    """

    kind: Kind
    user_id: UserId
    session_id: SessionId
    outlet_id: OutletId | None
    username: str
    name: str
    roles: tuple[str, ...]
    locale: Literal["id", "en"]
    nn_msisdn: Msisdn | None
    outlet_name: str
    outlet_code: str
    area: str
    segment: str
    zone: str
    next: Next
    missing_documents: tuple[DocumentRef, ...]


class LoginStarted(msgspec.Struct, frozen=True, kw_only=True):
    """An OTP is on its way; `resend_after_s` seconds later another may be asked for."""

    login_id: LoginId
    resend_after_s: int
    ttl_s: int


class SessionOpened(msgspec.Struct, frozen=True, kw_only=True):
    """A session lives from now on; `token` is shown once and never stored."""

    token: str
    session_id: SessionId
    next: Next
