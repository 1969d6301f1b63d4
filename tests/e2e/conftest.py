"""One served operator and one Chromium for all of a worker's tests in this folder."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect
from tests.conftest import prove_books
from tests.e2e.served import Operator, operating, settings_in
from tests.e2e.visitor import Visitor

from konter.platform.embedded import EmbeddedServer

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--lang=id-ID",
]
PATIENCE_MS = 10_000
Browse = Callable[..., Awaitable[Visitor]]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; without it CI fails, and everybody else is told."""
    found = shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(found).exists():
        sentence = "Chromium is not installed, so nothing was tried in a browser. Debian: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium, args=FLAGS, env={**os.environ, "LANGUAGE": "id"}
        )
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def operator(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Operator]:
    """Served on a database of its own; the books are proven when the last test is through."""
    name = f"e2e_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    connection = await asyncpg.connect(server.url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    try:
        async with operating(settings_in(tmp_path_factory.mktemp("served"), server.url_of(name))) as served:
            yield served
            await prove_books(served.app.pool)
    finally:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browse(browser: Browser, operator: Operator) -> AsyncIterator[Browse]:
    """Opens a phone's browser, each with cookies of its own. A fault on the console fails the test."""
    opened: list[Visitor] = []

    async def open_one(
        *, script: bool = True, width: int = 360, height: int = 640, locale: str = "id-ID", address: str = ""
    ) -> Visitor:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            java_script_enabled=script,
            service_workers="block",
            extra_http_headers={"X-Forwarded-For": f"203.0.113.{len(opened) + 1}"},
        )
        context.set_default_timeout(PATIENCE_MS)
        opened.append(Visitor(await context.new_page(), address or operator.address, script=script))
        return opened[-1]

    yield open_one
    for visitor in opened:
        await visitor.close()
    assert [fault for visitor in opened for fault in visitor.faults] == [], "the policy or a script failed"
