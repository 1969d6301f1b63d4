"""Every page of every door, found by following links from its home page: as it is served, with its real headers.

Axe finds nothing, nothing is wider than the screen, the policy and the console are silent; and no route of the
application is left out, so that a page that is added is looked at without being named here.
"""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page
from tests.access.people import HOME
from tests.api.walk import PAGE_ROUTES
from tests.channel.numbers.desk import Desk as Numbers
from tests.channel.onboarding.desk import Desk as Applicants
from tests.channel.territory.ground import Ground
from tests.e2e.clerk import OFFICE, PARTNER, Clerk
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.test_customer_redeems import MERCHANT, come_in
from tests.e2e.visitor import AXE, Visitor
from tests.loyalty.rewards.conftest import DEMO, Counter

from konter.access.clients.manage import make_client
from konter.access.clients.model import NewClient
from konter.access.four_eyes.propose import propose
from konter.access.staff.roles import PERMISSIONS
from konter.channel.inactivity.model import Countdown
from konter.channel.inactivity.queries import write_countdowns
from konter.channel.territory.read import default_partners
from konter.channel.visits.model import Visits
from konter.channel.visits.plan import assign_visits
from konter.conduct.blacklist import blacklist
from konter.conduct.lifting import BLACKLIST_KINDS, LIFT
from konter.conduct.model import Blacklisting
from konter.loyalty.rewards.catalogue.importing import import_rewards
from konter.loyalty.rewards.merchants.manage import add_merchant_number
from konter.platform.audit import SYSTEM
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.platform.ids import PartnerId, SaleId, cell_of_id, make_id
from konter.platform.refusal import Refusal
from konter.sales.codes import sale_code
from konter.sales.reconciliation.items import open_items
from konter.sales.reconciliation.model import Kind, NewItem

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PHONE, TABLE = {"width": 360, "height": 640}, {"width": 1366, "height": 768}
PLACE = "32.73.02"  # where a partner of the demo works
OF_ONE_KIND = 1  # so many pages of one route are looked at
ROLES = tuple(sorted({role for roles in PERMISSIONS.values() for role in roles}))
# What a link does not lead to: files, answers that are no pages, steps on the way in, which other tests here take.
NOT_PAGES = (
    *("/foto", ".png", ".js", ".webmanifest", "/{_rest}", "/masuk/{login_id}", "/masuk", "/ketentuan", "/sandi"),
    *("/lupa-sandi/{login_id}", "/lupa-pin/{login_id}", "/pin", "/lupa-sandi", "/lupa-pin"),
    *("/kode/{login_id}", "/contoh", "/contoh-kode"),
)


def patterns(root: str) -> dict[str, re.Pattern[str]]:
    """The pages of a door by their route."""
    found = {}
    for route in PAGE_ROUTES:
        inside = route.path == root or route.path.startswith(f"{root}/")
        if route.method == "GET" and inside and not route.path.endswith(NOT_PAGES):
            found[route.path] = re.compile(re.sub(r"\{\w+\}", "[^/]+", route.path) + "$")
    return dict(sorted(found.items(), key=lambda each: each[0].count("{")))  # the exact ones first


async def links(page: Page, root: str) -> list[str]:
    """Where a page leads within its door; a file to download is no page."""
    hrefs: list[str] = await page.locator("a[href]:not([download])").evaluate_all(
        "all => all.map(e => new URL(e.href)).filter(u => u.host === location.host).map(u => u.pathname + u.search)"
    )
    return [href for href in hrefs if href.split("?")[0] == root or href.startswith(f"{root}/")]


async def walk(visitor: Visitor, root: str, also: tuple[str, ...] = (), sizes: tuple[dict, ...] = (PHONE,)) -> set[str]:
    """Look at pages of each route, links first come first; the routes that were seen."""
    known, seen, asked = patterns(root), dict[str, int](), set[str]()
    waiting = [root, *also]
    while waiting:
        path = waiting.pop(0)
        route = next((name for name, shape in known.items() if shape.fullmatch(path.split("?")[0])), None)
        if path in asked or route is None or seen.get(route, 0) >= OF_ONE_KIND:
            continue
        asked.add(path)
        await visitor.go(path)
        assert await visitor.page.locator("h1").count() > 0, f"{path}: {await visitor.text()}"
        seen[route] = seen.get(route, 0) + 1
        for size in sizes:
            await visitor.page.set_viewport_size(size)
            await visitor.look()
        waiting += await links(visitor.page, root)
    return set(seen)


@pytest_asyncio.fixture(loop_scope="session")
async def full(operator: Operator) -> AsyncIterator[Operator]:
    """Something to see in each queue."""
    stage = operator.stage
    await Numbers(stage).conflict()
    ground = Ground(stage)
    ground.mine = await partner_of_the_place(operator)
    applicants = Applicants(ground, operator.app.photos, district=PLACE)
    await applicants.sent()
    await applicants.recommended()
    outlet = await stage.outlet()
    async with operator.app.connection() as connection:
        seq = next((await operator.app.ids.reserve(connection, 1)).take(1))
        review = Countdown(
            id=make_id(seq, cell_of_id(outlet)),
            outlet_id=outlet,
            policy="review",
            state="review",
            since=stage.now - timedelta(days=30),
            last_kind="opened",
            last_id=outlet,
            noticed_day=29,
            noticed_at=stage.now - timedelta(days=1),
            notices=(),
            opened_at=stage.now - timedelta(days=7),
            due_at=stage.now + timedelta(days=3),
        )
        await write_countdowns(connection, [review])
        sale = await connection.fetchrow("SELECT id, transfer_id, at FROM sale ORDER BY id DESC LIMIT 1")
        item = NewItem(
            kind=Kind.NOT_AT_NETWORK, transfer_id=sale["transfer_id"], day=business_day(sale["at"]), sale_id=sale["id"]
        )
        await open_items(connection, [item], now=stage.now, ids=operator.app.ids)
        await for_four_eyes(operator, connection)
        await import_rewards(
            connection, DEMO, clock=stage.clock, actor=SYSTEM, ids=operator.app.ids, rules=operator.stage.rules
        )
    yield operator


