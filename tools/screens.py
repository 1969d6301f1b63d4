"""Takes the pictures of the README from a served demo: home, confirm, sold, and both phones side by side."""

from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from tools.run_tests import chromium
from tools.served import PASSWORD, PIN, demo, next_text, otp_in, outlet_token, texts

FOLDER = Path(__file__).parent.parent / "docs" / "screens"
PHONE: ViewportSize = {"width": 360, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 800}
EARLIER = (("Pulsa", "Pulsa 20.000"), ("Data", "Mingguan 3 GB"), ("Pulsa", "Pulsa 10.000"))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


def shoot(page: Page, name: str) -> None:
    """One picture, named as the README names it."""
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"wrote docs/screens/{name}.png")


def log_in(page: Page, ready: dict[str, Any]) -> None:
    """Through password and OTP to the home page."""
    outlet = ready["outlet"]
    with httpx.Client(base_url=ready["base_url"]) as api:
        known = len(texts(api, outlet["msisdn"]))
        page.goto(f"{ready['base_url']}/outlet")
        page.get_by_label("Nama pengguna").fill(outlet["username"])
        page.get_by_label("Kata sandi").fill(PASSWORD)
        page.get_by_role("button", name="Masuk").click()
        code = otp_in(next_text(api, outlet["msisdn"], known=known))
    page.get_by_label("Kode dari SMS").fill(code)
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_label("Nomor pelanggan").wait_for()


def choose(page: Page, ready: dict[str, Any], category: str, product: str) -> None:
    """From the home page to the page that asks for the PIN."""
    page.goto(f"{ready['base_url']}/outlet")
    page.get_by_label("Nomor pelanggan").fill("0" + ready["customer"]["msisdn"].removeprefix("62"))
    page.get_by_role("button", name=category, exact=True).click()
    page.get_by_role("link", name=product).first.click()
    page.get_by_label("PIN transaksi").wait_for()


def sell(page: Page) -> None:
    """Confirm with the PIN, and wait for the sold page."""
    page.get_by_label("PIN transaksi").fill(PIN)
    page.get_by_role("button", name="Jual sekarang").click()
    page.get_by_role("heading", name="Selesai").wait_for()


def take(browser: Browser, ready: dict[str, Any]) -> None:
    """Sell a little, so that the home page has something to show, then take one picture after the other."""
    page = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="id-ID").new_page()
    log_in(page, ready)
    for category, product in EARLIER:
        choose(page, ready, category, product)
        sell(page)
    page.goto(f"{ready['base_url']}/outlet")
    shoot(page, "home")
    choose(page, ready, "Pulsa", "Pulsa 50.000")
    shoot(page, "confirm")
    sell(page)
    shoot(page, "sold")
    desk = browser.new_context(viewport=DESK, locale="id-ID").new_page()
    desk.goto(f"{ready['base_url']}/simulator?h={ready['outlet']['msisdn']}~1818&h={ready['customer']['msisdn']}~1818")
    desk.wait_for_timeout(1500)  # the worker sends within a second
    desk.reload()
    shoot(desk, "handsets")


def main() -> None:
    """Serve, sell, shoot."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo(outlets=12, subscribers=500, sales=300) as ready, sync_playwright() as playwright:
        outlet_token(ready)  # the first steps of a newcomer
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        take(browser, ready)
        browser.close()


if __name__ == "__main__":
    main()
