"""What pages for anybody show, as plain values."""

from konter.web.apply.views import DocumentLink
from konter.web.views import View


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
