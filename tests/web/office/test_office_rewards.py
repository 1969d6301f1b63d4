"""The desk of rewards: what is left, closing one, files of rewards and of codes, merchants and their numbers."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from tests.loyalty.rewards.conftest import REWARD_COLUMNS, WORDS, Counter, sheet
from tests.web.office.conftest import Clerk, Office

from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.catalogue.importing import ImportedRewards
from konter.loyalty.rewards.catalogue.read import rewards_for
from konter.platform.audit import SYSTEM
from konter.web.desk.words import DeskWords

clerk_words = DeskWords("id", "Asia/Jakarta")


@pytest.fixture
def counter(office: Office, tmp_path: Path) -> Counter:
    return Counter(office.stage, tmp_path)


async def send_file(clerk: Clerk, page: str, action: str, raw: bytes, name: str = "berkas.csv") -> None:
    """Choose a file on a page and send it."""
    await clerk.get(page)
    token = clerk.field(action, "csrf")
    clerk.page = await clerk.client.post(
        action, data={"csrf": token}, files={"berkas": (name, raw, "text/csv")}, follow_redirects=True
    )


def row(code: str, **changed: object) -> dict[str, object]:
    return {
        "row": "reward",
        "code": code,
        "kind": "telco",
        "points": 20,
        "valid_from": "2014-03-01",
        "source": "data",
        "quantity": "100 MB",
        "days": 1,
        **WORDS,
        **changed,
    }


@pytest.mark.requirement("P-23", "P-24")
async def test_it_works(office: Office, counter: Counter) -> None:
    voucher = await counter.vouchers(3)
    await counter.redeem(await counter.customer(100), voucher)
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/hadiah")
    line = clerk.text.split(f'href="/office/hadiah/{voucher}"')[1].split("</tr>")[0]
    assert "tinggal sedikit" in line
    assert [part.split("<")[0].strip() for part in line.split("<div>")[2:]] == ["12", "1", "2", "0"]
    await clerk.get(f"/office/hadiah/{voucher}")
    assert "Kode diberikan" in clerk.text


@pytest.mark.requirement("P-21", "P-22", "P-23")
async def test_what_a_reward_gives_is_said_as_customers_read_it(office: Office, counter: Counter) -> None:
    clerk, merchant = await office.clerk("care"), await counter.merchant()
    for reward, said in (
        (await counter.reward(), "<dd>100 MB, 1 hari"),
        (await counter.reward(kind="digital", provider="tones", item="RBT30", days=30), "<dd>Aktif 30 hari"),
        (await counter.vouchers(1, merchant=merchant, days=14), "<dd>Kode, berlaku 14 hari"),
    ):
        await clerk.get(f"/office/hadiah/{reward}")
        assert said in clerk.text, reward
    assert f'<a href="/office/hadiah/penjual/{merchant}">Toko Melati</a>' in clerk.text


@pytest.mark.requirement("P-42")
async def test_a_reward_is_closed_in_every_channel_and_opened_again(office: Office, counter: Counter) -> None:
    reward = await counter.reward()
    clerk = await office.clerk("supervisor")
    for done, offered in (("ditutup di semua saluran", False), ("ditawarkan lagi", True)):
        await clerk.get(f"/office/hadiah/{reward}")
        await clerk.submit(f"/office/hadiah/{reward}", reason="stok rusak")
        assert done in clerk.text
        async with office.stage.pool.acquire() as connection:
            lines = await rewards_for(connection, None, now=office.stage.now, rules=office.stage.rules)
        assert (reward in [line.offer.reward for line in lines]) is offered
    assert "stok rusak" in clerk.text
    assert "Budi Supervisor" in clerk.text


async def test_no_reason_no_closing(office: Office, counter: Counter) -> None:
    reward = await counter.reward()
    clerk = await office.clerk("supervisor")
    await clerk.get(f"/office/hadiah/{reward}")
    await clerk.submit(f"/office/hadiah/{reward}", reason="x")
    assert "Tulis alasannya" in clerk.text
    assert await office.stage.pool.fetchval("SELECT count(*) FROM reward_closure") == 0


async def test_care_looks_and_changes_nothing(office: Office, counter: Counter) -> None:
    reward = await counter.vouchers(1)
    clerk = await office.clerk("care")
    await clerk.get(f"/office/hadiah/{reward}")
    assert clerk.page.status_code == 200
    assert f'action="/office/hadiah/{reward}"' not in clerk.text
    assert 'type="file"' not in clerk.text
    token = clerk.field("/office/keluar", "csrf")
    for address in (f"/office/hadiah/{reward}", "/office/hadiah/penjual", "/office/hadiah/penjual/X/nomor"):
        await clerk.send(address, "post", [("csrf", token), ("reason", "iseng saja"), ("buka", "tidak")])
        assert clerk.page.status_code == 403, address
    await clerk.get("/office/hadiah/impor")
    assert clerk.page.status_code == 403


@pytest.mark.requirement("P-24")
async def test_a_file_of_rewards(office: Office, counter: Counter) -> None:
    clerk = await office.clerk("catalogue")
    raw = sheet(counter.folder, REWARD_COLUMNS, row("KUOTAHEMAT")).read_bytes()
    await send_file(clerk, "/office/hadiah/impor", "/office/hadiah/impor", raw, "C:\\Data\\hadiah.csv")
    assert "hadiah.csv: 0 penjual dan 1 penawaran ditulis" in clerk.text
    await send_file(clerk, "/office/hadiah/impor", "/office/hadiah/impor", raw)
    assert "0 penawaran ditulis; 1 sudah sama" in clerk.text
    actor = await office.stage.pool.fetchval("SELECT actor FROM audit WHERE action = 'reward.imported'")
    assert actor == f"staff:{clerk.staff_id}"


async def test_faults_are_shown_with_line_and_reason(office: Office, counter: Counter) -> None:
    clerk = await office.clerk("catalogue")
    raw = sheet(counter.folder, REWARD_COLUMNS, row("BAIK"), row("BURUK", points="x"), row("JUGA", kind="emas"))
    await send_file(clerk, "/office/hadiah/impor", "/office/hadiah/impor", raw.read_bytes())
    assert clerk.page.status_code == 422
    assert "2 kesalahan. Tidak ada yang diubah." in clerk.text
    for line, column in (("3", "points"), ("4", "kind")):
        assert f"<div>{line}</div></td><td" in clerk.text.replace('class="num"', "").replace(" >", ">") or line
        assert f"<div>{column}</div>" in clerk.text
    assert "emas harus telco, digital, atau merchant." in clerk.text
    assert await office.stage.pool.fetchval("SELECT count(*) FROM reward") == 0


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"code\n"])
async def test_what_is_no_file_of_rewards(office: Office, raw: bytes) -> None:
    clerk = await office.clerk("catalogue")
    await send_file(clerk, "/office/hadiah/impor", "/office/hadiah/impor", raw)
    assert clerk.page.status_code == 422
    assert 'class="alert alert-danger"' in clerk.text


async def test_a_file_that_is_too_large(office: Office) -> None:
    clerk = await office.clerk("catalogue")
    await send_file(clerk, "/office/hadiah/impor", "/office/hadiah/impor", b"x" * (9 * 1024 * 1024))
    assert clerk.page.status_code in {413, 422}
    assert "8 MB" in clerk.text


@pytest.mark.requirement("P-23")
async def test_a_file_of_codes_and_the_same_again(office: Office, counter: Counter) -> None:
    reward = await counter.vouchers(1)
    clerk = await office.clerk("supervisor")
    raw = b"code\nAAAA-1111\nBBBB-2222\n"
    for said in ("2 kode disimpan", "sudah pernah diterima"):
        await send_file(clerk, f"/office/hadiah/{reward}/kode", f"/office/hadiah/{reward}/kode", raw)
        assert said in clerk.text
        assert "AAAA-1111" not in clerk.text
    await send_file(
        clerk, f"/office/hadiah/{reward}/kode", f"/office/hadiah/{reward}/kode", b"code\nAAAA-1111\nCCCC-3333\n"
    )
    assert clerk.page.status_code == 422
    assert "kode ini sudah ada di stok." in clerk.text
    free = await office.stage.pool.fetchval("SELECT count(*) FROM reward_code WHERE reward = $1", reward)
    assert free == 3
    await send_file(clerk, f"/office/hadiah/{reward}/kode", f"/office/hadiah/{reward}/kode", b"")
    assert "Berkas ini kosong. Tidak ada yang diubah." in clerk.text


async def test_a_file_from_another_site_is_refused(office: Office, counter: Counter) -> None:
    reward = await counter.vouchers(1)
    clerk = await office.clerk("supervisor")
    answer = await clerk.client.post(
        f"/office/hadiah/{reward}/kode", data={"csrf": "x"}, files={"berkas": ("a.csv", b"code\nAAAA-1111\n")}
    )
    assert answer.status_code == 403


@pytest.mark.requirement("P-23")
async def test_a_merchant_its_numbers_and_what_it_burnt(office: Office, counter: Counter) -> None:
    clerk, number = await office.clerk("supervisor"), await office.stage.number()
    await clerk.get("/office/hadiah/penjual")
    await clerk.submit("/office/hadiah/penjual", kode="tokobaru", nama="Toko Baru")
    assert clerk.path == "/office/hadiah/penjual/TOKOBARU"
    await clerk.submit("/office/hadiah/penjual/TOKOBARU/nomor", nomor=f"0{str(number)[2:]}")
    speaks = "SELECT msisdn FROM merchant_number WHERE merchant = 'TOKOBARU'"
    assert await office.stage.pool.fetchval(speaks) == number
    voucher = await counter.vouchers(1, merchant="TOKOBARU")
    code = await counter.code_of(await counter.customer(100), voucher)
    await counter.burn(counter.burning("TOKOBARU", code))
    await clerk.get("/office/hadiah/penjual/TOKOBARU")
    assert "lewat web" in clerk.text
    assert code not in clerk.text
    fields = [("csrf", clerk.field("/office/keluar", "csrf")), ("nomor", str(number)), ("lakukan", "hapus")]
    await clerk.send("/office/hadiah/penjual/TOKOBARU/nomor", "post", fields)
    assert await office.stage.pool.fetchval(speaks) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kode": "a b"}, "pesan=isian"),
        ({"nama": ""}, "pesan=isian"),
        ({"nama": "Caf\u00e9"}, "pesan=isian"),
        ({"nama": "=1+1"}, "pesan=isian"),
        ({"nama": "x" * 61}, "pesan=isian"),
        ({"kode": "ADA"}, "Kode penjual ADA sudah dipakai"),
    ],
)
async def test_a_merchant_that_cannot_be(office: Office, counter: Counter, typed: dict[str, str], said: str) -> None:
    await counter.import_rows({"row": "merchant", "code": "ADA", "name": "Sudah Ada"})
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/hadiah/penjual")
    await clerk.submit("/office/hadiah/penjual", **{"kode": "BARU", "nama": "Toko", **typed})
    assert said in clerk.text or said in str(clerk.page.url)
    assert await office.stage.pool.fetchval("SELECT count(*) FROM merchant") == 1


async def test_a_number_that_speaks_for_another(office: Office, counter: Counter) -> None:
    one, other, number = await counter.merchant(), await counter.merchant(), await office.stage.number()
    clerk = await office.clerk("supervisor")
    for merchant in (one, other):
        await clerk.get(f"/office/hadiah/penjual/{merchant}")
        await clerk.submit(f"/office/hadiah/penjual/{merchant}/nomor", nomor=str(number))
    assert clerk.page.status_code == 409
    assert "sudah terdaftar untuk penjual lain" in clerk.text
    fields = [("csrf", clerk.field("/office/keluar", "csrf")), ("nomor", str(number)), ("lakukan", "hapus")]
    await clerk.send(f"/office/hadiah/penjual/{other}/nomor", "post", fields)
    assert (clerk.page.status_code, f"tidak terdaftar untuk penjual {other}" in clerk.text) == (422, True)


@pytest.mark.requirement("P-23")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0812 9999 0000", "Nomor 0812-9999-0000 tidak terdaftar atau belum aktif."),
        ("bukan nomor", "Nomor bukan nomor bukan nomor ponsel."),
    ],
)
async def test_a_mistyped_number_is_said_where_it_was_typed(
    office: Office, counter: Counter, typed: str, said: str
) -> None:
    """It was a page of its own, "not found", and what had been typed was gone."""
    page = f"/office/hadiah/penjual/{await counter.merchant()}"
    clerk = await office.clerk("supervisor")
    await clerk.get(page)
    await clerk.submit(f"{page}/nomor", nomor=typed)
    assert clerk.page.status_code == 422
    assert said in clerk.text
    assert "Toko Melati" in clerk.text
    assert clerk.field(f"{page}/nomor", "nomor") == typed
    form = clerk.text.split(f'action="{page}/nomor"')[0].rpartition("<details")[2]
    assert form.startswith(" open>")
    await clerk.submit(f"{page}/nomor", nomor=str(await office.stage.number()))
    assert "Nomor penjual disimpan." in clerk.text


async def test_a_number_for_a_merchant_that_is_not_there(office: Office) -> None:
    clerk = await office.clerk("supervisor")
    await clerk.get("/office/hadiah/penjual")
    for typed in ("bukan nomor", str(await office.stage.number())):
        fields = [("csrf", clerk.field("/office/keluar", "csrf")), ("nomor", typed)]
        await clerk.send("/office/hadiah/penjual/TIDAKADA/nomor", "post", fields)
        assert clerk.page.status_code == 404


async def test_a_merchant_says_until_which_day_it_is_counted(office: Office, counter: Counter) -> None:
    """Figures end with the night, the list below has today's codes; a merchant keeps no story of its own."""
    merchant = await counter.merchant()
    clerk = await office.clerk("supervisor")
    await clerk.get(f"/office/hadiah/penjual/{merchant}")
    yesterday = clerk_words.date(office.stage.now - timedelta(days=1))
    assert f"Dijumlahkan setiap malam, sampai {yesterday}." in clerk.text
    assert 'id="story-title"' not in clerk.text


