"""The office's pages for access: proposals, blacklist, accounts of staff, machines, other people's sessions."""

import re

import pytest
from tests.access.people import code_of
from tests.sales.checking.test_unusual import set_rule
from tests.web.office.conftest import Clerk, Office

NIK = "3273014107900001"
PLACES = ("/office/usulan", "/office/daftar-hitam", "/office/petugas", "/office/mesin")


async def propose_account(admin: Clerk, login: str = "rani.care") -> str:
    await admin.get("/office/petugas")
    fields = [("csrf", dict(admin.form("/office/petugas")["fields"])["csrf"]), ("login", login), ("name", "Rani")]
    fields += [("roles", "care"), ("roles", "finance"), ("area", "JBJB"), ("reason", "petugas baru")]
    await admin.send("/office/petugas", "post", fields)
    assert "menunggu petugas lain" in admin.text, admin.text
    return admin.path


async def bar(compliance: Clerk, *, value: str = NIK, kind: str = "nik") -> None:
    await compliance.get("/office/daftar-hitam")
    csrf = dict(compliance.form("/office/daftar-hitam/cari")["fields"])["csrf"]
    typed = {"kind": kind, "value": value, "reason": "voucher palsu", "evidence": "berita acara 12"}
    await compliance.send("/office/daftar-hitam", "post", [("csrf", csrf), *typed.items()])


async def test_an_account_is_proposed_and_another_approves(office: Office) -> None:
    admin, compliance = await office.clerk("admin"), await office.clerk("compliance")
    where = await propose_account(admin)
    assert "Petugas lain yang harus memutuskan" in admin.text  # shown, not decidable
    await compliance.get("/office")
    assert "Usulan empat mata" in compliance.text
    await compliance.get("/office/usulan")
    assert "Rani" in compliance.text
    await compliance.get(where)
    await compliance.submit(where, why="ok")
    assert "Tulis alasannya" in compliance.text
    await compliance.submit(where, why="sesuai surat tugas")
    assert "hanya tampil sekali" in compliance.text
    word = re.search(r"Kata sandi</dt><dd>([^<]+)<", compliance.text)
    assert word
    await compliance.get(where)
    assert word[1] not in compliance.text
    assert "disetujui" in compliance.text
    await admin.get("/office/petugas")
    assert "rani.care" in admin.text


async def test_nobody_posts_a_decision_on_the_own_proposal(office: Office) -> None:
    admin = await office.clerk("admin")
    where = await propose_account(admin)
    csrf = dict(admin.form("/office/keluar")["fields"])["csrf"]
    await admin.send(where, "post", [("csrf", csrf), ("setuju", "ya"), ("why", "saya sendiri")])
    assert admin.page.status_code == 403
    assert await office.stage.pool.fetchval("SELECT state FROM proposal") == "waiting"


async def test_a_proposal_is_rejected_with_a_reason(office: Office) -> None:
    admin, other = await office.clerk("admin"), await office.clerk("admin")
    where = await propose_account(admin)
    await other.get(where)
    csrf = dict(other.form(where)["fields"])["csrf"]
    await other.send(where, "post", [("csrf", csrf), ("setuju", "tidak"), ("why", "belum ada surat tugas")])
    row = await office.stage.pool.fetchrow("SELECT state, decided_why FROM proposal")
    assert tuple(row) == ("rejected", "belum ada surat tugas")


@pytest.mark.requirement("D-96")
async def test_the_blacklist_is_kept_searched_and_lifted_by_two(office: Office) -> None:
    one, other = await office.clerk("compliance"), await office.clerk("compliance")
    await bar(one)
    assert "Masuk daftar hitam." in one.text
    assert NIK not in one.text
    await bar(one)
    assert one.page.status_code == 409
    await one.get("/office/daftar-hitam")
    await one.submit("/office/daftar-hitam/cari", value="3273.0141.0790.0001")
    assert "voucher palsu" in one.text
    assert NIK not in one.text + str(one.page.url)
    entry = re.search(r'href="(/office/daftar-hitam/\d+)"', one.text)
    assert entry
    await one.get(entry[1])
    await one.submit(f"{entry[1]}/cabut", reason="keliru orang")
    where = one.path
    await other.get(where)
    await other.submit(where, why="bukti diperiksa ulang")
    await other.get(entry[1])
    assert "sudah dicabut" in other.text
    await other.get("/office/daftar-hitam")
    assert "Daftar hitam kosong." in other.text


@pytest.mark.requirement("D-96")
async def test_a_supervisor_looks_and_adds_nothing(office: Office) -> None:
    supervisor = await office.clerk("supervisor")
    await bar(supervisor)
    assert supervisor.page.status_code == 404
    assert not await office.stage.pool.fetchval("SELECT count(*) FROM blacklist")
    await supervisor.get("/office/daftar-hitam")
    await supervisor.submit("/office/daftar-hitam/cari", kind="rs", value="123")
    assert supervisor.page.status_code == 422


