"""Over HTTP: cancel a held sale, set a hold, a number that was probably meant, how products sell."""

import uuid
from datetime import timedelta

import pytest
from tests.api.world import BALANCE_RP, World, problem

from konter.platform.ids import Msisdn
from konter.sales.health.look import look
from konter.subscriber.open import NewSubscription, open_subscriptions


async def hold(world: World, seconds: int = 120) -> None:
    body = {"seconds": seconds, "reason": "sering salah nomor"}
    answer = await world.send("PUT", f"/outlets/{world.user.outlet_id}/hold", world.supervisor, json=body)
    assert (answer.status_code, answer.json()) == (
        200,
        {"outlet": str(world.user.outlet_id), "seconds": seconds},
    ), answer.text


@pytest.mark.requirement("D-43", "D-44")
async def test_a_held_sale_is_cancelled_and_the_money_is_back(world: World) -> None:
    await hold(world)
    sale = (await world.sell()).json()
    assert (sale["status"], sale["delivery"]) == ("checking", None)
    for name in (sale["id"], sale["code"]):
        cancelled = await world.post(f"/sales/{name}/cancel", token=world.token)
        assert (cancelled.status_code, cancelled.json()["status"]) == (200, "refunded")
    assert await world.balance() == BALANCE_RP
    assert (await world.stage.audit(int(sale["id"]))) == ["sell", "refund_sale"]


async def test_who_may_cancel_what(world: World) -> None:
    sent = (await world.sell()).json()
    assert problem(await world.post(f"/sales/{sent['id']}/cancel", token=world.token)) == (409, "TOO_LATE_TO_CANCEL")
    await hold(world)
    held = (await world.sell(product="PULSA10")).json()
    _, stranger = await world.seller()
    path = f"/sales/{held['id']}/cancel"
    assert problem(await world.post(path, token=stranger)) == (404, "SALE_NOT_FOUND")
    assert problem(await world.post(path, token=world.care)) == (403, "FORBIDDEN")
    assert problem(await world.post(path)) == (401, "SESSION_EXPIRED")
    assert problem(await world.post("/sales/nothing/cancel", token=world.token)) == (404, "SALE_NOT_FOUND")
    assert (await world.get(f"/sales/{held['id']}", world.token)).json()["status"] == "checking"


@pytest.mark.parametrize(
    "body",
    [
        {"seconds": 601, "reason": "lama"},
        {"seconds": -1, "reason": "lama"},
        {"seconds": "60", "reason": "lama"},
        {"seconds": 60.5, "reason": "lama"},
        {"seconds": 60},
        {"seconds": 60, "reason": "x"},
        {"seconds": 60, "reason": "lama", "more": 1},
    ],
)
async def test_a_hold_is_zero_to_600_whole_seconds_with_a_reason(world: World, body: dict) -> None:
    path = f"/outlets/{world.user.outlet_id}/hold"
    assert problem(await world.send("PUT", path, world.supervisor, json=body)) == (422, "INVALID_INPUT")


async def test_only_a_supervisor_sets_a_hold_and_only_of_an_outlet(world: World) -> None:
    body = {"seconds": 60, "reason": "sering salah nomor"}
    path = f"/outlets/{world.user.outlet_id}/hold"
    for token in (world.care, world.token):
        assert problem(await world.send("PUT", path, token, json=body)) == (403, "FORBIDDEN")
    nobody = await world.send("PUT", f"/outlets/{1 << 50}/hold", world.supervisor, json=body)
    assert problem(nobody) == (404, "OUTLET_NOT_FOUND")