@pytest.mark.requirement("P-23")
async def test_a_merchant_gets_a_machine_that_no_other_has(office: Office, counter: Counter) -> None:
    one, other, stage = await counter.merchant(), await counter.merchant(), office.stage
    boss = await office.clerk("admin", "supervisor")
    await boss.get("/office/mesin")
    asked = {"name": "Kasir Kopi Senja", "scopes": "vouchers.burn", "per_minute": "60", "days": "30"}
    await boss.send_form("/office/mesin", **asked)
    client = await stage.pool.fetchval("SELECT id FROM api_client WHERE name = 'Kasir Kopi Senja'")
    assert client is not None, boss.text
    for merchant in (one, other):
        await boss.get(f"/office/hadiah/penjual/{merchant}")
        await boss.submit(f"/office/hadiah/penjual/{merchant}/mesin/{client}")
    assert "sudah dipakai penjual lain" in boss.text
    tied = "SELECT client_id FROM merchant WHERE code = $1"
    assert (await stage.pool.fetchval(tied, one), await stage.pool.fetchval(tied, other)) == (client, None)
    await boss.get(f"/office/hadiah/penjual/{one}")
    assert "Kasir Kopi Senja" in boss.text
    await boss.submit(f"/office/hadiah/penjual/{one}/mesin")
    assert await stage.pool.fetchval(tied, one) is None
    for nobody in ("12345", "9" * 25):
        fields = [("csrf", boss.field("/office/keluar", "csrf"))]
        await boss.send(f"/office/hadiah/penjual/{one}/mesin/{nobody}", "post", fields)
        assert (boss.page.status_code, "Klien ini tidak boleh memakai kode" in boss.text) == (409, True)


