"""Texts to phones: which templates there are, what each needs, and how a row becomes words. Pure. [D-06, D-21, D-23]"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from konter.messaging.gsm7 import SINGLE_SEPTETS, clip, septets, to_gsm7
from konter.messaging.masking import masked
from konter.platform.i18n import catalogue, text
from konter.platform.ids import Msisdn, cell_of_msisdn
from konter.platform.money import thousands
from konter.platform.outbox import OutboxRow
from konter.platform.secrets import Keys
from konter.rules.keys import SmsSender
from konter.subscriber.msisdn import national

TOPIC_SMS = "sms"
PRODUCT_SEPTETS_MAX = 40
NAME_SEPTETS_MAX = 24
AGENT_SEPTETS_MAX = 24
REASON_SEPTETS_MAX = 60
QUOTAS_SEPTETS_MAX = 56
ROOMS = (
    ("product", PRODUCT_SEPTETS_MAX),
    ("outlet", NAME_SEPTETS_MAX),
    ("agent", AGENT_SEPTETS_MAX),
    ("reason", REASON_SEPTETS_MAX),
)

Sender = Literal["otp", "credentials", "sale", "dialled"]  # dialled: the short number that was written to
OtpPurpose = Literal["login", "password_reset", "pin_reset", "apply", "customer"]


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of text. `fields` is exactly what `data` must hold, of these types:

    code, voucher, product, username, password, outlet, agent, form, reason, zone: text; number: text, masked;
    msisdn: digits; *_rp, ttl_s, ttl_h, days, points, points_left: integers; purpose: OtpPurpose;
    words: a whole text, cut to one part; short_number: the sender of it;
    at, until: aware moments, `until` the first one no longer valid;
    buckets: [{"asset": "BYTES", "amount": 3221225472, "source": "data-local"}, …]; an older release wrote no source.
    """

    sender: Sender
    fields: frozenset[str]
    secret: bool = False


def _template(sender: Sender, fields: str, *, secret: bool = False) -> Template:
    return Template(sender=sender, fields=frozenset(fields.split()), secret=secret)


TEMPLATES: Mapping[str, Template] = {
    "otp": _template("otp", "code ttl_s purpose", secret=True),
    "credentials": _template("credentials", "outlet username password ttl_h", secret=True),
    "sale_seller": _template("sale", "code product msisdn balance_rp at zone"),
    "sale_customer_recharge": _template("sale", "code nominal_rp balance_rp until"),
    "sale_customer_package": _template("sale", "code product buckets until"),
    "sale_refunded": _template("sale", "code product msisdn refund_rp balance_rp at zone"),
    "reversal_seller": _template("sale", "code product msisdn refund_rp balance_rp at zone"),
    "reversal_customer": _template("sale", "code product balance_rp until"),
    "adjustment_charged": _template("sale", "code product msisdn cost_rp balance_rp at zone"),
    "adjustment_written_off": _template("sale", "code product msisdn balance_rp at zone"),
    "password_changed": _template("otp", "username at zone"),
    "pin_changed": _template("otp", "username at zone"),
    "password_locked": _template("otp", "username until zone"),
    "pin_locked": _template("otp", "username at zone"),
    "phone_lost": _template("otp", "msisdn at zone"),
    "nn_changed": _template("otp", "username number"),
    "new_login": _template("otp", "username agent at zone"),
    "application_received": _template("credentials", "form until"),
    "application_returned": _template("credentials", "form"),
    "application_rejected": _template("credentials", "form reason"),
    "inactivity_notice": _template("credentials", "outlet days until zone"),
    "inactivity_ended": _template("credentials", "outlet days"),
    "reply": _template("dialled", "short_number words"),
    "reward_given": _template("sale", "product buckets until points_left code"),
    "reward_code": _template("sale", "product voucher points_left", secret=True),
    "reward_code_until": _template("sale", "product voucher until points_left", secret=True),
    "reward_done": _template("sale", "product points code"),
    "reward_refunded": _template("sale", "product points code"),
}


class LapsedError(Exception):
    """The code or password in a text is good no longer; whoever waited for it has long asked for another."""


class Sms(msgspec.Struct, frozen=True, kw_only=True):
    """A text ready to be sent. `outbox_id` lets a provider see a repetition."""

    outbox_id: int
    sender: str
    to: Msisdn
    text: str
    at: datetime

    def __repr__(self) -> str:
        """Fit for logs and tracebacks: the text may hold an OTP or a password."""
        return f"Sms(outbox_id={self.outbox_id}, sender={self.sender!r}, text={masked(self.text)!r})"


