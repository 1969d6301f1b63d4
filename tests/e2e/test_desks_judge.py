"""What a desk says no to, in a browser: a rejection with its reason, one's own application, and a list page by page."""

import re

import pytest
from playwright.async_api import expect
from tests.channel.onboarding.desk import Desk, nik
from tests.channel.territory.ground import Ground
from tests.e2e.clerk import OFFICE, PARTNER, Clerk
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator
from tests.e2e.visitor import Handset, Visitor

from konter.access.proofs.model import ProofStarted
from konter.channel.onboarding.fill import Declaration, Filled, Where, WhichNumbers, Who
from konter.channel.onboarding.start import Opened
from konter.channel.territory.read import default_partners
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


async def titled(visitor: Visitor, title: str) -> None:
    """On the page of a thing, whose title its badges follow."""
    await expect(visitor.page.get_by_role("heading", level=1)).to_contain_text(title)


async def branch(operator: Operator, browse: Browse) -> Clerk:
    """A member of staff of the branch, in the office, without an authenticator."""
    clerk = Clerk(await browse(**TABLE), OFFICE)
    await clerk.enter(await operator.member("branch"))
    return clerk


async def partner_user(operator: Operator, browse: Browse, desk: Desk) -> tuple[Clerk, Handset, Msisdn]:
    """An administrator of the partner at the console, and the number that is their own."""
    user = await operator.stage.partner_user(partner_id=desk.ground.mine)
    assert user.nn_msisdn is not None
    clerk = Clerk(await browse(**TABLE), PARTNER)
    handset = await clerk.visitor.handset(user.nn_msisdn)
    await clerk.enter_by_text(user, handset)
    return clerk, handset, user.nn_msisdn


@pytest.mark.requirement("D-05")
async def test_the_branch_rejects_and_the_applicant_reads_why(operator: Operator, browse: Browse) -> None:
    desk, number = await applicants(operator), await operator.stage.number()
    clerk = await branch(operator, browse)
    visitor = clerk.visitor
    handset = await visitor.handset(number)
    application_id = await sent_here(desk, handset, number, "Kios Tolak")
    await visitor.go("/office/permohonan?status=submitted")
    await visitor.tap(f"FP-{application_id}", role="link")
    await titled(visitor, "Kios Tolak")
    assert not re.search(r"\b(application|inactivity)\.[a-z_]+", await visitor.text()), "a story in words"
    title, label, reason = "Tolak permohonan", "Alasan untuk pemohon", "Fotonya buram."
    await clerk.act(title, label=label)
    box = visitor.page.get_by_label(label, exact=True)
    assert await box.evaluate("e => e.validity.valueMissing"), "nobody is rejected without a reason"
    assert await desk.state(application_id) == "submitted"
    late = await visitor.page.context.new_page()
    await late.goto(visitor.page.url)
    await box.fill(reason)
    await visitor.tap(title)
    await visitor.sees("Ditolak. Pemohon membaca alasannya.", "ditolak", reason)
    assert reason in await handset.next_text("tidak disetujui")

    again = Clerk(Visitor(late, visitor.address, script=True), OFFICE)
    await again.act(title, label=label, text="Sekali lagi.")
    await expect(late.get_by_role("alert")).to_contain_text("sudah")
    assert (await desk.read(application_id)).reason == reason, "the first answer stands"
    await late.close()


@pytest.mark.requirement("G-D09")
async def test_nobody_recommends_an_application_of_their_own(operator: Operator, browse: Browse) -> None:
    desk = await applicants(operator)
    clerk, handset, own = await partner_user(operator, browse, desk)
    visitor = clerk.visitor
    application_id = await sent_here(desk, handset, own, "Kios Sendiri")
    await visitor.go(f"/partner/permohonan/{application_id}")
    await titled(visitor, "Kios Sendiri")
    await clerk.act("Dukung permohonan", label="Catatan untuk cabang", text="Saya kenal.")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("menyangkut Anda sendiri")
    assert await desk.state(application_id) == "submitted"
    await visitor.page.get_by_role("alert").get_by_role("link").click()
    await titled(visitor, "Kios Sendiri")


async def test_a_list_is_read_page_by_page_and_back(operator: Operator, browse: Browse) -> None:
    for _ in range(PAGE_ROWS + 1):
        await operator.stage.outlet(name="Kios Halaman")
    clerk = await branch(operator, browse)
    page = clerk.page
    await clerk.visitor.go("/office/outlet?cari=Kios+Halaman")
    rows = page.locator("#outlets tbody tr")
    await expect(rows).to_have_count(PAGE_ROWS)
    await page.get_by_role("link", name="Berikutnya").click()
    await expect(page.get_by_role("link", name="Ke awal")).to_be_visible()
    assert await rows.count() >= 1
    await page.go_back()
    await expect(rows).to_have_count(PAGE_ROWS)
