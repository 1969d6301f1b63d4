"""What a customer's pages show, as plain values."""

from datetime import datetime

from konter.web.views import Alert, ErrorView, Gain, Sent, SessionLine, View


class NumberView(View, frozen=True, kw_only=True):
    """Type the own number; `next` is where to go after the log-in, `lead_key` says what awaits there."""

    number: str = ""
    next: str = ""
    title_key: str = "me.title"
    lead_key: str = ""
    alert: Alert | None = None


class CodeView(View, frozen=True, kw_only=True):
    """An OTP is awaited, if the number is a customer's."""

    action: str
    resend_action: str
    sent: Sent
    cooling_h: int
    next: str = ""
    alert: Alert | None = None


class Panel(View, frozen=True, kw_only=True):
    """One card of the first page: a template, and what it shows as `panel.view`."""

    template: str
    view: View


class QuotasView(View, frozen=True, kw_only=True):
    """What is left of quotas, soonest to expire first."""

    gains: tuple[Gain, ...]


class MeView(View, frozen=True, kw_only=True):
    """The own number, its active period and main balance, then the panels."""

    number: str
    brand: str
    prepaid: bool
    state: str
    active_until: datetime
    grace_until: datetime
    balance_rp: int
    panels: tuple[Panel, ...]
    alert: Alert | None = None


class SessionsView(View, frozen=True, kw_only=True):
    """Where the number is logged in."""

    sessions: tuple[SessionLine, ...]
    alert: Alert | None = None


class MeErrorView(ErrorView, frozen=True, kw_only=True):
    """What went wrong. Where another number gets further, a button logs out and leads to `other_number_for`."""

    other_number_for: str = ""
