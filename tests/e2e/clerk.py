"""Somebody at a desk, in a browser on a table: how they come in, and what they decide."""

import re

from playwright.async_api import expect
from tests.access.people import PASSWORD
from tests.e2e.visitor import AXE_AT_A_DESK, Handset, Visitor

from konter.access.model import User
from konter.access.staff.totp import code_at
from konter.platform.clock import Clock

PARTNER, OFFICE = "/partner", "/office"


class Clerk:
    """A member of staff or a user of a partner, and the browser in front of them."""

    def __init__(self, visitor: Visitor, root: str) -> None:
        self.visitor, self.page, self.root = visitor, visitor.page, root
        visitor.axe = AXE_AT_A_DESK

    async def _password(self, username: str) -> None:
        await self.visitor.go(f"{self.root}/masuk")
        await self.visitor.at("Masuk")
        await self.visitor.fill("Nama pengguna", username)
        await self.visitor.fill("Kata sandi", PASSWORD)
        await self.visitor.tap("Masuk")

    async def enter_by_app(self, username: str, clock: Clock) -> None:
        """Set up an authenticator app from what the page shows, and come in with its code."""
        await self._password(username)
        await self.visitor.at("Kode autentikator")
        secret = await self.page.locator(".desk-qr code").inner_text()
        await self.visitor.fill("Kode enam angka", "000000")
        await self.visitor.tap("Lanjut")
        await expect(self.page.get_by_role("alert")).to_be_visible()
        await self.visitor.fill("Kode enam angka", code_at(secret, clock.now()))
        await self.visitor.tap("Lanjut")
        await self.at_work()

    async def enter_by_text(self, user: User, handset: Handset) -> None:
        """Come in with the code from the SMS."""
        await self._password(user.username)
        await self.visitor.at("Kode OTP")
        await self.visitor.fill("Kode enam angka", await handset.otp())
        await self.visitor.tap("Lanjut")
        await self.at_work()

    async def enter(self, username: str) -> None:
        """Come in with the password alone, as in a demo."""
        await self._password(username)
        await self.at_work()

    async def at_work(self) -> None:
        await expect(self.page.get_by_role("heading", name=re.compile("^Halo, "))).to_be_visible()

    async def open_application(self, outlet: str) -> None:
        """From the queue to the application of an outlet."""
        await self.visitor.go(f"{self.root}/permohonan")
        row = self.page.get_by_role("row", name=re.compile(re.escape(outlet)))
        await row.get_by_role("link", name=re.compile("^FP-")).click()
        await self.visitor.at(re.compile(f"^{re.escape(outlet)}"))

    async def act(self, title: str, *, label: str = "", text: str = "") -> None:
        """Do one of the things that can be done here, with what it asks for."""
        box = self.page.locator(".desk-action").filter(has=self.page.get_by_text(title, exact=True))
        details = box.locator("summary")
        if await details.count() and not await box.locator("details").evaluate("e => e.open"):
            await details.click()
        if label:
            await box.get_by_label(label, exact=True).fill(text)
        await box.get_by_role("button", name=title, exact=True).click()