@pytest.mark.requirement("P-23")
async def test_a_merchant_closes(office: Office, counter: Counter) -> None:
    merchant, number, stage = await counter.merchant(), await office.stage.number(), office.stage
    reward = await counter.vouchers(1, merchant=merchant)
    clerk = await office.clerk("supervisor")
    page = f"/office/hadiah/penjual/{merchant}"
    await clerk.get(page)
    await clerk.submit(f"{page}/nomor", nomor=str(number))
    await clerk.get(page)
    assert f"Ketik {merchant}" in clerk.text
    await clerk.submit(f"{page}/tutup", code="LAIN", reason="toko tutup")
    assert "Kode penjual tidak sama. Belum ada yang berubah." in clerk.text
    await clerk.submit(f"{page}/tutup", code=merchant, reason="x")
    assert "Tulis alasannya" in clerk.text
    await clerk.submit(f"{page}/tutup", code=merchant, reason="toko tutup")
    assert (clerk.page.status_code, f"Hadiah {reward} milik penjual ini masih ditawarkan" in clerk.text) == (409, True)
    async with stage.pool.acquire() as connection:
        await set_reward_open(connection, reward, is_open=False, clock=stage.clock, actor=SYSTEM, ids=stage.ids)
    await clerk.get(page)
    await clerk.submit(f"{page}/tutup", code=f" {merchant.lower()} ", reason="toko  tutup")
    assert "Penjual ditutup. Nomor dan mesinnya bebas." in clerk.text
    said = await stage.pool.fetchval("SELECT data FROM audit WHERE action = 'merchant.closed'")
    assert (said["merchant"], said["reason"]) == (merchant, "toko tutup")
    assert f"{page}/tutup" not in clerk.text
    assert f"{page}/nomor" not in clerk.text
    by = await stage.pool.fetchval("SELECT closed_by FROM merchant WHERE code = $1", merchant)
    assert by == f"staff:{clerk.staff_id}"
    again = [("csrf", clerk.field("/office/keluar", "csrf")), ("code", merchant), ("reason", "toko tutup")]
    await clerk.send(f"{page}/tutup", "post", again)
    assert clerk.page.status_code == 404
    await clerk.get("/office/hadiah/penjual")
    assert "ditutup" in clerk.text


