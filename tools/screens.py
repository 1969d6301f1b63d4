"""Take the README's pictures: `make screens`. The operator is built from a fixed seed and the shop is open (10:24)."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from playwright.async_api import FloatRect, Page, ViewportSize, async_playwright
from tools.screens_apply import take_applying

from konter.platform.clock import WIB, Clock
from konter.simulator.demo import Ready
from konter.subscriber.msisdn import national

SCREENS = Path(__file__).parent.parent / "docs" / "screens"
PHONE = ViewportSize(width=360, height=640)
DESK = ViewportSize(width=1280, height=800)
PASSWORD, PIN = "kopi-susu-manis-9", "592846"
OPEN_AT = timedelta(hours=10, minutes=24)
PORT = 8080  # stands on the receipt; another one only where it is taken
READY_WITHIN_S = 120
SMS_WITHIN_S = 15
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--lang=id-ID"]
AGENT = (
    "Mozilla/5.0 (Linux; Android 4.4.4; SM-G360H) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/30.0.1599.92 Mobile Safari/537.36"
)
# Sold before the pictures, so that history and day's close have something to tell. Every seventh number has the same
# prefix.
EARLIER = (("PULSA10", 7), ("PULSA25", 14), ("D5G7", 21), ("PULSA100", 28), ("V100M3", 35))


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[Ready]:
    """`konter demo`, as the README says, only smaller."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    size = ["--subscribers", "2000", "--outlets", "20", "--sales", "2000"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "konter", "demo", "--port", str(port), "--data", str(folder), "--json", *size,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), READY_WITHIN_S)
        yield msgspec.json.decode(line, type=Ready)
    finally:
        process.terminate()
        await process.wait()


class Camera:
    """A seller's phone, a desk with handsets, and a shutter."""

    def __init__(self, ready: Ready, phone: Page, desk: Page) -> None:
        self.ready, self.phone, self.desk = ready, phone, desk
        self.outlet, self.customer = ready.outlet.msisdn, ready.customer.msisdn

    async def shoot(self, name: str, page: Page | None = None, *, below: str = "") -> None:
        """Save what is to be seen, without a blinking cursor; `below`: only what stands above that heading or label."""
        file, page = SCREENS / f"{name}.png", page or self.phone
        clip = None
        if below:
            end = (
                await page.get_by_text(below, exact=True)
                .locator("xpath=ancestor::*[contains(@class, 'card')]")
                .bounding_box()
            )
            assert end is not None
            clip = FloatRect(x=0, y=0, width=end["width"] + 2 * end["x"], height=end["y"])
        await page.screenshot(path=file, clip=clip, animations="disabled", caret="hide")
        print(f"{file.name}: {file.stat().st_size:,} bytes")

    async def tap(self, name: str, role: Any = "button") -> None:
        """Tap and wait for the next page."""
        async with self.phone.expect_navigation():
            await self.phone.get_by_role(role, name=name, exact=True).first.click()

    async def go(self, path: str) -> None:
        """Open a page of the outlet."""
        await self.phone.goto(self.ready.base_url + path)

    async def otp(self, *, other_than: str = "") -> str:
        """The last OTP on the handset."""
        async with httpx.AsyncClient(base_url=self.ready.base_url) as client:
            for _ in range(SMS_WITHIN_S * 5):
                inbox = (await client.get(f"/simulator/handsets/{self.outlet}/messages")).json()["messages"]
                codes = [found[1] for text in inbox if (found := re.search(r"OTP Anda (\d{6})", text["text"]))]
                if codes and codes[-1] != other_than:
                    return codes[-1]
                await asyncio.sleep(0.2)
        raise TimeoutError("no OTP arrived")


async def open_shop(ready: Ready) -> None:
    """Move the clock to the next morning, so that the pictures are taken at one and the same time of day."""
    now = Clock().now().astimezone(WIB)
    since_midnight = timedelta(hours=now.hour, minutes=now.minute, seconds=now.second)
    minutes = int((OPEN_AT - since_midnight) / timedelta(minutes=1)) % (24 * 60)
    async with httpx.AsyncClient(base_url=ready.base_url) as client:
        moved = await client.post("/simulator/clock", json={"advance": f"{minutes}m"})
        assert moved.status_code == httpx.codes.OK, moved.text


async def first_log_in(camera: Camera) -> None:
    """All first steps of a new seller."""
    phone, outlet = camera.phone, camera.ready.outlet
    await camera.go("/outlet")
    await phone.get_by_label("Nama pengguna").fill(outlet.username)
    await camera.shoot("login")
    await phone.get_by_label("Kata sandi").fill(outlet.password)
    await camera.tap("Masuk")
    code = await camera.otp()
    await phone.get_by_label("Kode dari SMS").fill(code)
    await camera.shoot("otp")
    await camera.desk.set_viewport_size(PHONE)
    await camera.desk.goto(f"{camera.ready.base_url}/simulator/handsets/{camera.outlet}?with=1818")
    await camera.shoot("handset-sms", camera.desk)
    await camera.tap("Lanjut")
    await phone.get_by_label("Kata sandi awal").fill(outlet.password)
    await phone.get_by_label("Kata sandi baru", exact=True).fill(PASSWORD)
    await phone.get_by_label("Ulangi kata sandi baru").fill(PASSWORD)
    await camera.tap("Simpan")
    await camera.tap("Setuju")
    await phone.get_by_label("PIN baru", exact=True).fill(PIN)
    await phone.get_by_label("Ulangi PIN baru").fill(PIN)
    await camera.tap("Simpan PIN")


