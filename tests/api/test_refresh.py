"""Looking again at a sale whose outcome is not known, over HTTP, and the complaint about it."""

import pytest
from tests.api.world import BALANCE_RP, World, problem


async def open_sale(world: World) -> dict:
    """A sale that is held for its seller, so that it is still open when it is answered."""
    assert world.user is not None
    await world.stage.pool.execute("UPDATE outlet SET hold_s = 600 WHERE id = $1", world.user.outlet_id)
    return (await world.sell()).json()


async def send(world: World, sale: dict) -> None:
    """As if the reconciler had sent it when the hold ended, and got no answer."""
    await world.stage.pool.execute("UPDATE sale SET hold_until = at WHERE id = $1", int(sale["id"]))
    await world.stage.pool.execute("UPDATE sale_check SET checks = 1 WHERE sale_id = $1", int(sale["id"]))


@pytest.mark.requirement("D-43", "D-44")
async def test_a_look_ends_what_can_be_ended(world: World) -> None:
    sale = await open_sale(world)
    assert (sale["status"], sale["route"], sale["delivery"]) == ("checking", "cell", None)
    assert (sale["balance_before"], sale["balance_after"]) == (BALANCE_RP, BALANCE_RP - sale["cost"])
    held = (await world.post(f"/sales/{sale['id']}/refresh", token=world.token)).json()
    assert (held["status"], held["hold_until"]) == ("checking", sale["hold_until"])
    await send(world, sale)
    done = (await world.post(f"/sales/{sale['code']}/refresh", token=world.token)).json()
    assert (done["status"], done["delivery"]["credit"]) == ("done", 50_000)
    assert (done["reason"], done["refund_before"]) == (None, None)
    assert (await world.post(f"/sales/{sale['id']}/refresh", token=world.token)).json() == done


@pytest.mark.requirement("D-43", "D-46")
async def test_a_refund_says_why_and_what_came_back(world: World) -> None:
    sale = await open_sale(world)
    await send(world, sale)
    await world.stage.pool.execute(
        "UPDATE subscription SET ended_at = $2 WHERE msisdn = $1", world.customer, world.stage.now
    )
    back = (await world.post(f"/sales/{sale['id']}/refresh", token=world.token)).json()
    assert (back["status"], back["reason"]) == ("refunded", "UNKNOWN_SUBSCRIBER")
    assert (back["refund_before"], back["refund_after"]) == (BALANCE_RP - sale["cost"], BALANCE_RP)
    assert await world.balance() == BALANCE_RP


@pytest.mark.requirement("D-39", "D-40", "D-45")
async def test_a_complaint_holds_what_staff_ask_for(world: World) -> None:
    sale = await open_sale(world)
    found = (await world.get(f"/sales/{sale['code']}/complaint", world.token)).json()
    assert (found["code"], found["status"], found["service_number"]) == (sale["code"], "checking", "357")
    assert (found["amount"], found["cost"], found["msisdn"]) == (50_000, sale["cost"], sale["msisdn"])
    assert found["reseller_number"].startswith("628")
    assert [each["event"] for each in found["timeline"]] == ["accepted", "transit", "held"]
    assert all(part in found["text"] for part in (sale["code"], found["outlet"], "Rp50.000"))
    english = (await world.get(f"/sales/{sale['code']}/complaint", world.token, **{"accept-language": "en"})).json()
    assert "COMPLAINT ABOUT SALE" in english["text"]


async def test_another_outlet_can_neither_look_nor_complain(world: World) -> None:
    sale = await open_sale(world)
    _, stranger = await world.seller()
    assert problem(await world.post(f"/sales/{sale['id']}/refresh", token=stranger)) == (404, "SALE_NOT_FOUND")
    assert problem(await world.get(f"/sales/{sale['id']}/complaint", stranger)) == (404, "SALE_NOT_FOUND")
