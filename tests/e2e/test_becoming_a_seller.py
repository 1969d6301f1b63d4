"""From nothing to the first sale: apply, recommend, approve, SMS, log-in, change, OTP, accept, PIN, sell. Issue: the channel."""

import re

import httpx
import pytest
from tests.access.people import PASSWORD
from tests.channel.onboarding.desk import nik, photo
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
PLACE, DISTRICT = "Coblong", "32.73.02"


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
    await visitor.fill("Nama outlet atau nama jualan", "Warung Melati")
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
    await visitor.sees("Warung Melati", "************", "Coblong", "Pemilik")
    await visitor.tap("Kirim pengajuan")
    await visitor.at("Diperiksa mitra")
    await visitor.look()
    await visitor.sees("Jawaban paling lambat", "1818")


async def judge(operator: Operator, name: str) -> None:
    """The partner of the place and the branch, over the API."""
    stage = operator.stage
    async with operator.app.pool.acquire() as connection:
        partner_id = (await default_partners(connection, [DISTRICT], rules=stage.rules))[DISTRICT]
        staff = NewStaff(
            username=name,
            name="Dewi Cabang",
            roles=("branch",),
            password_hash=await stage.passwords.hash(PASSWORD),
            totp_required=False,
        )
        await add_staff(connection, [staff], actor=SYSTEM, now=stage.now, ids=stage.ids)
    partner = await stage.partner_user(partner_id=partner_id)
    async with httpx.AsyncClient(base_url=f"{operator.address}/api/v1") as http:
        login = (await http.post("/login", json={"username": partner.username, "password": PASSWORD})).json()
        code = await otp_of(operator, partner.nn_msisdn)
        token = (await http.post(f"/login/{login['login_id']}/otp", json={"code": code})).json()["token"]
        as_partner = {"Authorization": f"Bearer {token}"}
        queue = (await http.get("/applications", headers=as_partner)).json()
        mine = next(line for line in queue["items"] if line["outlet_name"] == "Warung Melati")
        path = f"/applications/{mine['id']}"
        said = await http.post(f"{path}/recommendation", json={"supports": True, "note": "Ada."}, headers=as_partner)
        assert said.status_code == 200, said.text
        token = (await http.post("/login", json={"username": name, "password": PASSWORD})).json()["token"]
        as_branch = {"Authorization": f"Bearer {token}"}
        judged = await http.post(f"{path}/decision", json={"approve": True}, headers=as_branch)
        assert judged.status_code == 200, judged.text


async def otp_of(operator: Operator, number: Msisdn) -> str:
    """The last OTP on a handset."""
    async with httpx.AsyncClient(base_url=operator.address) as http:
        for _ in range(100):
            messages = (await http.get(f"/simulator/handsets/{number}/messages")).json()["messages"]
            if codes := [found[1] for each in messages if (found := re.search(r"OTP Anda (\d{6})", each["text"]))]:
                return codes[-1]
    raise AssertionError("no OTP")


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
    await judge(operator, f"cabang.{'s' if script else 'n'}{number % 10**6}")
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
