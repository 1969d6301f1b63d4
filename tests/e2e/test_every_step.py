"""Every page before and on the way in, as it is served: what anybody reads, applying, logging in, the first steps.

The list comes from the application's own routes. A page without parameters is tried in each state that a visitor can
be in, and links are followed, so that a page which is added is looked at without being named; one that opens in no
state fails. On each: axe finds nothing, nothing is wider than the screen, policy and console are silent.
"""

import asyncio
import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Response
from tests.access.people import PASSWORD
from tests.api.walk import PAGE_ROUTES
from tests.channel.onboarding.desk import nik, photo
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator, Person
from tests.e2e.visitor import AXE, AXE_WITHIN_S, NEW_PASSWORD, NEW_PIN, Handset, Visitor

from konter.access.staff.add import NewStaff, add_staff
from konter.platform.audit import SYSTEM
from konter.platform.ids import Msisdn
from konter.subscriber.msisdn import national

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PHONE, TABLE = {"width": 360, "height": 640}, {"width": 1366, "height": 768}
DOORS = ("/outlet", "/office", "/partner")
# Behind a door these are the way in. All other pages there are walked by whoever is in; files and probes are no pages.
STEPS = ("/masuk", "/masuk/{login_id}", "/lupa-sandi", "/lupa-sandi/{login_id}", "/lupa-pin", "/lupa-pin/{login_id}")
STEPS = (*STEPS, "/sandi", "/ketentuan", "/pin", "/{_rest}")
NOT_PAGES = re.compile(r"/static/|\.(js|png|webmanifest)$|/(healthz|readyz|metrics)$|/foto/lihat$")
ELSEWHERE = ("/saya", "/poin")  # customers come in in test_customer_comes_in, and walk in test_every_page
ONWARDS = ("/", "/t", "/apply/lanjut")  # these only send on to another page
# A desk stands in an office: enough contrast, not the most.
AXE_AT_A_DESK = {
    "runOnly": {"type": "tag", "values": [tag for tag in AXE["runOnly"]["values"] if tag != "wcag2aaa"]},
    "rules": {"target-size": {"enabled": True}},
}


def pages() -> dict[str, re.Pattern[str]]:
    """Each route that is looked at here, and the addresses that are its; the exact ones first."""
    found = {}
    for path in sorted(
        {route.path for route in PAGE_ROUTES if route.method == "GET"}, key=lambda each: each.count("{")
    ):
        door = next((root for root in (*DOORS, *ELSEWHERE) if path == root or path.startswith(f"{root}/")), "")
        if (
            door not in ELSEWHERE
            and not NOT_PAGES.search(path)
            and path not in ONWARDS
            and (not door or path.removeprefix(door) in STEPS)
        ):
            found[path] = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
    return found


class Walk:
    """Which pages were looked at; the same for all visitors of the test."""

    def __init__(self) -> None:
        self.pages, self.seen = pages(), set[str]()

    def route_of(self, url: str) -> str | None:
        path = urlsplit(url).path
        return next((route for route, shape in self.pages.items() if shape.fullmatch(path)), None)

    async def here(self, visitor: Visitor) -> None:
        """Look at the page that is open, unless one of its route was looked at before."""
        route = self.route_of(visitor.page.url)
        if route is None or route in self.seen:
            return
        self.seen.add(route)
        desk = route.startswith(("/office", "/partner"))
        for size in (TABLE, PHONE) if desk else (PHONE,):
            await visitor.page.set_viewport_size(size)
            await look(visitor.page, AXE_AT_A_DESK if desk else AXE)

    async def open(self, visitor: Visitor, path: str, *, status: int = 200) -> bool:
        """Go there and look; False where that is not to be seen in this state."""
        answer = await visitor.page.goto(visitor.address + path)
        assert answer is not None
        if answer.status != status or urlsplit(visitor.page.url).path != urlsplit(path).path:
            return False
        served(answer)
        assert await visitor.page.locator("h1").count() > 0, f"{path} has no heading"
        await self.here(visitor)
        return True

    async def around(self, visitor: Visitor) -> None:
        """Whatever else can be opened in this state: by its address, or by a link on what was opened."""
        waiting = [route for route in self.pages if "{" not in route and route not in self.seen]
        asked = set[str]()
        while waiting:
            path = waiting.pop(0)
            route = self.route_of(path)
            if path in asked or route is None or route in self.seen:
                continue
            asked.add(path)
            if await self.open(visitor, path):
                waiting += await links(visitor.page)


