"""Outlets, partners and areas: found, looked at, stopped and let go on."""

import re
from datetime import UTC, datetime
from typing import get_args

import pytest
from tests.web.office.conftest import Office

from konter.channel.model import NewArea, Role
from konter.channel.partners import set_areas
from konter.platform.audit import SYSTEM, AuditLine
from konter.platform.i18n import catalogue
from konter.subscriber.msisdn import national
from konter.web.desk.story import audit_story
from konter.web.desk.words import DeskWords


@pytest.mark.parametrize("role", get_args(Role))
def test_every_role_of_an_outlet_has_a_word(role: str) -> None:
    assert f"desk.user_role.{role}" in catalogue()


@pytest.mark.requirement("D-57", "D-58")
async def test_it_works(office: Office) -> None:
    """From what a caller reads out to the outlet's page, and a suspension with its reason in the story."""
    shop = office.bureau.shop
    sale = await office.bureau.sold()
    branch = await office.clerk("branch")
    number = await office.stage.pool.fetchval(
        "SELECT msisdn FROM reseller_number WHERE outlet_id = $1", shop.user.outlet_id
    )
    await branch.get(f"/office/cari?q={national(number)}")
    assert f"/office/outlet/{shop.user.outlet_id}" in branch.text
    await branch.get(f"/office/outlet/{shop.user.outlet_id}")
    assert "Siti Kasir" in branch.text
    assert sale.code in branch.text
    assert "Rp950.500" in branch.text
    await branch.submit(f"/office/outlet/{shop.user.outlet_id}/status", reason="alamat palsu")
    assert "Outlet dihentikan sementara." in branch.text
    assert "alamat palsu" in branch.text
    await branch.submit(f"/office/outlet/{shop.user.outlet_id}/status", reason="sudah diperiksa")
    assert "Outlet jalan lagi." in branch.text


@pytest.mark.requirement("D-71")
async def test_an_outlet_ends_for_good_when_its_code_is_typed(office: Office) -> None:
    user = office.bureau.shop.user
    code = await office.stage.pool.fetchval("SELECT code FROM outlet WHERE id = $1", user.outlet_id)
    branch, place = await office.clerk("branch"), f"/office/outlet/{user.outlet_id}"
    await branch.get(place)
    assert f"Ketik {code}" in branch.text
    await branch.submit(f"{place}/akhiri", code="9999", reason="toko dijual")
    assert "Kode outlet tidak sama" in branch.text
    assert await office.stage.pool.fetchval("SELECT status FROM outlet_user WHERE id = $1", user.id) == "active"
    await branch.submit(f"{place}/akhiri", code=f" {code.lower()} ", reason="toko dijual")
    assert "diakhiri untuk selamanya" in branch.text
    assert "toko dijual" in branch.text
    assert f"{place}/akhiri" not in branch.text
    assert await office.stage.pool.fetchval("SELECT status FROM outlet_user WHERE id = $1", user.id) == "ended"


async def test_an_end_reaches_no_outlet_elsewhere(office: Office) -> None:
    user = office.bureau.shop.user
    code = await office.stage.pool.fetchval("SELECT code FROM outlet WHERE id = $1", user.outlet_id)
    async with office.stage.pool.acquire() as connection:
        areas = [NewArea(code="SULW", name="Sulawesi", level="area")]
        await set_areas(connection, areas, actor=SYSTEM, now=office.stage.now, ids=office.stage.ids)
    far, place = await office.clerk("branch", area="SULW"), f"/office/outlet/{user.outlet_id}"
    await far.get("/office")
    csrf = dict(far.form("/office/keluar")["fields"])["csrf"]
    await far.send(f"{place}/akhiri", "post", [("csrf", csrf), ("code", code), ("reason", "toko dijual")])
    assert far.page.status_code == 404
    assert await office.stage.pool.fetchval("SELECT status FROM outlet WHERE id = $1", user.outlet_id) == "active"


async def test_care_sees_why_it_may_not_stop_an_outlet(office: Office) -> None:
    rani = await office.clerk("care")
    await rani.get(f"/office/outlet/{office.bureau.shop.user.outlet_id}")
    assert "Hanya cabang atau kepatuhan" in rani.text


