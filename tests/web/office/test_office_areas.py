"""The office's older pages for staff who act in an area: what an outlet elsewhere sold does not exist for them."""

import pytest
from tests.web.office.conftest import Office
from tests.web.office.walk import fill

from konter.channel.model import NewArea
from konter.channel.partners import set_areas
from konter.platform.audit import SYSTEM

OF_AN_OUTLET = ("item-late", "item-amount", "sale-done", "sale-adjustment", "outlet")
LISTS = ("home", "items", "adjustments", "reversals", "phones")


@pytest.mark.requirement("D-57")
async def test_what_is_elsewhere_is_neither_listed_nor_found(office: Office) -> None:
    addresses, stage = await fill(office), office.stage
    async with stage.pool.acquire() as connection:
        areas = [NewArea(code="SULW", name="Sulawesi", level="area")]
        await set_areas(connection, areas, actor=SYSTEM, now=stage.now, ids=stage.ids)
    near, far = await office.clerk("supervisor", area="JBJB"), await office.clerk("supervisor", area="SULW")
    code = addresses["sale-adjustment"].rpartition("/")[2]
    for name in OF_AN_OUTLET:
        await far.get(addresses[name])
        assert far.page.status_code == 404, name
        await near.get(addresses[name])
        assert near.page.status_code == 200, name
    for name in LISTS:
        await far.get(addresses[name])
        assert code not in far.text, name
    await near.get(addresses["adjustments"])
    assert code in near.text
    for clerk, finds in ((far, False), (near, True)):
        await clerk.get(f"/office/cari?q={code}")
        assert (addresses["sale-adjustment"] in clerk.text) is finds


@pytest.mark.requirement("D-57")
async def test_nothing_elsewhere_is_asked_for_or_decided(office: Office) -> None:
    addresses, stage = await fill(office), office.stage
    async with stage.pool.acquire() as connection:
        areas = [NewArea(code="SULW", name="Sulawesi", level="area")]
        await set_areas(connection, areas, actor=SYSTEM, now=stage.now, ids=stage.ids)
    far = await office.clerk("supervisor", area="SULW")
    await far.get("/office")
    csrf = dict(far.form("/office/keluar")["fields"])["csrf"]
    typed = [("csrf", csrf), ("reason", "salah nomor"), ("setuju", "ya"), ("why", "sudah dicek")]
    for address in (
        f"{addresses['sale-done']}/pembatalan",
        f"{addresses['sale-adjustment']}/penyesuaian/putusan",
        f"{addresses['item-amount']}/ambil",
        f"{addresses['item-amount']}/selesai",
    ):
        await far.send(address, "post", typed)
        assert far.page.status_code == 404, address
    assert await stage.pool.fetchval("SELECT count(*) FROM reversal") == 0
    assert await stage.pool.fetchval("SELECT state FROM adjustment") == "asked"
