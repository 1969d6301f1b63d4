"""From nothing to the first sale: apply, recommend, approve, SMS, log-in, change, OTP, accept, PIN, sell. Issue: the channel."""

import re

import pytest
from playwright.async_api import expect
from tests.access.people import PASSWORD
from tests.channel.onboarding.desk import nik, photo
from tests.e2e.clerk import OFFICE, PARTNER, Clerk
from tests.e2e.conftest import Browse
from tests.e2e.served import Operator, Person
from tests.e2e.visitor import NEW_PASSWORD, NEW_PIN, Handset, Visitor

from konter.access.queries.names import read_named
from konter.access.staff.add import NewStaff, add_staff
from konter.channel.territory.read import default_partners
from konter.platform.audit import SYSTEM
from konter.platform.ids import Msisdn, UserId
from konter.subscriber.msisdn import masked, national

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PHONES = pytest.mark.parametrize("script", [False], ids=["no script"])  # the main job is driven both ways
PLACE, DISTRICT, OUTLET = "Coblong", "32.73.02", "Warung Melati"
DESK = {"width": 1366, "height": 768}


async def apply(visitor: Visitor, handset: Handset, number: Msisdn) -> None:
    """One thing per page, to the status."""
    await visitor.go("/outlet")
    await visitor.tap("Daftar jadi penjual", role="link")
    await visitor.at("Daftar jadi penjual")
    await visitor.look()
    await visitor.fill("Nomor Anda", "085612345678")
    await visitor.tap("Kirim kode")
    await visitor.sees("bukan nomor Nusantara Seluler")
    await visitor.fill("Nomor Anda", national(number))
    await visitor.tap("Kirim kode")
    await visitor.at("Kode OTP")
    await visitor.look()
    await visitor.sees(masked(number))
    await visitor.fill("Kode dari SMS", await handset.otp())
    await visitor.tap("Lanjut")

    await visitor.at("Siapa yang mendaftar")
    await visitor.look()
    await visitor.fill("Nama outlet atau nama jualan", OUTLET)
    await visitor.fill("Nama pemilik sesuai KTP", "Melati Contoh")
    await visitor.fill("NIK", nik())
    await visitor.tap("Lanjut")
    await visitor.at("Tempat berjualan")
    await visitor.look()
    await visitor.fill("Alamat", "Jl. Dago 1")
    await visitor.fill("Kecamatan", PLACE)
    await visitor.tap("Lanjut")
    await visitor.at("Nomor untuk berjualan")
    await visitor.look()
    await visitor.tap("Lanjut")
    await visitor.at("Foto KTP")
    await visitor.look()
    card = {"name": "ktp.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    await visitor.page.get_by_label("Ambil atau pilih foto").set_input_files(card)
    await visitor.tap("Lanjut")
    await visitor.at("Pernyataan")
    await visitor.look()
    await visitor.page.get_by_label(re.compile("Saya menyatakan")).check()
    await visitor.tap("Lanjut")
    await visitor.at("Periksa lalu kirim")
    await visitor.look()
    await visitor.sees(OUTLET, "************", "Coblong", "Pemilik")
    await visitor.tap("Kirim pengajuan")
    await visitor.at("Diperiksa mitra")
    await visitor.look()
    await visitor.sees("Jawaban paling lambat", "1818")


async def partner_of_the_place(operator: Operator, browse: Browse) -> Clerk:
    """An administrator of the partner that has the district, at the console."""
    async with operator.app.pool.acquire() as connection:
        partner_id = (await default_partners(connection, [DISTRICT], rules=operator.stage.rules))[DISTRICT]
    user = await operator.stage.partner_user(partner_id=partner_id)
    visitor = await browse(**DESK)
    clerk = Clerk(visitor, PARTNER)
    await clerk.enter_by_text(user, await visitor.handset(user.nn_msisdn))
    return clerk


async def branch(operator: Operator, browse: Browse, name: str) -> Clerk:
    """A member of staff who decides, with an authenticator app, in the office."""
    stage = operator.stage
    staff = NewStaff(
        username=name, name="Dewi Cabang", roles=("branch",), password_hash=await stage.passwords.hash(PASSWORD)
    )
    async with operator.app.pool.acquire() as connection:
        await add_staff(connection, [staff], actor=SYSTEM, now=stage.now, ids=stage.ids)
    clerk = Clerk(await browse(**DESK), OFFICE)
    await clerk.enter_by_app(name, operator.app.clock)
    return clerk


async def recommend(clerk: Clerk) -> None:
    """The partner opens whom it is about, which is written down, and says yes."""
    visitor = clerk.visitor
    await clerk.open_application(OUTLET)
    await visitor.sees("************")
    await visitor.look()
    await visitor.tap("Buka identitas dan foto", role="link")
    await visitor.sees("Identitas terbuka. Ini dicatat.", "Melati Contoh")
    picture = visitor.page.get_by_role("img", name="Foto yang dikirim pemohon")
    assert await picture.evaluate("async e => { await e.decode(); return e.naturalWidth; }") > 0, "the photo is seen"
    await clerk.act("Dukung permohonan", label="Catatan untuk cabang", text="Tempatnya ada.")
    await visitor.sees("Pendapat Anda dicatat", "menunggu cabang")


async def approve(clerk: Clerk) -> None:
    """The branch approves; the same page in another tab is told that it is too late."""
    visitor = clerk.visitor
    await clerk.open_application(OUTLET)
    await visitor.sees("Tempatnya ada.")
    await visitor.look()
    late = await visitor.page.context.new_page()
    await late.goto(visitor.page.url)
    await clerk.act("Setujui permohonan")
    await visitor.sees("Disetujui. Outlet dibuka", "disetujui")
    await visitor.look()
    await late.get_by_role("button", name="Setujui permohonan", exact=True).click()
    await expect(late.get_by_role("alert")).to_contain_text("sudah")
    await late.close()


async def first_steps(visitor: Visitor, handset: Handset, text: str) -> str:
    """User name and password from the SMS, then one page after the other; returns the user name."""
    username, initial = re.search(r"Username (\S+), kata sandi (\S+),", text).groups()
    await visitor.go("/outlet/masuk")
    await visitor.fill("Nama pengguna", username)
    await visitor.fill("Kata sandi", initial)
    await visitor.tap("Masuk")
    await visitor.fill("Kode dari SMS", await handset.otp())
    await visitor.tap("Lanjut")
    await visitor.at("Ganti kata sandi")
    await visitor.fill("Kata sandi awal", initial)
    await visitor.fill("Kata sandi baru", NEW_PASSWORD)
    await visitor.fill("Ulangi kata sandi baru", NEW_PASSWORD)
    await visitor.tap("Simpan")
    await visitor.at("Syarat penggunaan")
    await visitor.tap("Setuju")
    await visitor.at("Buat PIN transaksi")
    await visitor.fill("PIN baru", NEW_PIN)
    await visitor.fill("Ulangi PIN baru", NEW_PIN)
    await visitor.tap("Simpan PIN")
    await visitor.sees("PIN sudah disimpan.")
    return username


@PHONES
@pytest.mark.requirement(
    "D-02", "D-03", "D-05", "D-06", "D-07", "D-23", "D-56", "D-59", "D-75", "D-82", "D-103", "G-D09"
)
async def test_from_nothing_to_the_first_sale(operator: Operator, browse: Browse, *, script: bool) -> None:
    visitor, other = await browse(script=script), await browse(script=script)
    number, customer = await operator.stage.number(), await operator.customer()
    handset = await other.handset(number)
    await apply(visitor, handset, number)
    assert "sudah kami terima" in await handset.next_text("Pengajuan outlet")
    await recommend(await partner_of_the_place(operator, browse))
    await approve(await branch(operator, browse, f"cabang.{number % 10**6}"))
    await visitor.go("/apply/status")
    await visitor.at("Disetujui")
    await visitor.look()
    username = await first_steps(visitor, handset, await handset.next_text("Selamat"))

    async with operator.app.pool.acquire() as connection:
        named = await read_named(connection, username)
    user = await operator.stage.reread(UserId(named.user_id))
    await operator._fund(user, 1_000_000)
    await visitor.sell(Person(user=user, password=NEW_PASSWORD, pin=NEW_PIN), customer)
    assert await operator.sales_of(Person(user=user)) == 1
    assert "BERHASIL" in await handset.next_text("BERHASIL")


async def test_what_anybody_may_read(operator: Operator, browse: Browse) -> None:
    visitor = await browse()
    for path, title in (("/install", "Pasang aplikasi"), ("/produk", "Berjualan pulsa dan paket")):
        await visitor.go(path)
        await visitor.at(title)
        await visitor.look()
    await visitor.page.get_by_text("Mengapa perlu foto KTP?").click()
    await visitor.sees("setiap kali dilihat dicatat")
