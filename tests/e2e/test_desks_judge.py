"""What a desk says no to, in a browser: a rejection with its reason, one's own application, and a list page by page."""

import re

import pytest
from playwright.async_api import expect
from tests.access.people import PASSWORD
from tests.channel.onboarding.desk import Desk, nik
from tests.channel.territory.ground import Ground
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.visitor import Handset, Visitor

from konter.access.staff.add import NewStaff, add_staff
from konter.channel.onboarding.fill import Declaration, Filled, Where, WhichNumbers, Who
from konter.channel.onboarding.proof.model import ProofStarted
from konter.channel.onboarding.start import Opened
from konter.channel.territory.read import default_partners
from konter.platform.audit import SYSTEM
from konter.platform.ids import ApplicationId, Msisdn

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
TABLE = {"width": 1366, "height": 768}
DISTRICT = "32.73.02"  # where a partner of the demo works
PAGE_ROWS = 50


async def applicants(operator: Operator) -> Desk:
    """Applicants in that district, for its partner and the branch over it."""
    ground = Ground(operator.stage)
    async with operator.app.pool.acquire() as connection:
        found = await default_partners(connection, [DISTRICT], rules=operator.stage.rules)
    ground.mine = found[DISTRICT]
    return Desk(ground, operator.app.photos)


async def sent_here(desk: Desk, handset: Handset, number: Msisdn, outlet: str) -> ApplicationId:
    """An application for a shop in that district, under way to the partner. The code is read on the handset, as the
    worker wipes it from the outbox."""
    asked = await desk.ask(number)
    assert isinstance(asked, ProofStarted), asked
    opened = await desk.enter(asked.proof_id, await handset.otp())
    assert isinstance(opened, Opened), opened
    steps: list[Filled] = [
        Who(kind="outlet", outlet_name=outlet, owner_name="Sari Contoh", nik=nik()),
        Where(address="Jl. Dago 2", district=DISTRICT),
        WhichNumbers(rs=number, nn=number),
        Declaration(signatory="Sari Contoh", capacity="owner", declared=True),
    ]
    for step in steps:
        assert await desk.save(opened.token, step) == opened.application_id
    assert await desk.keep(opened.token) == opened.application_id
    assert await desk.send(opened.token) == opened.application_id
    return opened.application_id


async def come_in(visitor: Visitor, root: str, username: str) -> None:
    await visitor.go(f"{root}/masuk")
    await visitor.fill("Nama pengguna", username)
    await visitor.fill("Kata sandi", PASSWORD)
    await visitor.tap("Masuk")


async def at_work(visitor: Visitor) -> None:
    await expect(visitor.page.get_by_role("heading", name=re.compile("^Halo, "))).to_be_visible()


async def titled(visitor: Visitor, title: str) -> None:
    """On the page of a thing, whose title its badges follow."""
    await expect(visitor.page.get_by_role("heading", level=1)).to_contain_text(title)


async def branch(operator: Operator, browse: Browse) -> Visitor:
    """A member of staff of the branch, in the office, without an authenticator."""
    stage = operator.stage
    name = f"cabang.{await stage.number() % 10**6}"
    hashed = await stage.passwords.hash(PASSWORD)
    staff = NewStaff(username=name, name="Dewi Cabang", roles=("branch",), password_hash=hashed, totp_required=False)
    async with operator.app.pool.acquire() as connection:
        await add_staff(connection, [staff], actor=SYSTEM, now=stage.now, ids=stage.ids)
    visitor = await browse(**TABLE)
    await come_in(visitor, "/office", name)
    await at_work(visitor)
    return visitor


async def partner_user(operator: Operator, browse: Browse, desk: Desk) -> tuple[Visitor, Handset, Msisdn]:
    """An administrator of the partner at the console, and the number that is their own."""
    user = await operator.stage.partner_user(partner_id=desk.ground.mine)
    assert user.nn_msisdn is not None
    visitor = await browse(**TABLE)
    handset = await visitor.handset(user.nn_msisdn)
    await come_in(visitor, "/partner", user.username)
    await visitor.at("Kode OTP")
    await visitor.fill("Kode enam angka", await handset.otp())
    await visitor.tap("Lanjut")
    await at_work(visitor)
    return visitor, handset, user.nn_msisdn


async def act(visitor: Visitor, title: str, *, label: str = "", text: str = "") -> None:
    """One of the things that can be done on a page, with what it asks for."""
    box = visitor.page.locator(".desk-action").filter(has=visitor.page.get_by_text(title, exact=True))
    if label:
        await box.locator("summary").click()
        await box.get_by_label(label, exact=True).fill(text)
    await box.get_by_role("button", name=title, exact=True).click()


@pytest.mark.requirement("D-05")
async def test_the_branch_rejects_and_the_applicant_reads_why(operator: Operator, browse: Browse) -> None:
    desk, number = await applicants(operator), await operator.stage.number()
    visitor = await branch(operator, browse)
    handset = await visitor.handset(number)
    application_id = await sent_here(desk, handset, number, "Kios Tolak")
    await visitor.go("/office/permohonan?status=submitted")
    await visitor.tap(f"FP-{application_id}", role="link")
    await titled(visitor, "Kios Tolak")
    assert not re.search(r"\b(application|inactivity)\.[a-z_]+", await visitor.text()), "a story in words"
    title, label, reason = "Tolak permohonan", "Alasan untuk pemohon", "Fotonya buram."
    await act(visitor, title, label=label)
    box = visitor.page.get_by_label(label, exact=True)
    assert await box.evaluate("e => e.validity.valueMissing"), "nobody is rejected without a reason"
    assert await desk.state(application_id) == "submitted"
    late = await visitor.page.context.new_page()
    await late.goto(visitor.page.url)
    await box.fill(reason)
    await visitor.tap(title)
    await visitor.sees("Ditolak. Pemohon membaca alasannya.", "ditolak", reason)
    assert reason in await handset.next_text("tidak disetujui")

    again = Visitor(late, visitor.address, script=True)
    await act(again, title, label=label, text="Sekali lagi.")
    await expect(late.get_by_role("alert")).to_contain_text("sudah")
    assert (await desk.read(application_id)).reason == reason, "the first answer stands"
    await late.close()


@pytest.mark.requirement("G-D09")
async def test_nobody_recommends_an_application_of_their_own(operator: Operator, browse: Browse) -> None:
    desk = await applicants(operator)
    visitor, handset, own = await partner_user(operator, browse, desk)
    application_id = await sent_here(desk, handset, own, "Kios Sendiri")
    await visitor.go(f"/partner/permohonan/{application_id}")
    await titled(visitor, "Kios Sendiri")
    await act(visitor, "Dukung permohonan", label="Catatan untuk cabang", text="Saya kenal.")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("menyangkut Anda sendiri")
    assert await desk.state(application_id) == "submitted"
    await visitor.page.get_by_role("alert").get_by_role("link").click()
    await titled(visitor, "Kios Sendiri")


async def test_a_list_is_read_page_by_page_and_back(operator: Operator, browse: Browse) -> None:
    for _ in range(PAGE_ROWS + 1):
        await operator.stage.outlet(name="Kios Halaman")
    visitor = await branch(operator, browse)
    page = visitor.page
    await visitor.go("/office/outlet?cari=Kios+Halaman")
    rows = page.locator("#outlets tbody tr")
    await expect(rows).to_have_count(PAGE_ROWS)
    await page.get_by_role("link", name="Berikutnya").click()
    await expect(page.get_by_role("link", name="Ke awal")).to_be_visible()
    assert await rows.count() >= 1
    await page.go_back()
    await expect(rows).to_have_count(PAGE_ROWS)
