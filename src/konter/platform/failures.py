"""What nobody foresaw: logged once, with a reference that the caller is told too."""

import secrets

import structlog

from konter.platform.refusal import INTERNAL_ERROR, Refusal

REFERENCE_BYTES = 5
log = structlog.get_logger()


def recorded(error: Exception, **where: str) -> Refusal:
    """Log an error with its traceback and place; the refusal names the reference in the log, and no more."""
    reference = secrets.token_hex(REFERENCE_BYTES)
    log.error("request failed", reference=reference, exc_info=error, **where)
    return INTERNAL_ERROR(reference=reference)
