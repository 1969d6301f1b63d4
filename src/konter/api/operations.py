"""What an operation may answer besides its success, said beside its route and read by the API's description.

A test compares every refusal that any test of the API sees with what is said here.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from konter.access.clients.refusals import BAD_API_KEY, SCOPE_MISSING
from konter.access.refusals import (
    APP_BLOCKED,
    PASSWORD_CHANGE_REQUIRED,
    PIN_NOT_SET,
    SESSION_EXPIRED,
    TERMS_NOT_ACCEPTED,
)
from konter.platform.refusal import (
    FORBIDDEN,
    INTERNAL_ERROR,
    INVALID_INPUT,
    NOT_FOUND,
    TOO_MANY_REQUESTS,
    UNAVAILABLE,
    Refusal,
)
from konter.rules.modules import Module
from konter.rules.refusals import MODULE_OFF
from konter.sales.network.refusals import WRONG_NETWORK_TOKEN

Kind = Callable[..., Refusal]
Caller = Literal["anybody", "somebody", "beginner", "outlet", "partner", "staff", "client", "network", "customer"]
OPT = "konter"

_ALWAYS: tuple[Kind, ...] = (INVALID_INPUT, UNAVAILABLE, INTERNAL_ERROR)
_LOGGED_IN: tuple[Kind, ...] = (SESSION_EXPIRED, APP_BLOCKED)
_STEPS: tuple[Kind, ...] = (PASSWORD_CHANGE_REQUIRED, TERMS_NOT_ACCEPTED)
_OF_CALLER: dict[Caller, tuple[Kind, ...]] = {
    "anybody": (),
    "somebody": _LOGGED_IN,
    "beginner": (*_LOGGED_IN, *_STEPS, FORBIDDEN),
    "outlet": (*_LOGGED_IN, *_STEPS, PIN_NOT_SET, FORBIDDEN),
    "partner": (*_LOGGED_IN, *_STEPS, FORBIDDEN),
    "staff": (*_LOGGED_IN, PASSWORD_CHANGE_REQUIRED, FORBIDDEN),
    "client": (BAD_API_KEY, SCOPE_MISSING, TOO_MANY_REQUESTS),
    "network": (WRONG_NETWORK_TOKEN, NOT_FOUND),
    "customer": (SESSION_EXPIRED,),
}


class Says(msgspec.Struct, frozen=True):
    """Who may call, and every code that a problem may carry."""

    caller: Caller
    codes: tuple[str, ...]
    module: Module | None = None


def says(caller: Caller, *kinds: Kind, module: Module | None = None) -> dict[str, Any]:
    """For a route's `opt`. Callers: `anybody` without a token; `somebody` logged in; `beginner` logged in, before the
    PIN is set; a ready user of an `outlet` or of a `partner`; `staff`; a machine's `client`, by its key; the `network`,
    by a guard of its own; a `customer`, by the token of a number. `module`: it is there only while the module is on for
    the caller. [D-54]
    """
    kinds = (*kinds, MODULE_OFF) if module else kinds
    codes = sorted({kind.__name__ for kind in (*_ALWAYS, *_OF_CALLER[caller], *kinds)})
    return {OPT: Says(caller, tuple(codes), module)}