async def test_a_machine_is_let_in_and_shut_out(office: Office) -> None:
    admin = await office.clerk("admin")
    await admin.get("/office/mesin")
    csrf = dict(admin.form("/office/mesin")["fields"])["csrf"]
    typed = {"csrf": csrf, "name": "Pusat panggilan", "scopes": "phones.report", "per_minute": "60", "days": "30"}
    await admin.send("/office/mesin", "post", [*{**typed, "days": "0"}.items()])
    assert "di luar batas" in admin.text
    await admin.send("/office/mesin", "post", [*typed.items()])
    key = re.search(r"Bearer (kk_[\w-]+)", admin.text)
    assert 'id="story-title"' not in admin.text
    assert key
    assert "hanya tampil sekali" in admin.text
    client = re.search(r'href="(/office/mesin/\d+)"', admin.text)
    assert client
    await admin.get(client[1])
    assert key[1] not in admin.text
    await admin.send(f"{client[1]}/kunci", "post", [("csrf", csrf), ("days", "30")])
    assert "kk_" in admin.text
    await admin.get(client[1])
    revoke = re.search(r'action="(/office/mesin/\d+/kunci/\d+/cabut)"', admin.text)
    assert revoke
    await admin.submit(revoke[1])
    assert "Kunci dicabut." in admin.text
    await admin.submit(f"{client[1]}/tutup", reason="kontrak berakhir")
    assert "ditutup" in admin.text
    assert not await office.stage.pool.fetchval("SELECT count(*) FROM api_client WHERE revoked_at IS NULL")


async def test_compliance_sees_machines_and_changes_none(office: Office) -> None:
    compliance = await office.clerk("compliance")
    await compliance.get("/office/mesin")
    csrf = dict(compliance.form("/office/keluar")["fields"])["csrf"]
    assert "Hanya admin." in compliance.text
    await compliance.send("/office/mesin", "post", [("csrf", csrf), ("name", "X"), ("per_minute", "1"), ("days", "1")])
    assert compliance.page.status_code == 404


@pytest.mark.requirement("D-81")
async def test_sessions_of_a_member_of_staff_are_seen_and_ended(office: Office) -> None:
    admin, care = await office.clerk("admin"), await office.clerk("care")
    where = f"/office/petugas/{care.staff_id}/sesi"
    await admin.get(where)
    assert care.username in admin.text
    await admin.submit(f"{where}/semua/cabut")
    assert "Tidak ada yang sedang masuk." in admin.text
    await care.get("/office")
    assert care.path == "/office/masuk"
    assert (await office.stage.audit(care.staff_id))[-1] == "sessions.ended"


@pytest.mark.requirement("D-81")
async def test_sessions_of_an_outlet_and_of_a_partner_are_ended_one_by_one(office: Office) -> None:
    stage = office.stage
    branch, care = await office.clerk("branch"), await office.clerk("care")
    seller, partner = await stage.user(), await stage.partner_user()
    sold, steered = await stage.session(seller), await stage.session(partner)
    for where, session, name in (
        (f"/office/outlet/{seller.outlet_id}/sesi", sold, seller.username),
        (f"/office/mitra/{stage.partner_id}/sesi", steered, partner.username),
    ):
        await care.get(where)
        assert name in care.text
        assert "Peran Anda hanya boleh melihat." in care.text
        await branch.get(where)
        await branch.submit(f"{where}/{session.session_id}/cabut")
        assert "Sesi diakhiri." in branch.text
        assert code_of(await stage.who(session.token)) == "SESSION_EXPIRED"


async def test_a_session_of_another_is_not_ended_through_this_page(office: Office) -> None:
    stage = office.stage
    branch, seller, stranger = await office.clerk("branch"), await stage.user(), await stage.user()
    session = await stage.session(stranger)
    await branch.get(f"/office/outlet/{seller.outlet_id}/sesi")
    csrf = dict(branch.form("/office/keluar")["fields"])["csrf"]
    where = f"/office/outlet/{seller.outlet_id}/sesi/{session.session_id}/cabut"
    await branch.send(where, "post", [("csrf", csrf)])
    assert branch.page.status_code == 404
    live = "SELECT count(*) FROM session WHERE id = $1 AND revoked_at IS NULL"
    assert await stage.pool.fetchval(live, session.session_id) == 1


@pytest.mark.requirement("D-81")
@pytest.mark.parametrize("role", ["care", "finance", "catalogue"])
async def test_for_other_roles_these_places_do_not_exist(office: Office, role: str) -> None:
    clerk = await office.clerk(role)
    elsewhere = PLACES if role != "care" else PLACES[1:]  # care proposes outcomes, and sees what waits
    for place in (*elsewhere, f"/office/petugas/{clerk.staff_id}/sesi", f"/office/petugas/{clerk.staff_id}"):
        await clerk.get(place)
        assert clerk.page.status_code == 404, (role, place)
        assert f'href="{place}"' not in clerk.text


@pytest.mark.requirement("G-D12")
async def test_an_outcome_by_hand_is_proposed_on_the_sale_and_decided(office: Office) -> None:
    desk = office.bureau.desk
    await set_rule(desk, "sale.pending_at_deadline", "escalate")
    sale = await desk.left_open()
    desk.network.mood = "away"
    await desk.after(hours=25)
    care, supervisor = await office.clerk("care"), await office.clerk("supervisor")
    where = f"/office/transaksi/{sale.code}"
    await care.get(where)
    await care.submit(f"{where}/hasil", hasil="not_delivered", evidence="surat jaringan 7", reason="tidak dijawab")
    proposal = care.path
    assert "tidak terkirim" in care.text
    assert "surat jaringan 7" in care.text
    await supervisor.get(proposal)
    await supervisor.submit(proposal, why="sesuai bukti")
    assert (await desk.now_is(sale)).reason == "BY_HAND"
    await supervisor.get(where)
    assert "Petugas memastikan" in supervisor.text
    assert f"{where}/hasil" not in supervisor.text
