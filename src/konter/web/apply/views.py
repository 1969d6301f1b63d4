"""What each page of an application shows, as plain values."""

from datetime import datetime

from konter.channel.geography.model import District
from konter.channel.onboarding.queues.model import Form
from konter.platform.ids import Msisdn
from konter.web.views import Alert, Sent, View


class EnterView(View, frozen=True, kw_only=True):
    """Type a number: the first page, or one more number of one's own."""

    action: str
    first: bool
    number: str = ""
    alert: Alert | None = None


class CodeView(View, frozen=True, kw_only=True):
    """An OTP is awaited; `again` asks for another number."""

    action: str
    resend_action: str
    again: str
    sent: Sent
    alert: Alert | None = None


class WhoView(View, frozen=True, kw_only=True):
    """What kind of seller, and whose; `nik_masked` is what was given before."""

    kind: str
    outlet_name: str
    owner_name: str
    nik: str
    nik_masked: str
    alert: Alert | None = None


class WhereView(View, frozen=True, kw_only=True):
    """Address and district; `found` are districts to choose from, `more` that there are still others."""

    address: str
    district_name: str
    chosen: District | None
    position: str = ""
    found: tuple[District, ...] = ()
    more: bool = False
    alert: Alert | None = None


class NumbersView(View, frozen=True, kw_only=True):
    """Which of the proved numbers is for what."""

    numbers: tuple[Msisdn, ...]
    rs: Msisdn
    nn: Msisdn
    ussd: Msisdn | None
    alert: Alert | None = None


class PhotoView(View, frozen=True, kw_only=True):
    """The photo of the identity card; `kept_at` when there is one."""

    kept_at: datetime | None
    alert: Alert | None = None


class DocumentLink(View, frozen=True, kw_only=True):
    """A document in force, to be read."""

    code: str
    title: str
    version: str
    valid_from: datetime


class DeclarationView(View, frozen=True, kw_only=True):
    """Who signs, and that all of it is true."""

    form_number: str
    form_version: str
    signatory: str
    capacity: str
    documents: tuple[DocumentLink, ...]
    alert: Alert | None = None


class ReviewView(View, frozen=True, kw_only=True):
    """All of it before it is sent."""

    form: Form
    client_ref: str
    alert: Alert | None = None


class StatusView(View, frozen=True, kw_only=True):
    """Where an application is; `why` is why it came back, in words."""

    form: Form
    now: datetime
    sla_h: int
    why: str
    alert: Alert | None = None


class WithdrawView(View, frozen=True, kw_only=True):
    """Before it is taken back."""

    form_number: str
    alert: Alert | None = None
