"""Staff who act in an area: what an outlet elsewhere sold or lost does not exist for them. [D-57]"""

import pytest
from tests.api.test_reconciliation import ask, late
from tests.api.world import World, problem

from konter.channel.model import NewArea
from konter.channel.partners import set_areas
from konter.platform.audit import SYSTEM

HERE, ELSEWHERE = "JBJB", "SULW"


@pytest.fixture(autouse=True)
async def elsewhere(world: World) -> None:
    stage = world.stage
    async with stage.pool.acquire() as connection:
        areas = [NewArea(code=ELSEWHERE, name="Sulawesi", level="area")]
        await set_areas(connection, areas, actor=SYSTEM, now=stage.now, ids=stage.ids)


async def both(world: World, *roles: str) -> tuple[str, str]:
    """One of the staff where the outlet stands, and one elsewhere."""
    return await world.staff(*roles, area=HERE), await world.staff(*roles, area=ELSEWHERE)


@pytest.mark.requirement("D-57")
async def test_reversals(world: World) -> None:
    near, far = await both(world, "supervisor")
    sale = (await world.sell()).json()
    body = {"sale": sale["code"], "reason": "salah nomor"}
    assert problem(await world.post("/reversals", body, far)) == (404, "SALE_NOT_FOUND")
    asked = (await world.post("/reversals", body, world.care)).json()["id"]
    assert (await world.get("/reversals", far)).json()["items"] == []
    assert [each["id"] for each in (await world.get("/reversals", near)).json()["items"]] == [asked]
    decision = f"/reversals/{asked}/decision"
    assert problem(await world.post(decision, {"approve": True}, far)) == (404, "REVERSAL_NOT_FOUND")
    assert (await world.post(decision, {"approve": True}, near)).status_code == 200


@pytest.mark.requirement("D-57")
async def test_adjustments(world: World) -> None:
    near, far = await both(world, "supervisor")
    sale = await late(world)
    body = {"sale": sale.code, "payer": "outlet", "reason": "terbukti terkirim"}
    assert problem(await world.post("/adjustments", body, far)) == (404, "SALE_NOT_FOUND")
    asked = await ask(world, sale)
    assert (await world.get("/adjustments", far)).json()["items"] == []
    assert [each["id"] for each in (await world.get("/adjustments", near)).json()["items"]] == [asked]
    decision = f"/adjustments/{asked}/decision"
    assert problem(await world.post(decision, {"approve": True}, far)) == (404, "ADJUSTMENT_NOT_FOUND")
    assert (await world.post(decision, {"approve": True}, near)).status_code == 200


@pytest.mark.requirement("D-57")
async def test_work_items(world: World) -> None:
    near, far = await both(world, "care")
    sale = await late(world)
    assert (await world.get("/work-items", far)).json()["items"] == []
    (item,) = (await world.get("/work-items", near)).json()["items"]
    path = f"/work-items/{item['id']}"
    assert problem(await world.get(path, far)) == (404, "ITEM_NOT_FOUND")
    assert problem(await world.post(f"{path}/take", {}, far)) == (404, "ITEM_NOT_FOUND")
    assert problem(await world.post(f"{path}/solution", {"why": "sudah dicek"}, far)) == (404, "ITEM_NOT_FOUND")
    assert (await world.get(path, near)).status_code == 200
    assert (await world.post(f"{path}/take", {}, near)).status_code == 200
    put_right = f"/adjustments/{await ask(world, sale)}/decision"  # or the books would not balance
    assert (await world.post(put_right, {"approve": True}, world.supervisor)).status_code == 200


@pytest.mark.requirement("D-57")
async def test_holds(world: World) -> None:
    near, far = await both(world, "supervisor")
    path, body = f"/outlets/{world.user.outlet_id}/hold", {"seconds": 60, "reason": "sering salah nomor"}
    assert problem(await world.send("PUT", path, far, json=body)) == (404, "OUTLET_NOT_FOUND")
    assert (await world.send("PUT", path, near, json=body)).status_code == 200


@pytest.mark.requirement("D-57")
async def test_lost_phones(world: World) -> None:
    near, far = await both(world, "branch")
    partner = await world.stage.partner_user()
    for number in (world.user.nn_msisdn, partner.nn_msisdn):
        body = {"number": str(number)}
        assert problem(await world.post("/lost-phones", body, far)) == (404, "SELLER_NUMBER_NOT_FOUND")
        assert (await world.post("/lost-phones", body, near)).status_code == 200
    assert (await world.get("/lost-phones", far)).json()["items"] == []
    reports = (await world.get("/lost-phones", near)).json()["items"]
    assert {each["number"] for each in reports} == {str(world.user.nn_msisdn), str(partner.nn_msisdn)}
    assert len((await world.get("/lost-phones", world.care)).json()["items"]) == 2
    lift = f"/lost-phones/{reports[0]['id']}/lift"
    assert problem(await world.post(lift, {"reason": "SIM baru"}, far)) == (404, "LOST_PHONE_NOT_FOUND")
    assert (await world.post(lift, {"reason": "SIM baru"}, near)).status_code == 204


@pytest.mark.requirement("D-57", "D-58")
async def test_an_outlets_number_is_seen_in_its_area_and_a_customers_everywhere(world: World) -> None:
    near, far = await both(world, "care")
    path = f"/care/subscribers/{world.user.nn_msisdn}"
    assert problem(await world.get(path, far)) == (404, "UNKNOWN_SUBSCRIBER")
    for token in (near, world.care):
        assert (await world.get(path, token)).status_code == 200
    for token in (near, far, world.care):
        assert (await world.get(f"/care/subscribers/{world.customer}", token)).status_code == 200