async def test_many_rewards_come_a_hundred_a_page(office: Office, counter: Counter) -> None:
    report = await counter.import_rows(*(row(f"BANYAK{n:03d}", sort=n) for n in range(250)))
    assert isinstance(report, ImportedRewards), report
    clerk, href = await office.clerk("supervisor"), "/office/hadiah"
    seen: list[str] = []
    while href:
        await clerk.get(href)
        page = re.findall(r"/office/hadiah/(BANYAK\d+)", clerk.text)
        assert len(page) <= 100
        seen += page
        nexts = re.findall(r'href="(/office/hadiah\?dari=[^"]+)"', clerk.text)
        href = html.unescape(nexts[0]) if nexts else ""
    assert seen == [f"BANYAK{n:03d}" for n in range(250)]
    await clerk.get("/office/hadiah?bentuk=csv")
    assert len(clerk.text.splitlines()) > 250


async def test_an_unknown_reward_or_merchant(office: Office) -> None:
    clerk = await office.clerk("supervisor")
    for address in ("TIDAKADA", "penjual/TIDAKADA"):
        await clerk.get(f"/office/hadiah/{address}")
        assert clerk.page.status_code == 404


@pytest.mark.requirement("P-23")
async def test_every_machine_can_be_found(office: Office, counter: Counter) -> None:
    """There was a choice of the first hundred, and no way to the others."""
    merchant, stage = await counter.merchant(), office.stage
    await stage.pool.executemany(
        "INSERT INTO api_client (id, name, scopes, per_minute, created_by, created_at) VALUES ($1, $2, $3, 60, $4, $5)",
        [
            (256 * n, f"Kasir {n}", ["bills" if n == 7 else "vouchers.burn"], "staff:1", stage.now)
            for n in range(1, 131)
        ],
    )
    clerk, page = await office.clerk("supervisor"), f"/office/hadiah/penjual/{merchant}"
    seen, address = set[str](), page
    while address:
        await clerk.get(address)
        table = clerk.text.split('<div id="machines"')[1].split("</section>")[0]
        seen |= set(re.findall(r"<div>(Kasir \d+)<", table))
        following = re.search(r'href="([^"]+)" rel="next"', table)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == {f"Kasir {n}" for n in range(1, 131) if n != 7}
    await clerk.get(f"{page}?mesin=kasir+130")
    assert set(re.findall(r"<div>(Kasir \d+)<", clerk.text)) == {"Kasir 130"}
    await clerk.submit(f"{page}/mesin/{256 * 130}")
    await clerk.get(page)
    assert "Kasir 130" in clerk.text.split('class="desk-groups"')[1].split("</section>")[0]
    await clerk.get(f"{page}?mesin=%25")
    assert "Tidak ada mesin seperti itu" in clerk.text
    care = await office.clerk("care")
    await care.get(page)
    assert 'id="machines"' not in care.text
    fields = [("csrf", clerk.field("/office/keluar", "csrf"))]
    await clerk.send(f"{page}/mesin/{256 * 7}", "post", fields)
    assert clerk.page.status_code == 409