def served(answer: Response) -> None:
    """With the policy that users get, and not a weaker one for a test."""
    policy = answer.headers.get("content-security-policy", "")
    assert "script-src 'self'" in policy, f"{answer.url}: {policy}"
    assert "unsafe" not in policy, f"{answer.url}: {policy}"


async def links(page: Page) -> list[str]:
    hrefs: list[str] = await page.locator("a[href]:not([download])").evaluate_all(
        "all => all.map(e => new URL(e.href)).filter(u => u.host === location.host).map(u => u.pathname + u.search)"
    )
    return hrefs


async def look(page: Page, options: dict) -> None:
    wide = await page.locator("html").evaluate("e => e.scrollWidth > e.clientWidth")
    assert not wide, f"wider than the screen: {page.url}"
    found = (await asyncio.wait_for(Axe().run(page, options=options), AXE_WITHIN_S)).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], page.url


async def tap(walk: Walk, visitor: Visitor, name: str) -> None:
    """On to the next page, and look at it."""
    async with visitor.page.expect_navigation():
        await visitor.tap(name)
    await walk.here(visitor)


async def anybody(walk: Walk, visitor: Visitor) -> None:
    """Who is not logged in, on the phone of a customer."""
    await walk.open(visitor, "/outlet/tidak-ada", status=404)
    await walk.open(visitor, "/t/TRX?v=0", status=404)
    await walk.around(visitor)