async def sell(camera: Camera, product: str, number: str) -> None:
    """From the confirm page to the sold one."""
    await camera.go(f"/outlet/jual?produk={product}&nomor={number}")
    await camera.phone.get_by_label("PIN transaksi").fill(PIN)
    await camera.tap("Jual sekarang")


async def a_sale(camera: Camera) -> None:
    """The main job, picture by picture, and both handsets side by side."""
    phone, number = camera.phone, national(int(camera.customer))
    await camera.go("/outlet")
    await phone.get_by_label("Nomor pelanggan").fill(number)
    await camera.shoot("home")
    await camera.tap("Data")
    await camera.shoot("products")
    await camera.go("/outlet")
    await phone.get_by_label("Nomor pelanggan").fill(number)
    await camera.tap("Pulsa")
    async with phone.expect_navigation():
        await phone.get_by_role("link", name="Pulsa 50.000").click()
    await phone.get_by_label("PIN transaksi").fill(PIN)
    await camera.shoot("confirm")
    await camera.tap("Jual sekarang")
    await camera.shoot("sold")
    await camera.tap("Struk", "link")
    await camera.shoot("receipt")
    await camera.desk.set_viewport_size(DESK)
    await camera.desk.goto(f"{camera.ready.base_url}/simulator?h={camera.outlet}~1818&h={camera.customer}~1818")
    await camera.desk.get_by_text("Pulsa Rp50.000 sudah masuk").last.wait_for(timeout=1000 * SMS_WITHIN_S)
    await camera.shoot("handsets", camera.desk)


async def trouble(camera: Camera) -> None:
    """The network falls silent, then refuses; then the outlet holds its sales back and takes one back."""
    customer = int(camera.customer)
    async with httpx.AsyncClient(base_url=camera.ready.base_url) as client:
        await set_faults(client, {"silent_after": 100})
        await sell(camera, "PULSA20", national(customer + 42))
        await camera.shoot("checking")
        await set_faults(client, {"refuse": 100})
        await sell(camera, "PULSA15", national(customer + 49))
        await camera.shoot("refunded")
        await camera.desk.goto(f"{camera.ready.base_url}/simulator/network")
        await camera.shoot("network", camera.desk)
        await set_faults(client, {})
        outlet = await outlet_id(camera, client)
        await set_hold(camera.ready, client, outlet, seconds=60)
        await sell(camera, "PULSA10", national(customer + 56))
        await camera.shoot("held")
        await camera.tap("Batalkan penjualan ini")
        await set_hold(camera.ready, client, outlet, seconds=0)


async def set_faults(client: httpx.AsyncClient, faults: dict[str, int]) -> None:
    """These chances of a hundred, and no other."""
    (await client.put("/simulator/network/faults", json=faults)).raise_for_status()


async def outlet_id(camera: Camera, client: httpx.AsyncClient) -> str:
    """By a log-in of the seller over the API."""
    before = await camera.otp()
    given = {"username": camera.ready.outlet.username, "password": PASSWORD}
    login = (await client.post("/api/v1/login", json=given)).raise_for_status().json()
    code = await camera.otp(other_than=before)
    answer = await client.post(f"/api/v1/login/{login['login_id']}/otp", json={"code": code})
    headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['token']}"}
    outlet = (await client.get("/api/v1/me", headers=headers)).raise_for_status().json()["outlet"]
    return str(outlet["id"])


async def set_hold(ready: Ready, client: httpx.AsyncClient, outlet: str, *, seconds: int) -> None:
    """As the supervisor does it."""
    given = {"username": ready.supervisor.username, "password": ready.supervisor.password}
    token = (await client.post("/api/v1/login", json=given)).raise_for_status().json()["token"]
    body = {"seconds": seconds, "reason": "gambar"}
    headers = {"Authorization": f"Bearer {token}"}
    (await client.put(f"/api/v1/outlets/{outlet}/hold", json=body, headers=headers)).raise_for_status()


async def afterwards(camera: Camera) -> None:
    """History, day's close, account."""
    await camera.go("/outlet/riwayat")
    await camera.shoot("history")
    await camera.go("/outlet/tutup-hari")
    await camera.shoot("day-close", below="Hari lain")  # the date field speaks the language of the browser's menus
    await camera.go("/outlet/akun")
    await camera.shoot("account")
    await camera.phone.set_viewport_size(DESK)
    await camera.go("/outlet")
    await camera.shoot("home-wide")


async def take(folder: Path) -> None:
    """All pictures."""
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    async with demo(folder) as ready, async_playwright() as play:
        await open_shop(ready)
        environment: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": "id"}
        browser = await play.chromium.launch(executable_path=chromium, args=FLAGS, env=environment)
        mine = await browser.new_context(viewport=PHONE, locale="id-ID", user_agent=AGENT, service_workers="block")
        other = await browser.new_context(viewport=DESK, locale="id-ID")
        camera = Camera(ready, await mine.new_page(), await other.new_page())
        await first_log_in(camera)
        for product, step in EARLIER:
            await sell(camera, product, national(int(camera.customer) + step))
        await a_sale(camera)
        await trouble(camera)
        await afterwards(camera)
        await camera.phone.set_viewport_size(PHONE)
        await take_applying(camera)
        await browser.close()


def main() -> None:
    """Build a demo in a folder of its own, take the pictures, throw the demo away."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="konter-screens-"))
    try:
        asyncio.run(take(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
