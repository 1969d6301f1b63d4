"""A person with a phone: what they tap on the outlet's pages, what they read on the simulated handset."""

import asyncio
import re
import time

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Page, expect
from tests.e2e.served import Person

from konter.platform.ids import Msisdn
from konter.subscriber.msisdn import national

NEW_PASSWORD = "kopi-susu-manis-9"
NEW_PIN = "739164"
SMS_WITHIN_S = 10
AXE_WITHIN_S = 20
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}},
}

# A desk stands in an office: enough contrast, not the most.
AXE_AT_A_DESK = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"target-size": {"enabled": True}},
}


class Handset:
    """The simulated phone of a number, read in the browser."""

    def __init__(self, page: Page, address: str, msisdn: Msisdn) -> None:
        self.page, self.url = page, f"{address}/simulator/handsets/{msisdn}"
        self._read: dict[str, int] = {}

    async def next_text(self, word: str, sender: str = "1818") -> str:
        """The newest text from a sender that holds a word; waits for one that was not there the last time."""
        until = time.monotonic() + SMS_WITHIN_S
        while time.monotonic() < until:
            await self.page.goto(f"{self.url}?with={sender}")
            found = self.page.locator(".bubble:not(.mine) p:first-child").filter(has_text=word)
            count = await found.count()
            if count > self._read.get(word, 0):
                self._read[word] = count
                return await found.last.inner_text()
            await asyncio.sleep(0.1)
        raise AssertionError(f"no text with {word!r} from {sender} within {SMS_WITHIN_S} s")

    async def otp(self) -> str:
        return re.search(r"\b(\d{6})\b", await self.next_text("OTP"))[1]

    async def top(self) -> str:
        """Number, balance, active period and quotas."""
        await self.page.goto(self.url)
        return await self.page.locator(".card").inner_text()


class Visitor:
    """One browser. Everything is found as a screen reader finds it: by role and name."""

    def __init__(self, page: Page, address: str, *, script: bool) -> None:
        self.page, self.address, self.script = page, address, script
        self.faults: list[str] = []
        self.axe = AXE
        self._expected = ["status of 4"]
        self._glass: Page | None = None
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(expected in message.text for expected in self._expected):
            self.faults.append(message.text)

    def allows(self, answer: str) -> None:
        """An answer that this test provokes; the browser reports every page that came with 4xx or 5xx."""
        self._expected.append(answer)

    async def go(self, path: str) -> None:
        await self.page.goto(self.address + path)

    async def tap(self, name: str, *, role: str = "button") -> None:
        await self.page.get_by_role(role, name=name, exact=True).first.click()

    async def fill(self, label: str, text: str) -> None:
        await self.page.get_by_label(label, exact=True).fill(text)

    async def at(self, heading: str | re.Pattern[str]) -> None:
        """Wait for a page by its heading."""
        await expect(self.page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()

    async def sees(self, *texts: str) -> None:
        for text in texts:
            await expect(self.page.locator("body")).to_contain_text(text)

    async def text(self) -> str:
        return await self.page.locator("body").inner_text()

    async def look(self, at: Page | None = None) -> None:
        """A page as everybody meets it: axe finds nothing, and nothing is wider than the screen."""
        page = at or self.page
        wide = await page.locator("html").evaluate("e => e.scrollWidth > e.clientWidth")
        assert not wide, f"wider than the screen: {page.url}"
        if not self.script:
            page = await self._looking_glass(page)
        found = (await asyncio.wait_for(Axe().run(page, options=self.axe), AXE_WITHIN_S)).response["violations"]
        faults = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
        assert faults == [], page.url

    async def _looking_glass(self, page: Page) -> Page:
        """The page as it stands, in a browser that runs axe and yet none of our script."""
        if self._glass is None:
            context = await self.page.context.browser.new_context(viewport=self.page.viewport_size)
            self._glass = await context.new_page()
            await self._glass.route("**/*.js", lambda route: route.abort())
        html, url = await page.content(), page.url
        await self._glass.route(url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        await self._glass.goto(url)
        await self._glass.unroute(url)
        return self._glass

    async def close(self) -> None:
        if self._glass is not None:
            await self._glass.context.close()
        await self.page.context.close()

    async def handset(self, msisdn: Msisdn) -> Handset:
        """The handset of a number, in another window of the same browser."""
        return Handset(await self.page.context.new_page(), self.address, msisdn)

    async def enter_name(self, person: Person, password: str = "") -> Handset:
        """User name and password, up to the page that asks for the OTP."""
        handset = await self.handset(person.msisdn)
        await self.go("/outlet")
        await self._enter_name(person, password)
        return handset

    async def _enter_name(self, person: Person, password: str) -> None:
        await self.at("Masuk")
        await self.fill("Nama pengguna", person.username)
        await self.fill("Kata sandi", password or person.password)
        await self.tap("Masuk")
        await self.at("Kode OTP")

    async def log_in_on(self, handset: Handset, person: Person, password: str = "") -> None:
        """From a log-in page that stands before another page to that page."""
        await self._enter_name(person, password)
        await self.fill("Kode dari SMS", await handset.otp())
        await self.tap("Lanjut")

    async def log_in(self, person: Person, password: str = "") -> Handset:
        """All the way to the home page."""
        handset = await self.enter_name(person, password)
        await self.fill("Kode dari SMS", await handset.otp())
        await self.tap("Lanjut")
        await expect(self.page.get_by_label("Nomor pelanggan")).to_be_visible()
        return handset

    async def choose(self, msisdn: Msisdn, product: str = "Pulsa 50.000", category: str = "Pulsa") -> None:
        """From the home page to the page that asks for the PIN."""
        await self.fill("Nomor pelanggan", national(msisdn))
        if category in {"Pulsa", "Data"}:
            await self.tap(category)
        else:
            await self.tap("Lain")
            await self.tap(category, role="link")
        await self.page.get_by_role("link", name=product).first.click()
        await self.at(product)

    async def confirm(self, pin: str, button: str = "Jual sekarang") -> None:
        await self.fill("PIN transaksi", pin)
        await self.tap(button)

    async def sell(self, person: Person, msisdn: Msisdn, product: str = "Pulsa 50.000", category: str = "Pulsa") -> str:
        """From the home page to the sold one; returns the transaction code."""
        await self.go("/outlet")
        await self.choose(msisdn, product, category)
        await self.confirm(person.pin)
        await self.at("Selesai")
        return self.page.url.rpartition("/")[2]
