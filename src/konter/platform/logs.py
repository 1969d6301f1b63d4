"""Structured logs without secrets: field names that hold one, and dial strings (they hold PINs), are masked."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_FIELDS = frozenset(
    {
        "password",
        "old",
        "new",
        "pin",
        "code",
        "otp",
        "token",
        "authorization",
        "cookie",
        "pepper",
        "secret",
        "dial",
        "hrn",
    }
)
MASK = "***"
# Dial strings like 777, MSISDN, denomination, PIN with stars between: all between the service code and the closing #.
_DIAL_STRING = re.compile(r"\*(\d{2,3})\*[\d*]{4,}#?")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[\w.~+/-]+=*")


def mask_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask, as a step of structlog: secret fields at any depth, dial strings in any text."""
    return {name: _masked(name, value) for name, value in event.items()}


def _masked(name: str, value: Any) -> Any:
    if name.lower() in SECRET_FIELDS and name != "event":
        return MASK
    if isinstance(value, str):
        return _BEARER.sub(rf"\1{MASK}", _DIAL_STRING.sub(rf"*\1*{MASK}#", value))
    if isinstance(value, dict):
        return {str(key): _masked(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked("", inner) for inner in value]
    return value


def set_up_logs(level: str = "info", *, json: bool = True) -> None:
    """Send structured lines to standard error, as JSON for machines or coloured for people."""
    # The plain traceback: the usual one prints local variables, and those hold bodies with passwords and PINs.
    people = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = structlog.processors.JSONRenderer() if json else people
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
