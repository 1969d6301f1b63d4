"""What nobody foresaw: logged once, with a reference that the caller is told too."""

import secrets

import structlog

from konter.platform.refusal import INTERNAL_ERROR, Refusal

REFERENCE_BYTES = 5
_HUNG_UP = "client disconnected prematurely"  # the framework has an error of the server for it, told by words alone
log = structlog.get_logger()


def recorded(error: Exception, **where: str) -> Refusal:
    """Log an error with its traceback and place; the refusal names the reference in the log, and no more."""
    reference = secrets.token_hex(REFERENCE_BYTES)
    log.error("request failed", reference=reference, exc_info=error, **where)
    return INTERNAL_ERROR(reference=reference)


def hung_up(error: Exception, **where: str) -> bool:
    """Whether the caller was gone before the whole body had come, as phones in tunnels are; noted, no failure."""
    if getattr(error, "detail", "") != _HUNG_UP:
        return False
    log.info("caller hung up", **where)
    return True
