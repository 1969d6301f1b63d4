"""Pictures of every page of office, console, apply, outlet and points, on a desk and on a phone: of `make screens`;
alone: `python -m tools.screens_pages`. The list comes from the application's own routes; links lead to them.
"""

import asyncio
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from litestar.routes import HTTPRoute
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, async_playwright
from tools.screens import FLAGS, SCREENS, Camera, first_log_in, open_shop, sell
from tools.screens_apply import otp_of_number, take_applying
from tools.screens_poin import take_poin
from tools.screens_things import furnish_queues

from konter.access.staff.add import NewStaff, add_staff
from konter.access.staff.roles import PERMISSIONS
from konter.app import App, open_app
from konter.asgi import create_app
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings, load_settings, to_environment, with_local_secrets
from konter.platform.embedded import start_embedded
from konter.platform.ids import SaleId
from konter.sales.codes import sale_code
from konter.server import wait_until_ready
from konter.simulator.demo import STAFF_PASSWORD, Ready, prepare
from konter.simulator.operator.model import Size
from konter.simulator.operator.phases import Unwatched
from konter.subscriber.msisdn import national

SIZES = {"desk": ViewportSize(width=1366, height=768), "phone": ViewportSize(width=360, height=640)}
DOORS = {"office": "/office", "partner": "/partner", "outlet": "/outlet"}
QUALITY = 38
PICTURES_MAX_BYTES = 3_500_000
SMALL = Size(outlets=40, subscribers=2000, sales=2000)
STOP_WITHIN_S = 30
EVERYTHING = "kantor1"
# Files, errors and steps of logging in, of which `make screens` takes those that differ by themselves.
NOT_PAGES = re.compile(
    r"/foto$|/contoh(-kode)?$|\.(png|js|webmanifest)$|/\{(_rest|login_id)\}$|/masuk$|/ketentuan$|/pin$"
)


@asynccontextmanager
async def operating(folder: Path) -> AsyncIterator[tuple[App, Ready]]:
    """A demo that is served from this process's own database, so that its queues can be filled."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = with_local_secrets(load_settings(folder / "none.env", data=folder, mode="demo", port=port, pool_size=4))
    with start_embedded(folder / "pg") as server:
        ready = await prepare(settings, server.url, seed=1, size=SMALL, watcher=Unwatched())
        settings = msgspec.structs.replace(settings, database_url=server.url)
        running = [_start(command, settings) for command in ("serve", "worker")]
        try:
            await asyncio.to_thread(wait_until_ready, settings.address)
            await open_shop(ready)
            async with open_app(settings, server.url) as app:
                app.clock.offset = await app.read_clock_offset()
                yield app, ready
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(STOP_WITHIN_S)


def _start(command: str, settings: Settings) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **to_environment(settings)}
    with (settings.data / f"{command}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "konter", command], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


class Album:
    """Pictures that were taken, by name; `pages` are those of the routes that lead somewhere."""

    def __init__(self) -> None:
        self.taken: dict[str, str] = {}  # what of, by the picture's name without its size

    async def take(self, page: Page, name: str, of: str) -> None:
        """A page in both sizes."""
        for size, viewport in SIZES.items():
            await page.set_viewport_size(viewport)
            raw = await page.screenshot(animations="disabled", caret="hide")
            with Image.open(io.BytesIO(raw)) as image:
                image.save(SCREENS / "pages" / f"{name}-{size}.webp", "WEBP", quality=QUALITY, method=6)
        self.taken[name] = of
        print(name)

    async def walk(
        self, page: Page, base_url: str, root: str, also: tuple[str, ...] = (), *, whole: bool = True
    ) -> None:
        """Every page of a door, by links from its first one; of each route the first that is met. Where it is the whole
        of the door, none may be left.
        """
        known = routes(root)
        waiting, asked, met = [root, *also, *known], set[str](), set[str]()
        while waiting:
            path = waiting.pop(0)
            route = next((name for name, shape in known.items() if shape.fullmatch(urlsplit(path).path)), None)
            if path in asked or route is None or "{" in path or route in met:
                continue
            asked.add(path)
            answer = await page.goto(base_url + path)
            if answer is None or not answer.ok or urlsplit(page.url).path != urlsplit(path).path:
                continue
            met.add(route)  # somebody else may be led further by a page that was taken before
            if name_of(route) not in self.taken:
                await self.take(page, name_of(route), route)
            hrefs = await page.locator("a[href]:not([download])").evaluate_all("all => all.map(e => e.href)")
            waiting += [href.removeprefix(base_url) for href in hrefs if href.startswith(f"{base_url}{root}")]
        missing = [route for route in known if name_of(route) not in self.taken]
        assert not (whole and missing), f"no link leads to {missing}"

    def list_them(self) -> None:
        """The README of the pictures."""
        size = sum(file.stat().st_size for file in (SCREENS / "pages").iterdir())
        assert size <= PICTURES_MAX_BYTES, f"{size:,} bytes of pictures"
        lines = [
            f"| `{of}` | [desk](pages/{name}-desk.webp) | [phone](pages/{name}-phone.webp) |"
            for name, of in sorted(self.taken.items())
        ]
        text = (
            "# Pictures\n\n`make screens` takes all of them from a served demo. The README shows those that lie here;\n"
            "below are all pages, by the application's routes, on a desk (1366x768) and on a phone (360x640).\n\n"
            "| page | desk | phone |\n|---|---|---|\n"
        )
        (SCREENS / "README.md").write_text(text + "\n".join(lines) + "\n", encoding="utf-8")


class Applying(Camera):
    """The camera of an application's steps, which puts them into the album."""

    album: Album

    async def shoot(self, name: str, page: Page | None = None, *, below: str = "") -> None:
        """Both sizes."""
        assert not below
        page = page or self.phone
        await self.album.take(page, name, urlsplit(page.url).path if name != "apply-code" else "/apply/kode/{proof_id}")