async def for_four_eyes(operator: Operator, connection: Connection) -> None:
    """A machine, an entry of the blacklist, and a proposal to lift it."""
    stage, who = operator.stage, await operator.stage.staff("compliance")
    step = await stage.step(connection)
    name = f"Pusat Panggilan {who.user_id}"  # each worker's server meets this once for each of its tests
    await make_client(connection, NewClient(name=name, scopes=("phones.report",)), days=30, actor=SYSTEM, step=step)
    entry = Blacklisting(kind="rs", reason="uji coba", msisdn=await stage.number())
    (entry_id,) = await blacklist(
        connection, [entry], actor=SYSTEM, now=stage.now, ids=operator.app.ids, keys=operator.app.keys
    )
    assert not isinstance(entry_id, Refusal), entry_id
    proposed = await propose(
        connection, BLACKLIST_KINDS, LIFT, entry_id, {}, reason="keliru", principal=who, origin=HOME, step=step
    )
    assert not isinstance(proposed, Refusal), proposed


async def partner_of_the_place(operator: Operator) -> PartnerId:
    async with operator.app.connection() as connection:
        return (await default_partners(connection, [PLACE], rules=operator.stage.rules))[PLACE]


async def sale_of(operator: Operator) -> str:
    """The code of any sale."""
    return sale_code(SaleId(await operator.app.pool.fetchval("SELECT max(id) FROM sale")))


async def test_the_office(full: Operator, browse: Browse) -> None:
    clerk = Clerk(await browse(**TABLE), OFFICE)
    await clerk.enter(await full.member(*ROLES))
    number = await full.app.pool.fetchval("SELECT msisdn FROM sale LIMIT 1")
    also = (f"/office/transaksi/{await sale_of(full)}", f"/office/nomor/{number}", "/office/cari?q=sukses")
    assert await walk(clerk.visitor, OFFICE, also, (TABLE, PHONE)) == set(patterns(OFFICE))


async def test_the_console(full: Operator, browse: Browse) -> None:
    """The admin's pages on a table, and those of field sales on a phone, with a round for today."""
    partner_id, seen = await partner_of_the_place(full), set[str]()
    admin = await full.stage.partner_user(partner_id=partner_id)
    sales = await full.stage.partner_user(partner_id=partner_id, role="SBP_FIELD_SALES")
    outlet = await full.stage.outlet(partner_id=partner_id)
    async with full.app.connection() as connection:
        round_ = Visits(outlet_id=outlet, field_sales_id=sales.id, weekdays=(1, 2, 3, 4, 5, 6, 7))
        await assign_visits(connection, [round_], actor=SYSTEM, now=full.stage.now, ids=full.app.ids)
    number = await full.app.pool.fetchval("SELECT rs_msisdn FROM outlet WHERE id = $1", outlet)
    also = ("/partner/cari?q=cell", f"/partner/nomor/{number}")
    for user, sizes in ((admin, (TABLE, PHONE)), (sales, (PHONE,))):
        visitor = await browse(**TABLE)
        clerk = Clerk(visitor, PARTNER)
        await clerk.enter_by_text(user, await visitor.handset(user.nn_msisdn))
        seen |= await walk(visitor, PARTNER, also, sizes)
    assert seen == set(patterns(PARTNER))


async def test_the_outlets_pages(operator: Operator, browse: Browse) -> None:
    visitor, seller = await browse(**PHONE), await operator.seller(role="OUTLET_OWNER")
    await visitor.log_in(seller)
    code = await visitor.sell(seller, await operator.customer())
    await visitor.go("/outlet")
    assert visitor.axe is AXE
    also = ("/outlet/produk?nomor=081234567890&kategori=recharge", f"/outlet/transaksi/{code}", "/outlet/hp-hilang")
    assert await walk(visitor, "/outlet", also) == set(patterns("/outlet"))


async def test_the_customers_pages(operator: Operator, browse: Browse, tmp_path: Path) -> None:
    """On a phone and on a table, by somebody whose number speaks for a merchant too."""
    visitor, stage = await browse(**PHONE), operator.stage
    customer = await Counter(stage, tmp_path).customer(100)
    async with stage.pool.acquire() as connection:
        await add_merchant_number(connection, MERCHANT, customer.msisdn, now=stage.now, actor=SYSTEM, ids=stage.ids)
    await visitor.go("/saya")
    await come_in(visitor, customer.msisdn)
    await visitor.go("/poin/DATA100/tukar")
    await visitor.tap("Tukar sekarang")
    await visitor.sees("Hadiah sudah diberikan")
    assert await walk(visitor, "/saya", (), (TABLE, PHONE)) == set(patterns("/saya"))
    assert await walk(visitor, "/poin", ("/poin/mitra", "/poin/DATA100/tukar"), (TABLE, PHONE)) == set(
        patterns("/poin")
    )