async def test_a_supervisor_sets_the_hold(office: Office) -> None:
    outlet_id = office.bureau.shop.user.outlet_id
    budi = await office.clerk("supervisor")
    await budi.get(f"/office/outlet/{outlet_id}")
    await budi.submit(f"/office/outlet/{outlet_id}/tahan", seconds="30", reason="uji coba")
    assert "30 detik" in budi.text
    await budi.submit(f"/office/outlet/{outlet_id}/tahan", seconds="9999", reason="uji coba")
    assert "0 sampai 600 detik" in budi.text


async def test_lists_page_filter_and_go_out_as_files(office: Office) -> None:
    for n in range(60):
        await office.stage.outlet(name=f"Rapi Ponsel {n:02}")
    branch = await office.clerk("branch")
    await branch.get("/office/outlet?cari=rapi")
    assert "Rapi Ponsel 49" in branch.text
    assert "Rapi Ponsel 50" not in branch.text
    following = branch.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    await branch.get(following)
    assert "Rapi Ponsel 59" in branch.text
    await branch.get("/office/outlet?cari=rapi&bentuk=csv")
    assert branch.text.count("\n") == 61
    await branch.get("/office/mitra?cari=mitra")
    assert "Mitra Jaya" in branch.text
    await branch.get(f"/office/mitra/{office.stage.partner_id}")
    assert "Rapi Ponsel" in branch.text
    await branch.get("/office/wilayah")
    assert "Jawa Barat" in branch.text or "JBJB" in branch.text


@pytest.mark.parametrize("language", ["id", "en"])
async def test_an_outlets_page_speaks_no_codes(office: Office, language: str) -> None:
    outlet_id = office.bureau.shop.user.outlet_id
    code, area, segment = await office.stage.pool.fetchrow(
        "SELECT code, area, segment FROM outlet WHERE id = $1", outlet_id
    )
    branch = await office.clerk("branch")
    branch.client.cookies.set("lang", language)
    await branch.get(f"/office/outlet/{outlet_id}")
    notes = set(re.findall(r'<div class="(?:desk-sub|why)">([^<]+)<', branch.text))
    assert f"<dd>{code}</dd>" in branch.text
    assert not {area, segment, f"id {outlet_id}", code} & notes, "nor is its code a reason why it was opened"
    assert {"id": "segmen ritel", "en": "retail segment"}[language] in notes


@pytest.mark.parametrize(
    "kind",
    [
        *("WRONG_PIN", "PIN_LOCKED", "OTP_WRONG", "OTP_EXPIRED", "OTP_TOO_MANY"),
        *("outlet.rs_conflict_disable=newest", "outlet.rs_conflict_disable=oldest"),
    ],
)
def test_why_something_was_refused_or_done_is_said_in_words(kind: str) -> None:
    line = AuditLine(
        id=1,
        at=datetime(2026, 11, 21, tzinfo=UTC),
        actor="system:0",
        action="pin.refused",
        subject_id=1,
        data={"reason" if "=" in kind else "code": kind},
    )
    (told,) = audit_story([line], DeskWords("id", "Asia/Jakarta"), {})
    assert told.why
    assert kind not in told.why


@pytest.mark.requirement("D-57")
async def test_a_code_in_the_address_leads_to_the_outlet(office: Office) -> None:
    outlet_id = office.bureau.shop.user.outlet_id
    code = await office.stage.pool.fetchval("SELECT code FROM outlet WHERE id = $1", outlet_id)
    async with office.stage.pool.acquire() as connection:
        areas = [NewArea(code="SULW", name="Sulawesi", level="area")]
        await set_areas(connection, areas, actor=SYSTEM, now=office.stage.now, ids=office.stage.ids)
    branch, far = await office.clerk("branch"), await office.clerk("branch", area="SULW")
    for typed in (code, code.lower()):
        await branch.get(f"/office/outlet/{typed}")
        assert branch.path == f"/office/outlet/{outlet_id}"
    for name in (code, outlet_id):
        await far.get(f"/office/outlet/{name}")
        assert far.page.status_code == 404, "an outlet elsewhere is unknown by its code as by its id"


@pytest.mark.parametrize(
    "place", ["outlet/1", "outlet/x", "outlet/%00", "outlet/" + "x" * 99, "mitra/1", "mitra/%00", "outlet/" + "9" * 40]
)
async def test_what_is_not_there(office: Office, place: str) -> None:
    branch = await office.clerk("branch")
    await branch.get(f"/office/{place}")
    assert branch.page.status_code == 404