class Unseen(Camera):
    """A camera whose pictures nobody keeps."""

    async def shoot(self, name: str, page: Page | None = None, *, below: str = "") -> None:
        """Not taken."""


def routes(root: str) -> dict[str, re.Pattern[str]]:
    """The pages of a door, those without parameters first."""
    settings = with_local_secrets(load_settings(Path("/nowhere"), mode="test", database_url=""))
    paths = {
        route.path_format
        for route in create_app(settings, "").routes
        if isinstance(route, HTTPRoute) and "GET" in route.methods
    }
    inside = [each for each in paths if each == root or each.startswith(f"{root}/")]
    known = [each for each in sorted(inside, key=lambda each: (each.count("{"), each)) if not NOT_PAGES.search(each)]
    return {each: re.compile(re.sub(r"\{\w+\}", "[^/]+", each)) for each in known}


def name_of(route: str) -> str:
    """A file's name: `/office/outlet/{outlet}` is office-outlet-one."""
    return re.sub(r"\{\w+\}", "one", route.strip("/")).replace("/", "-")


async def take_pages(album: Album, browser: Browser, app: App, ready: Ready) -> None:
    """All doors, one after the other."""
    await furnish_queues(app, ready)
    await _desks(album, browser, app, ready)
    # The demo's newcomer sells; whoever owns the outlet has all of its pages.
    await app.pool.execute("UPDATE outlet_user SET role = 'OUTLET_OWNER' WHERE username = $1", ready.outlet.username)
    page = await _page(browser)
    camera = Unseen(ready, page, await _page(browser))
    await first_log_in(camera)
    await sell(
        camera, "PULSA10", national(int(ready.customer.msisdn))
    )  # which also makes the number active, to apply with
    code = urlsplit(page.url).path.rpartition("/")[2]
    number = national(int(ready.customer.msisdn))
    also = (f"/outlet/transaksi/{code}", f"/outlet/transaksi/{code}/struk", f"/outlet/transaksi/{code}/keluhan")
    sale = f"/outlet/jual?produk=PULSA20&nomor={number}"
    await album.walk(page, ready.base_url, "/outlet", (*also, sale, f"/outlet/produk?nomor={number}&kategori=recharge"))
    applying = Applying(ready, await _page(browser), page)
    applying.album = album
    await take_applying(applying)
    await take_poin(album, await _page(browser), app, ready)