def sms(
    template: str, *, to: Msisdn, locale: str, at: datetime, data: Mapping[str, Any], keys: Keys | None = None
) -> OutboxRow:
    """The outbox row of a text. `keys` seals the data of templates that carry a secret and must be given for those.

    Words are made by the worker: nothing is formatted, and no secret written down, in the transaction of the fact.
    """
    kind = TEMPLATES[template]
    if set(data) != kind.fields:
        raise ValueError(f"sms {template} needs {sorted(kind.fields)}, not {sorted(data)}")
    body: dict[str, Any] = {"template": template, "to": to, "locale": locale}
    if kind.secret:
        if keys is None:
            raise ValueError(f"sms {template} carries a secret and needs keys")
        body["sealed"] = keys.seal(msgspec.json.encode(data).decode())
    else:
        body["data"] = dict(data)
    return OutboxRow(cell_of_msisdn(to), TOPIC_SMS, body, at)


def render(
    outbox_id: int,
    body: Mapping[str, Any],
    *,
    written_at: datetime,
    now: datetime,
    unseal: Callable[[str], str],
    senders: SmsSender,
) -> Sms:
    """The text of a row in the reader's language, one part of GSM-7.

    Raises ValueError when its secret cannot be read, and LapsedError when it held only until now. [D-07, D-23]
    """
    template = str(body["template"])
    kind = TEMPLATES[template]
    data = msgspec.json.decode(unseal(body["sealed"])) if kind.secret else body["data"]
    if _lapsed(data, now - written_at):
        raise LapsedError(template)
    locale = str(body["locale"])
    words = text(_key(template, data), locale, **_shown(data, locale))
    words = clip(to_gsm7(words), SINGLE_SEPTETS)
    sender = str(data["short_number"]) if kind.sender == "dialled" else getattr(senders, kind.sender)
    return Sms(outbox_id=outbox_id, sender=sender, to=Msisdn(body["to"]), text=words, at=now)


def _lapsed(data: Mapping[str, Any], age: timedelta) -> bool:
    """Whether what a text says is good no longer. What happened stays true, and has no end of its own."""
    if "ttl_s" in data:
        return age >= timedelta(seconds=data["ttl_s"])
    return "ttl_h" in data and age >= timedelta(hours=data["ttl_h"])


def _key(template: str, data: Mapping[str, Any]) -> str:
    if template == "otp":
        assert data["purpose"] in get_args(OtpPurpose)
        return f"sms.otp.{data['purpose']}"
    return f"sms.{template}"


def _shown(data: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Values as they stand in a text: names shortened, moments in the reader's zone, quotas in words."""
    zone = ZoneInfo(data.get("zone", "Asia/Jakarta"))
    shown: dict[str, Any] = dict(data)
    for name, room in ROOMS:
        if name in data:
            shown[name] = clip(to_gsm7(data[name]), room)
    if "msisdn" in data:
        shown["msisdn"] = national(data["msisdn"])
    if "at" in data:
        shown["at"] = f"{_moment(data['at']).astimezone(zone):%d/%m/%y %H:%M}"
    if "until" in data:
        until = _moment(data["until"]).astimezone(zone)
        shown["until"] = f"{until - timedelta(microseconds=1):%d/%m/%Y}"
        shown["until_time"] = f"{until:%d/%m/%y %H:%M}"
    if "ttl_s" in data:
        shown["ttl_min"] = max(1, data["ttl_s"] // 60)
    if "buckets" in data:
        shown["quotas"] = quotas(data["buckets"], locale)
    return shown


def _moment(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


_BYTES = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB"))


def quotas(buckets: list[dict[str, Any]], locale: str) -> str:
    """`3 GB, 2 GB malam, 60 menit`: what the buckets hold, in whole or one-digit units, and of what unless it is plain.

    What finds no room is counted: `3 GB, 2 GB malam, +2 lagi`.
    """
    each = [
        f"{quota(bucket['asset'], bucket['amount'], locale)} {_kind(bucket.get('source', ''), locale)}".rstrip()
        for bucket in buckets
    ]
    for left_out in range(len(each)):
        shown = each[: len(each) - left_out]
        words = ", ".join([*shown, text("quota.more", locale, n=left_out)] if left_out else shown)
        if (septets(words) or 0) <= QUOTAS_SEPTETS_MAX:
            return words
    return clip(", ".join(each), QUOTAS_SEPTETS_MAX)


def _kind(source: str, locale: str) -> str:
    """A source in a word or two; nothing for plain data, calls and texts, or a source without a text."""
    key = f"quota.of.{source}"
    return text(key, locale) if key in catalogue() else ""


def quota(asset: str, amount: int, locale: str) -> str:
    """One amount of an asset in words: bytes in the largest fitting unit, seconds as minutes."""
    if asset == "BYTES":
        size, unit = next(((size, unit) for size, unit in _BYTES if amount >= size), (1, "B"))
        whole, tenths = divmod(amount * 10 // size, 10)
        mark = "," if locale == "id" else "."
        return f"{thousands(whole)}{mark}{tenths} {unit}" if tenths else f"{thousands(whole)} {unit}"
    key = f"quota.{asset}"
    return text(key, locale, n=amount // 60 if asset == "SECONDS" else amount)