async def applicant(walk: Walk, visitor: Visitor, handset: Handset, number: Msisdn, other: Msisdn) -> None:
    """From the number to what was sent in, with everything that lies beside the way."""
    await visitor.go("/apply")
    await visitor.fill("Nomor Anda", national(number))
    await tap(walk, visitor, "Kirim kode")
    await visitor.fill("Kode dari SMS", await handset.otp())
    await tap(walk, visitor, "Lanjut")
    await visitor.fill("Nama outlet atau nama jualan", "Warung Mawar")
    await visitor.fill("Nama pemilik sesuai KTP", "Mawar Contoh")
    await visitor.fill("NIK", nik())
    await tap(walk, visitor, "Lanjut")
    await visitor.fill("Alamat", "Jl. Dago 1")
    await visitor.fill("Kecamatan", "Coblong")
    await tap(walk, visitor, "Lanjut")
    await tap(walk, visitor, "Lanjut")
    card = {"name": "ktp.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    await visitor.page.get_by_label("Ambil atau pilih foto").set_input_files(card)
    await tap(walk, visitor, "Lanjut")
    await visitor.page.get_by_label(re.compile("Saya menyatakan")).check()
    await tap(walk, visitor, "Lanjut")
    await walk.open(visitor, "/apply/nomor/lain")
    await visitor.page.locator("input[name=number]").fill(national(other))
    await tap(walk, visitor, "Kirim kode")
    await walk.around(visitor)
    await visitor.go("/apply/periksa")
    await tap(walk, visitor, "Kirim pengajuan")
    await walk.around(visitor)


async def newcomer(walk: Walk, visitor: Visitor, person: Person) -> None:
    """From the first password to the first look at the home page, and by the ways back to both secrets."""
    handset = await visitor.handset(person.msisdn)
    initial = re.search(r"kata sandi (\S+),", await handset.next_text("kata sandi"))[1]
    await visitor.go("/outlet")
    await visitor.fill("Nama pengguna", person.username)
    await visitor.fill("Kata sandi", initial)
    await tap(walk, visitor, "Masuk")
    await visitor.fill("Kode dari SMS", await handset.otp())
    await tap(walk, visitor, "Lanjut")
    await visitor.fill("Kata sandi awal", initial)
    await visitor.fill("Kata sandi baru", NEW_PASSWORD)
    await visitor.fill("Ulangi kata sandi baru", NEW_PASSWORD)
    await tap(walk, visitor, "Simpan")
    await tap(walk, visitor, "Setuju")
    await visitor.fill("PIN baru", NEW_PIN)
    await visitor.fill("Ulangi PIN baru", NEW_PIN)
    await tap(walk, visitor, "Simpan PIN")
    await walk.around(visitor)
    await visitor.go("/outlet/lupa-pin")
    await visitor.fill("Kata sandi", NEW_PASSWORD)
    await tap(walk, visitor, "Kirim kode")


async def forgetful(walk: Walk, visitor: Visitor, person: Person) -> None:
    """Who has forgotten the password of the outlet."""
    await visitor.go("/outlet/lupa-sandi")
    await visitor.fill("Nama pengguna", person.username)
    await tap(walk, visitor, "Kirim kode")


async def at_the_doors(walk: Walk, browse: Browse, operator: Operator) -> None:
    """Staff with an authenticator to set up, staff with a given password, and a partner's user who agrees first."""
    stage = operator.stage
    hashed, n = await stage.passwords.hash(PASSWORD), await stage.number() % 10**6
    staff = [
        NewStaff(username=f"app.{n}", name="Dewi Kantor", roles=("care",), password_hash=hashed),
        NewStaff(username=f"baru.{n}", name="Dewi Kantor", roles=("care",), password_hash=hashed, totp_required=False),
    ]
    async with operator.app.pool.acquire() as connection:
        await add_staff(connection, staff, actor=SYSTEM, now=stage.now, ids=stage.ids)
    new = await stage.new_partner_user(password_hash=hashed, password_initial=False)
    (user_id,) = await stage.add_partner_users(new)
    user = await stage.reread(user_id, "partner")
    for root, username in (("/office", f"app.{n}"), ("/office", f"baru.{n}"), ("/partner", user.username)):
        visitor = await browse(**TABLE)
        await visitor.go(f"{root}/masuk")
        await visitor.fill("Nama pengguna", username)
        await visitor.fill("Kata sandi", PASSWORD)
        await tap(walk, visitor, "Masuk")
        if username.startswith("app."):  # the answer to the password shows the code to scan; the form's page is another
            await visitor.at("Kode autentikator")
            await look(visitor.page, AXE_AT_A_DESK)
            form = visitor.page.locator(f"form[action^='{root}/masuk/']")
            assert await walk.open(visitor, await form.first.get_attribute("action"))
            continue
        if root == "/partner":
            await visitor.fill("Kode enam angka", await (await visitor.handset(user.nn_msisdn)).otp())
            await tap(walk, visitor, "Lanjut")
            await walk.around(visitor)
            await visitor.go("/partner/ketentuan")
            await tap(walk, visitor, "Setuju")
        await walk.around(visitor)
        await walk.open(visitor, f"{root}/tidak-ada", status=404)


async def test_every_page_on_the_way_in(operator: Operator, browse: Browse) -> None:
    walk, number, other = Walk(), await operator.stage.number(), await operator.stage.number()
    await anybody(walk, await browse())
    visitor = await browse()
    await applicant(walk, visitor, await visitor.handset(number), number, other)
    await newcomer(walk, await browse(), await operator.newcomer())
    await forgetful(walk, await browse(), await operator.seller())
    await at_the_doors(walk, browse, operator)
    assert set(walk.pages) - walk.seen == set(), "opened in no state"
