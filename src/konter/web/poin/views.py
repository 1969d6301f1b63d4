"""What pages of points and rewards show, as plain values."""

from datetime import date, datetime

from konter.loyalty.rewards.catalogue.model import Kind, Left
from konter.loyalty.rewards.redemption.model import Status
from konter.web.views import Alert, Gain, View


class VintageLine(View, frozen=True, kw_only=True):
    """Points of a year; of a redemption so many that it took."""

    year: int
    points: int
    last_day: date


class PointsPanelView(View, frozen=True, kw_only=True):
    """Points, tier and vintages. `soon` is the vintage that ends before long. Where `minimum_rp` is not 0, the running
    month shows how far it is from earning, up to `month_last_day`.
    """

    points: int
    tier: str
    tier_last_day: date | None
    vintages: tuple[VintageLine, ...]
    soon: VintageLine | None
    month_rp: int
    minimum_rp: int
    month_last_day: date


class RewardCard(View, frozen=True, kw_only=True):
    """A reward in the catalogue. For a customer `cannot` says in few words why not; empty where it can be had. `terms`
    are empty where those above its kind hold.
    """

    code: str
    name: str
    kind: Kind
    points: int
    left: Left
    gives: str
    who: str
    terms: str
    cannot: str


class Shelf(View, frozen=True, kw_only=True):
    """Rewards of one kind, with the terms that most of them share, if several do; `for_all` where all do."""

    kind: Kind
    terms: str
    for_all: bool
    rewards: tuple[RewardCard, ...]


class TierLine(View, frozen=True, kw_only=True):
    """A tier and what it takes, in a sentence."""

    name: str
    takes: str


class CatalogueView(View, frozen=True, kw_only=True):
    """Rewards, how points are earned, and tiers. `panel` is a customer's own; `can` counts what can be had."""

    shelves: tuple[Shelf, ...]
    count: int
    can: int
    earning: tuple[str, ...]
    tiers: tuple[TierLine, ...]
    tiers_how: str
    panel: PointsPanelView | None = None
    next_from: int = 0


class RewardView(View, frozen=True, kw_only=True):
    """One reward with its terms; `points_now` is a customer's balance, `can` whether the button is there."""

    code: str
    name: str
    kind: Kind
    points: int
    left: Left
    gains: tuple[Gain, ...]
    gives: str
    who: str
    limit: str
    last_day: date | None
    terms: str
    customer: bool = False
    points_now: int = 0
    can: bool = False
    alert: Alert | None = None


class ConfirmView(View, frozen=True, kw_only=True):
    """The last look: price, balance before and after, and which vintages pay. `shown` goes along, unseen."""

    client_ref: str
    code: str
    name: str
    kind: Kind
    points: int
    shown: dict[str, str]
    points_before: int
    gains: tuple[Gain, ...]
    gives: str
    terms: str
    paid_by: tuple[VintageLine, ...]
    alert: Alert | None = None


class RetryView(View, frozen=True, kw_only=True):
    """Nothing is known of what was sent: the same once more, which redeems once."""

    client_ref: str
    code: str
    shown: dict[str, str]
    sentence: str


class RedemptionLine(View, frozen=True, kw_only=True):
    """A redemption in a list; `voucher` is its code, `until` how long it is good, `burnt_at` when it was used."""

    trx: str
    name: str
    points: int
    status: Status
    at: datetime
    now: datetime
    deadline: datetime | None
    voucher: str = ""
    until: datetime | None = None
    burnt_at: datetime | None = None


class RedemptionView(View, frozen=True, kw_only=True):
    """What became of a redemption. `days` is how long an activation lasts; `reload_s` is 0 for what has ended."""

    line: RedemptionLine
    code: str
    points_before: int
    points_after: int
    paid_by: tuple[VintageLine, ...]
    gains: tuple[Gain, ...]
    active_until: datetime | None
    days: int
    terms: str
    rule: str
    reload_s: int


class MoveLine(View, frozen=True, kw_only=True):
    """What moved the points: in a sentence, with where it leads, and the last day of what came."""

    at: datetime
    points: int
    title: str
    why: str
    last_day: date | None = None
    href: str = ""


class TierChangeLine(View, frozen=True, kw_only=True):
    """A tier that began on a day, and why."""

    name: str
    since: date
    last_day: date | None
    why: str


class HistoryView(View, frozen=True, kw_only=True):
    """Points, what moved them newest first, the newest redemptions, and the tiers. `before` begins the next page.
    `grants_key` says after what points come within `grant_h`; `rules` are those that all of this was counted by.
    """

    panel: PointsPanelView
    grant_h: int
    grants_key: str
    rules: tuple[str, ...]
    moves: tuple[MoveLine, ...]
    redemptions: tuple[RedemptionLine, ...]
    tiers: tuple[TierChangeLine, ...]
    before: str
    first: bool


class RedemptionsView(View, frozen=True, kw_only=True):
    """All redemptions, newest first; `before` begins the next page."""

    redemptions: tuple[RedemptionLine, ...]
    before: str


class CodeCard(View, frozen=True, kw_only=True):
    """A customer's code before its merchant; `client_ref` where it can be burnt."""

    code: str
    name: str
    terms: str
    until: datetime | None
    client_ref: str = ""
    burnt_at: datetime | None = None


class MerchantView(View, frozen=True, kw_only=True):
    """A field for a code, and what became of the last one: to be burnt, or burnt (`done`)."""

    merchant: str
    typed: str = ""
    card: CodeCard | None = None
    done: bool = False
    now: datetime
    alert: Alert | None = None


class MerchantPanelView(View, frozen=True, kw_only=True):
    """The own number speaks for a merchant."""

    name: str
