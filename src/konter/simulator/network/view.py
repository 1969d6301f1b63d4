"""The page of the simulated network."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jinja2
import msgspec

from konter.platform.clock import WIB
from konter.platform.i18n import text
from konter.platform.money import rupiah, thousands
from konter.simulator.network.model import FAULT_NAMES, Faults, Overview
from konter.subscriber.msisdn import pretty

TALLIES = ("ordered", "done", "refused", "voided", "taken_back", "accepted", "unanswered", "starts")
EXTRAS = {"delay": ("delay_ms", "ms", 60_000), "late": ("late_s", "s", 86_400)}  # field, unit, largest
MIXED_PERCENT = 10
AGAIN_AFTER_S = 2
NOTHING = "-"  # of a tombstone, which has no order


def page(
    overview: Overview | None, *, configured: bool, locale: str, alert: str = "", typed: Mapping[str, Any] | None = None
) -> str:
    """The page as HTML. Without an overview the network is away, and the page comes again by itself."""
    values = {**msgspec.structs.asdict(overview.faults if overview else Faults()), **(typed or {})}
    return _TEMPLATES.get_template("network.html").render(
        overview=overview,
        configured=configured,
        values=values,
        alert=alert,
        locale=locale,
        t=partial(_text, locale),
        TALLIES=TALLIES,
        FAULTS=FAULT_NAMES,
        EXTRAS=EXTRAS,
        AGAIN_AFTER_S=AGAIN_AFTER_S,
    )


def read_faults(form: Mapping[str, str]) -> Faults | None:
    """The faults of a form; `preset` goes before its fields. None when a field is out of bounds."""
    kept = {name: form[name] for name in Faults.__struct_fields__ if name in form}
    match form.get("preset"):
        case "none":
            kept.update(dict.fromkeys(FAULT_NAMES, "0"))
        case "mixed":
            kept.update(dict.fromkeys(FAULT_NAMES, str(MIXED_PERCENT)))
    try:
        return msgspec.convert(kept, Faults, strict=False)
    except msgspec.ValidationError:
        return None


def _text(locale: str, key: str, **data: Any) -> str:
    return text(f"simulator.{key}", locale, **data)


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("konter.simulator", "pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["rp"] = rupiah
_TEMPLATES.filters["n"] = thousands
_TEMPLATES.filters["number"] = lambda msisdn: pretty(int(msisdn)) if msisdn else NOTHING
_TEMPLATES.filters["wib"] = lambda at: f"{at.astimezone(WIB):%d/%m %H:%M:%S}" if at else NOTHING
