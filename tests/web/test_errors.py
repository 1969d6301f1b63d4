"""What goes wrong on a page is logged by the page's pattern: the address may hold a ticket, a code or a number."""

from collections.abc import Awaitable, Callable
from unittest.mock import patch

import asyncpg
import pytest
import structlog
from tests.web.phone import Phone


@pytest.mark.parametrize(
    ("error", "event", "status"),
    [
        (RuntimeError("boom"), "request failed", 500),
        (asyncpg.ConnectionDoesNotExistError("gone"), "database away", 503),
    ],
)
async def test_no_address_is_logged(
    phone: Callable[[], Awaitable[Phone]], error: Exception, event: str, status: int
) -> None:
    p = await phone()
    with (
        structlog.testing.capture_logs() as lines,
        patch("konter.web.public.routes.guess_refusal", side_effect=error),
    ):
        await p.get("/t/K7Q2-9M4D?v=8f3kq2")
    assert p.page.status_code == status
    assert [(line["event"], line["path"]) for line in lines] == [(event, "/t/{code}")]
    assert "K7Q2" not in repr(lines)