async def _page(browser: Browser) -> Page:
    context = await browser.new_context(viewport=SIZES["desk"], locale="id-ID", service_workers="block")
    return await context.new_page()


async def _desks(album: Album, browser: Browser, app: App, ready: Ready) -> None:
    roles = tuple(sorted({role for roles in PERMISSIONS.values() for role in roles}))
    hashed = await app.passwords.hash(STAFF_PASSWORD)
    staff = NewStaff(username=EVERYTHING, name="Ratna Kantor", roles=roles, password_hash=hashed, totp_required=False)
    async with app.connection() as connection:
        await add_staff(connection, [staff], actor=SYSTEM, now=app.clock.now(), ids=app.ids)
    page = await _page(browser)
    await _enter(page, ready, "/office", EVERYTHING, STAFF_PASSWORD)
    sale = await app.pool.fetchrow("SELECT id, msisdn FROM sale ORDER BY at DESC LIMIT 1")
    assert sale is not None
    also = (f"/office/nomor/{sale['msisdn']}", "/office/cari?q=maju", "/office/hadiah/KOPI/kode", *await _sales(app))
    await album.walk(page, ready.base_url, "/office", also)
    assert ready.partner is not None
    assert ready.field_sales is not None
    theirs = await app.pool.fetchval(
        "SELECT o.rs_msisdn FROM outlet o JOIN partner_user u ON u.partner_id = o.partner_id"
        " WHERE u.username = $1 AND o.status = 'active' LIMIT 1",
        ready.partner.username,
    )
    also = ("/partner/cari?q=maju", f"/partner/nomor/{theirs}")
    for who in (ready.partner, ready.field_sales):
        page = await _page(browser)
        await _enter(page, ready, "/partner", who.username, STAFF_PASSWORD)
        await page.get_by_label("Kode enam angka").fill(await otp_of_number(ready.base_url, int(who.msisdn)))
        await _tap(page, "Lanjut")
        if "/ketentuan" in page.url:
            await _tap(page, "Setuju")
        await album.walk(page, ready.base_url, "/partner", also, whole=who is ready.field_sales)


async def _sales(app: App) -> tuple[str, ...]:
    rows = await app.pool.fetch("SELECT id FROM sale ORDER BY at DESC LIMIT 1")
    return tuple(f"/office/transaksi/{sale_code(SaleId(row['id']))}" for row in rows)


async def _enter(page: Page, ready: Ready, root: str, username: str, password: str) -> None:
    await page.goto(f"{ready.base_url}{root}/masuk")
    await page.get_by_label("Nama pengguna").fill(username)
    await page.get_by_label("Kata sandi").fill(password)
    await _tap(page, "Masuk")


async def _tap(page: Page, name: str) -> None:
    async with page.expect_navigation():
        await page.get_by_role("button", name=name, exact=True).first.click()


async def take(folder: Path) -> None:
    """All pages of a demo of its own."""
    shutil.rmtree(SCREENS / "pages", ignore_errors=True)
    (SCREENS / "pages").mkdir(parents=True)
    album = Album()
    async with operating(folder) as (app, ready), async_playwright() as play:
        environment: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": "id"}
        browser = await play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS, env=environment)
        await take_pages(album, browser, app, ready)
        await browser.close()
    album.list_them()


def main() -> None:
    """Build a demo in a folder of its own, take the pictures, throw the demo away."""
    folder = Path(tempfile.mkdtemp(prefix="konter-pages-"))
    try:
        asyncio.run(take(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
