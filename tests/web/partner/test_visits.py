"""The admin plans, field sales see today's outlets on the phone and file each with its survey."""

from datetime import timedelta

import pytest
from tests.web.partner.conftest import Agent, Console


async def _planned(console: Console, days: list[str]) -> tuple[Agent, Agent, str]:
    """An admin who has sent Rina to the outlet on these days."""
    admin, field = await console.agent(), await console.agent(role="SBP_FIELD_SALES")
    code = await console.stage.pool.fetchval("SELECT code FROM outlet WHERE id = $1", console.shop.user.outlet_id)
    await admin.get("/partner/kunjungan")
    assert "Belum ada rencana" in admin.text
    await send(admin, "/partner/kunjungan", outlet=code, petugas=str(field.user.id), hari=days, aksi="atur")
    assert "Jadwal kunjungan disimpan." in admin.text
    return admin, field, code


async def send(agent: Agent, action: str, hari: list[str] | None = None, **typed: str) -> None:
    csrf = agent.text.split('name="csrf" value="')[1].split('"')[0]
    fields = [("csrf", csrf), *typed.items(), *(("hari", day) for day in hari or [])]
    await agent.send(action, "post", fields)


@pytest.mark.requirement("D-57", "D-60", "D-66")
async def test_it_works(console: Console) -> None:
    admin, field, code = await _planned(console, ["6"])
    assert code in admin.text
    outlet = console.shop.user.outlet_id
    await field.get("/partner/kunjungan")
    assert "Belum dikunjungi" in field.text
    await field.get(f"/partner/kunjungan/{outlet}")
    await field.submit(
        f"/partner/kunjungan/{outlet}", pajangan="partly", perdana="7", voucher="40", catatan="harga turun"
    )
    assert field.path == "/partner/kunjungan"
    assert "Kunjungan dicatat." in field.text
    assert "Sudah dikunjungi" in field.text
    await field.get(f"/partner/kunjungan/{outlet}")
    assert "harga turun" in field.text
    await admin.get(f"/partner/outlet/{outlet}")
    assert "Kunjungan dicatat" in admin.text, "it is in the outlet's story"


@pytest.mark.requirement("D-57", "D-60")
async def test_the_branch_sees_what_is_overdue_and_plans_anew(console: Console) -> None:
    _, field, code = await _planned(console, ["6"])
    console.stage.clock.advance(timedelta(days=1))
    branch = await console.branch()
    await branch.get("/office/kunjungan")
    assert "Terlewat sejak 21 Nov 2026" in branch.text
    assert "Saring tabel rencana" in branch.text
    await branch.get(f"/office/kunjungan?outlet={code}")
    await send(branch, "/office/kunjungan", outlet=code, petugas=str(field.user.id), hari=["1", "4"], aksi="atur")
    assert "Senin, Kamis" in branch.text
    await branch.get(f"/office/kunjungan?outlet={code}")
    await send(branch, "/office/kunjungan", outlet=code, aksi="henti")
    assert "Kunjungan dihentikan." in branch.text
    assert "Belum ada rencana" in branch.text


async def test_what_is_wrong_is_said(console: Console) -> None:
    admin, field, code = await _planned(console, ["1"])
    for typed, status in (
        ({"outlet": "NOPE", "petugas": str(field.user.id), "hari": ["1"]}, 404),
        ({"outlet": code, "petugas": str(admin.user.id), "hari": ["1"]}, 404),
        ({"outlet": code, "petugas": str(field.user.id), "hari": []}, 422),
        ({"outlet": code, "petugas": "x", "hari": ["9"]}, 422),
    ):
        await admin.get("/partner/kunjungan")
        await send(admin, "/partner/kunjungan", aksi="atur", **typed)
        assert admin.page.status_code == status, typed
    outlet = console.shop.user.outlet_id
    for changed in ({"pajangan": "x"}, {"perdana": "-1"}, {"voucher": "seribu"}, {"ref": "x"}):
        await field.get(f"/partner/kunjungan/{outlet}")
        await send(
            field,
            f"/partner/kunjungan/{outlet}",
            **{
                "pajangan": "good",
                "perdana": "1",
                "voucher": "1",
                "ref": "b0a7f3f8-0f52-4c5e-9d57-2f1f3f6f7d10",
                **changed,
            },
        )
        assert field.page.status_code == 422, changed


async def test_field_sales_plan_nothing_and_see_only_their_own(console: Console) -> None:
    _, _, code = await _planned(console, ["6"])
    other = await console.agent(role="SBP_FIELD_SALES")
    await other.get("/partner/kunjungan")
    assert code not in other.text
    await send(other, "/partner/kunjungan", outlet=code, aksi="henti")
    assert other.page.status_code == 403
    await other.get(f"/partner/kunjungan/{console.shop.user.outlet_id}")
    assert other.page.status_code == 404