async def test_an_inquiry_asks_for_the_number_that_was_meant(world: World) -> None:
    known = await world.stage.number(prefix="62813")
    typed = Msisdn(int(f"62823{str(known)[5:]}"))  # 0813… was meant, 0823… typed
    new = NewSubscription(msisdn=typed, brand="nusa", active_until=world.stage.now + timedelta(days=30))
    async with world.stage.pool.acquire() as connection:
        await open_subscriptions(connection, [new], now=world.stage.now, ids=world.stage.ids)
    sale = (await world.sell(msisdn=str(known))).json()
    offers = [
        (await world.post("/sales/inquiry", {"product": "PULSA5", "msisdn": str(msisdn)}, world.token)).json()
        for msisdn in (typed, known)
    ]
    assert [offer["meant"] for offer in offers] == [{"msisdn": str(known), "at": sale["at"]}, None]
    assert [offer["health"] for offer in offers] == ["open", "open"]
    assert (await world.sell(msisdn=str(typed))).status_code == 201  # a warning only


async def test_products_tell_how_they_sell(world: World) -> None:
    stage, app = world.stage, world.server.state.app
    for _ in range(5):
        await world.sell(product="PULSA5", second=True, client_ref=str(uuid.uuid4()))
    await stage.pool.execute("UPDATE sale SET resolved_at = at + interval '20 seconds' WHERE product = 'PULSA5'")
    async with stage.pool.acquire() as connection:
        await look(connection, now=app.clock.now(), rules=stage.rules, ids=stage.ids)
    items = {each["id"]: each for each in (await world.get("/products", world.token)).json()["items"]}
    assert (items["PULSA5"]["health"], items["PULSA10"]["health"]) == ("slow", "open")
    assert items["PULSA5"]["health_since"] is not None
    offer = (
        await world.post("/sales/inquiry", {"product": "PULSA5", "msisdn": str(world.customer)}, world.token)
    ).json()
    assert offer["health"] == "slow"
    listed = {each["id"]: each for each in (await world.get("/catalogue/products", world.care)).json()["items"]}
    assert (listed["PULSA5"]["health"], listed["PULSA5"]["counts"]["slow"]) == ("slow", 5)
    assert (listed["PULSA10"]["health"], listed["PULSA10"]["counts"]) == ("open", None)


async def test_staff_close_a_product_and_everybody_sees_who_and_why(world: World) -> None:
    path, why = "/catalogue/products/PULSA20", "gangguan di pusat data"
    closed = await world.send("PUT", path, world.supervisor, json={"open": False, "reason": why})
    assert (closed.status_code, closed.json()["open"]) == (200, False)
    assert problem(await world.sell(product="PULSA20")) == (409, "PRODUCT_CLOSED")
    items = {each["id"]: each for each in (await world.get("/products", world.token)).json()["items"]}
    assert (items["PULSA20"]["open"], items["PULSA20"]["health"]) == (False, "closed")
    again = await world.send("PUT", path, world.supervisor, json={"open": False, "reason": "another reason"})
    closure = again.json()["closure"]
    assert (closure["reason"], closure["opened_at"]) == (why, None)
    assert closure["closed_by"].startswith("staff:")
    opened = (await world.send("PUT", path, world.supervisor, json={"open": True, "reason": "sudah pulih"})).json()
    assert (opened["open"], opened["closure"]["opened_by"]) == (True, closure["closed_by"])
    assert (await world.sell(product="PULSA20")).status_code == 201


async def test_who_may_close_and_see(world: World) -> None:
    path, body = "/catalogue/products/PULSA20", {"open": False, "reason": "gangguan"}
    for token in (world.care, world.token):
        assert problem(await world.send("PUT", path, token, json=body)) == (403, "FORBIDDEN")
    assert problem(await world.get("/catalogue/products", world.token)) == (403, "FORBIDDEN")
    unknown = await world.send("PUT", "/catalogue/products/NOTHING", world.supervisor, json=body)
    assert problem(unknown) == (404, "UNKNOWN_PRODUCT")
    for wrong in ({"open": "no", "reason": "gangguan"}, {"open": False}, {"open": False, "reason": ""}):
        assert problem(await world.send("PUT", path, world.supervisor, json=wrong)) == (422, "INVALID_INPUT")
