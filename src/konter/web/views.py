"""What pages of several places show, as plain values: routes fill these, templates print them. No rule lives here."""

from datetime import datetime
from typing import Literal

import msgspec

Tone = Literal["ok", "info", "warn", "error"]
SaleStatus = Literal["checking", "done", "refunded"]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all views: immutable, named fields only."""


class Link(View, frozen=True, kw_only=True):
    """A way on: where it leads and what its button says (a key of the text catalogue)."""

    href: str
    text_key: str


class Alert(View, frozen=True, kw_only=True):
    """What happened, in one sentence, and what to do now. `advice` may be empty."""

    tone: Tone
    sentence: str
    advice: str = ""
    links: tuple[Link, ...] = ()


class Sent(View, frozen=True, kw_only=True):
    """An OTP is on its way. `number` is masked, and empty where it would tell a stranger too much."""

    number: str = ""
    expires_at: datetime | None = None


class DocumentView(View, frozen=True, kw_only=True):
    code: str
    version: str
    title: str
    paragraphs: tuple[str, ...]
    valid_from: datetime


class Gain(View, frozen=True, kw_only=True):
    """What the customer gets: `amount` of `asset`, for `days` (0: until used) or until `expires_at`."""

    asset: str
    amount: int
    source: str = ""
    days: int = 0
    expires_at: datetime | None = None


class Choice(View, frozen=True, kw_only=True):
    value: str
    name: str


class SessionLine(View, frozen=True, kw_only=True):
    id: str
    agent: str
    address: str
    created_at: datetime
    mine: bool


class ErrorView(View, frozen=True, kw_only=True):
    status: int
    title_key: str
    sentence: str
    advice: str
    links: tuple[Link, ...]
