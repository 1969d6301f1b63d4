"""What pages for anybody show, as plain values."""

from datetime import datetime

from konter.sales.history.timeline import Event
from konter.web.apply.views import DocumentLink
from konter.web.views import Alert, DocumentView, SaleStatus, View


class InstallView(View, frozen=True, kw_only=True):
    """Where the app is and what it needs; `store_url` is empty where there is no listing."""

    address: str
    version: str
    store_url: str
    pwa: bool
    android_min: str
    android_refused: bool
    cache_max_mb: int


class ProductView(View, frozen=True, kw_only=True):
    """What selling brings: names of benefits and of questions in the catalogue of texts."""

    benefits: tuple[str, ...]
    questions: tuple[str, ...]
    documents: tuple[DocumentLink, ...]


class OfficeLine(View, frozen=True, kw_only=True):
    """A service office: when it is open as (days, times) at its own clock, how far away if known."""

    name: str
    address: str
    place: str
    hours: tuple[tuple[str, str], ...]
    zone_name: str
    services: str
    away: str
    open: bool


class ProvinceLine(View, frozen=True, kw_only=True):
    """A province with offices."""

    href: str
    name: str
    count: str


class OfficesView(View, frozen=True, kw_only=True):
    """Offices found, nearest or of a place; `root` is the page that asks, `listed`: something was asked for."""

    root: str
    q: str
    title: str
    offices: tuple[OfficeLine, ...]
    provinces: tuple[ProvinceLine, ...]
    region: str = ""
    listed: bool = False
    next_from: str = ""
    alert: Alert | None = None


class VersionLink(View, frozen=True, kw_only=True):
    """A version in the history of a document; `state`: in_force, coming or past; `here`: the one that is shown."""

    version: str
    valid_from: datetime
    state: str
    here: bool


class ChangeLine(View, frozen=True, kw_only=True):
    """A paragraph that came or went."""

    gone: bool
    paragraph: str


class DocumentPageView(View, frozen=True, kw_only=True):
    """A version of a document, what changed since `before`, and all versions newest first."""

    document: DocumentView
    state: str
    before: str
    changes: tuple[ChangeLine, ...]
    versions: tuple[VersionLink, ...]


class PublicSaleView(View, frozen=True, kw_only=True):
    """What anyone with the verify code sees: masked number, product, status, times; no balance, no margin."""

    code: str
    status: SaleStatus
    product_name: str
    number_masked: str
    outlet: str
    at: datetime
    now: datetime
    deadline: datetime | None
    reversed: bool
    steps: tuple[Event, ...]
    zone: str
    reload_s: int = 0
    adjusted: bool = False


class DocumentsView(View, frozen=True, kw_only=True):
    documents: tuple[DocumentView, ...]
