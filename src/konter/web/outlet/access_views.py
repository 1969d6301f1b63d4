"""What the pages show on which a user of an outlet gets in, and looks after secrets and sessions."""

from datetime import datetime
from typing import Literal

from konter.web.views import Alert, DocumentView, Sent, SessionLine, View


class LoginView(View, frozen=True, kw_only=True):
    username: str = ""
    alert: Alert | None = None


class OtpView(View, frozen=True, kw_only=True):
    """An OTP is awaited to log in; `action` says where the code goes."""

    action: str
    resend_action: str
    sent: Sent
    trust_days: int = 0  # for how long this phone could need no OTP; 0: not offered
    ask_position: bool = False
    alert: Alert | None = None


class PasswordView(View, frozen=True, kw_only=True):
    """Set a new password: forced at first login, by choice, or after a reset (which asks for no old one)."""

    action: str
    ask_old: bool
    forced: bool
    length_min: int
    username: str
    sent: Sent | None = None
    alert: Alert | None = None


class TermsView(View, frozen=True, kw_only=True):
    documents: tuple[DocumentView, ...]
    alert: Alert | None = None


class PinView(View, frozen=True, kw_only=True):
    action: str
    first: bool
    sent: Sent | None = None
    alert: Alert | None = None


class ForgotView(View, frozen=True, kw_only=True):
    """Ask for an OTP to reset a secret: the user name for a password, the password for a PIN."""

    field: Literal["username", "password"]
    action: str
    alert: Alert | None = None


class DeviceLine(View, frozen=True, kw_only=True):
    """A phone that needs no OTP until it lapses."""

    id: str
    agent: str
    created_at: datetime
    expires_at: datetime


class AccountView(View, frozen=True, kw_only=True):
    user: str
    username: str
    outlet: str
    outlet_code: str
    number: str
    owner: bool
    sessions: tuple[SessionLine, ...]
    zone: str
    devices: tuple[DeviceLine, ...] = ()
    alert: Alert | None = None
