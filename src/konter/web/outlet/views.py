"""What the pages show on which an outlet sells and sees what it sold, as plain values."""

from datetime import date, datetime
from typing import Literal

from konter.platform.ids import Msisdn
from konter.sales.history.timeline import Event
from konter.web.views import Alert, Choice, Gain, SaleStatus, View


class SaleLine(View, frozen=True, kw_only=True):
    """One sale in a list at the moment `now`; a reversed sale stays done and says so."""

    href: str
    at: datetime
    product: str
    msisdn: Msisdn
    cost_rp: int
    status: SaleStatus
    now: datetime
    deadline: datetime | None = None
    is_held: bool = False
    reversed: bool = False
    balance_before_rp: int = 0
    balance_after_rp: int = 0
    refund_before_rp: int = 0
    refund_after_rp: int = 0
    code: str = ""
    user: str = ""


class QuickProduct(View, frozen=True, kw_only=True):
    code: str
    nominal_rp: int


class CategoryLink(View, frozen=True, kw_only=True):
    code: str
    name: str


class HomeView(View, frozen=True, kw_only=True):
    outlet: str
    user: str
    balance_rp: int
    held_rp: int
    msisdn_text: str
    quick: tuple[QuickProduct, ...]
    categories: tuple[CategoryLink, ...]
    lately: tuple[SaleLine, ...]
    zone: str
    alert: Alert | None = None
    warning: Alert | None = None


class ProductLine(View, frozen=True, kw_only=True):
    code: str
    name: str
    price_rp: int | None
    cost_rp: int | None
    amount_min_rp: int | None = None
    amount_max_rp: int | None = None
    amount_step_rp: int | None = None
    health: Literal["open", "slow", "closed", "off"] = "open"  # off: staff closed it, and it cannot be sold


class ProductsView(View, frozen=True, kw_only=True):
    """Products of one category with the customer's number kept; `wrong` is the one whose amount was refused."""

    msisdn_text: str
    number: str
    category: str
    category_name: str
    categories: tuple[CategoryLink, ...]
    products: tuple[ProductLine, ...]
    wrong: str = ""
    wrong_amount: str = ""
    wrong_sentence: str = ""
    alert: Alert | None = None


class ConfirmView(View, frozen=True, kw_only=True):
    """The last look before a sale. `client_ref` makes a repeat harmless; `price_rp` binds the price that was shown."""

    client_ref: str
    product: str
    product_name: str
    amount_rp: int | None
    msisdn: Msisdn
    msisdn_text: str
    category: str
    prepaid: bool
    state: str
    price_rp: int
    cost_rp: int
    margin_rp: int
    balance_rp: int
    gains: tuple[Gain, ...]
    active_before: datetime
    active_after: datetime
    zone: str
    second: bool = False
    alert: Alert | None = None
    button_key: str = "confirm.sell"
    trouble: Alert | None = None
    meant: Msisdn | None = None

    @property
    def enough(self) -> bool:
        """Whether the balance pays the cost; the sale itself decides."""
        return self.balance_rp >= self.cost_rp


class RetryView(View, frozen=True, kw_only=True):
    """The database went away during a sale: the same client_ref finds the truth."""

    sentence: str
    client_ref: str
    product: str
    product_name: str
    amount_rp: int | None
    price_rp: int | None
    number: str
    second: bool


class SaleView(View, frozen=True, kw_only=True):
    """The "where is my money" page of one sale at the moment `now`. `again_href`: the same sale, ready to confirm.

    `reason` is the code of why it was refunded; `reload_s` 0: nothing more will come. `adjusted_at`: refunded, but it
    turned out to be delivered, and `charged_rp` was taken for it.
    """

    code: str
    status: SaleStatus
    product_name: str
    category: str
    msisdn: Msisdn
    user: str
    outlet: str
    outlet_code: str
    at: datetime
    price_rp: int
    cost_rp: int
    margin_rp: int
    tax_rp: int
    balance_before_rp: int
    balance_after_rp: int
    gains: tuple[Gain, ...]
    steps: tuple[Event, ...]
    now: datetime
    active_until: datetime | None
    deadline: datetime | None
    again_href: str
    share_url: str
    verify_code: str
    rule: str
    zone: str
    reversed_at: datetime | None = None
    refund_rp: int = 0
    reload_s: int = 0
    held_until: datetime | None = None
    reason: str | None = None
    refund_before_rp: int = 0
    refund_after_rp: int = 0
    adjusted_at: datetime | None = None
    charged_rp: int = 0


class ComplaintView(View, frozen=True, kw_only=True):
    """A complaint that is ready to be sent. `text` is all of it."""

    code: str
    status: SaleStatus
    text: str
    service_number: str
    whatsapp_href: str
    now: datetime
    deadline: datetime | None
    zone: str


class Total(View, frozen=True, kw_only=True):
    name: str
    count: int
    cost_rp: int
    price_rp: int


class HistoryView(View, frozen=True, kw_only=True):
    """The list of sales and its totals; `week_href` leads on where today has none yet."""

    period: Literal["today", "week", "range", "always"]
    day_from: date
    day_to: date
    category: str
    user: str
    q: str
    categories: tuple[Choice, ...]
    users: tuple[Choice, ...]
    lines: tuple[SaleLine, ...]
    count: int
    cost_rp: int
    price_rp: int
    by_day: tuple[Total, ...]
    by_product: tuple[Total, ...]
    by_user: tuple[Total, ...]
    next_href: str
    zone: str
    week_href: str = ""
    alert: Alert | None = None


class DayLine(View, frozen=True, kw_only=True):
    text_key: str
    count: int
    amount_rp: int
    href: str


class MoveLine(View, frozen=True, kw_only=True):
    """One move of the wallet, of a sale with number and code; `href` is empty where there is nothing more to see."""

    at: datetime
    amount_rp: int
    balance_after_rp: int
    text: str
    href: str
    msisdn: Msisdn | None = None
    code: str = ""


class MovesView(View, frozen=True, kw_only=True):
    """The single moves behind one line of the day's close."""

    day: date
    text_key: str
    lines: tuple[MoveLine, ...]
    next_href: str
    zone: str


class DayView(View, frozen=True, kw_only=True):
    day: date
    today: date
    opening_rp: int
    lines: tuple[DayLine, ...]
    closing_rp: int
    open: bool
    zone: str
