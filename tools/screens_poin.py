"""Pictures of what customers and merchants see of points: part of `python -m tools.screens_pages`."""

from typing import TYPE_CHECKING

from playwright.async_api import Page
from tools.screens_apply import otp_of_number

from konter.app import App
from konter.ledger.model import Books
from konter.ledger.read import lock_owners, read_accounts
from konter.ledger.write import write_changes
from konter.loyalty.points.model import grant_drafts
from konter.loyalty.rewards.merchants.manage import add_merchant_number
from konter.loyalty.vintages import expires_at, vintage_of
from konter.platform.audit import SYSTEM
from konter.platform.ids import Msisdn
from konter.simulator.demo import Ready
from konter.subscriber.msisdn import national
from konter.subscriber.view import find_subscription

if TYPE_CHECKING:
    from tools.screens_pages import Album

MERCHANT = "KOPISENJA"
POINTS = 1_300


async def take_poin(album: "Album", page: Page, app: App, ready: Ready) -> None:
    """A customer who has points and whose number speaks for a merchant: every page of theirs."""
    number = await app.pool.fetchval(
        "SELECT msisdn FROM sale WHERE msisdn <> $1 ORDER BY at DESC LIMIT 1", int(ready.customer.msisdn)
    )  # the demo's customer has had codes on the way to an application
    await furnish_points(app, number)
    await album.walk(page, ready.base_url, "/poin", whole=False)  # as anybody sees it
    await page.goto(f"{ready.base_url}/saya")
    await page.get_by_label("Nomor HP Anda").fill(national(number))
    await _tap(page, "Kirim kode")
    await page.get_by_label("Kode dari SMS").fill(await otp_of_number(ready.base_url, number))
    await _tap(page, "Lanjut")
    for reward in ("NSP30", "KOPI"):
        await page.goto(f"{ready.base_url}/poin/{reward}/tukar")
        await _tap(page, "Tukar sekarang")
    await album.walk(page, ready.base_url, "/saya", (page.url.removeprefix(ready.base_url),))
    await album.walk(page, ready.base_url, "/poin", ("/poin/KOPI/tukar",))


async def furnish_points(app: App, number: Msisdn) -> None:
    """Points of this year, and a merchant's number."""
    now = app.clock.now()
    async with app.connection() as connection:
        customer = await find_subscription(connection, number)
        assert customer is not None
        poin = (await app.rules(connection, now)).poin
        own = await app.ids.reserve(connection, 4)
        async with connection.transaction():
            await lock_owners(connection, owners=[customer.id])
            books = Books(await read_accounts(connection, owners=[customer.id], at=now), seqs=own.take(4), at=now)
            drafts = grant_drafts(books, customer.id, POINTS, expires_at=expires_at(vintage_of(now, poin), poin))
            books.move(drafts, reference_id=customer.id, rule="pictures")
            await write_changes(connection, books.changes())
        refused = await add_merchant_number(connection, MERCHANT, number, now=now, actor=SYSTEM, ids=app.ids)
        assert refused is None, refused


async def _tap(page: Page, name: str) -> None:
    async with page.expect_navigation():
        await page.get_by_role("button", name=name, exact=True).first.click()
