"""Selling over HTTP: a sale, its repeat, looking again; twins; what another outlet sees."""

import asyncio
import uuid

import pytest
from tests.access.people import PIN
from tests.api.world import BALANCE_RP, World, problem


@pytest.mark.requirement("D-08", "D-106", "D-107")
async def test_it_works(world: World) -> None:
    body = {"product": "PULSA50", "msisdn": str(world.customer)}
    offer = (await world.post("/sales/inquiry", body, world.token)).json()
    answer = await world.sell(price=offer["price"])
    sale = answer.json()
    assert (answer.status_code, sale["status"], sale["msisdn"]) == (201, "done", str(world.customer))
    assert [sale[name] for name in ("amount", "price", "cost", "margin")] == [
        offer[name] for name in ("amount", "price", "cost", "margin")
    ]
    assert (sale["balance_before"], sale["balance_after"]) == (BALANCE_RP, BALANCE_RP - sale["cost"])
    assert sale["delivery"]["credit"] == 50_000
    assert await world.balance() == BALANCE_RP - sale["cost"]


@pytest.mark.requirement("D-43")
async def test_the_same_reference_again_is_the_same_sale(world: World) -> None:
    body = world.sale()
    first, again = [await world.post("/sales", body, world.token) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert await world.sales() == 1


async def test_a_repeat_is_answered_even_with_a_wrong_pin_but_not_with_another_body(world: World) -> None:
    body = world.sale()
    first = (await world.post("/sales", body, world.token)).json()
    assert (await world.post("/sales", {**body, "pin": "111222"}, world.token)).json()["id"] == first["id"]
    for other in ({"product": "PULSA10"}, {"price": first["price"]}, {"second": True}):
        assert problem(await world.post("/sales", {**body, **other}, world.token)) == (409, "REF_REUSED")
    assert await world.balance() == BALANCE_RP - first["cost"]


@pytest.mark.requirement("D-43")
async def test_twenty_twins_at_once_are_one_sale(world: World) -> None:
    body = world.sale()
    answers = await asyncio.gather(*(world.post("/sales", body, world.token) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await world.sales() == 1
    assert await world.balance() == BALANCE_RP - answers[0].json()["cost"]


async def test_another_outlet_does_not_find_the_sale(world: World) -> None:
    sale = (await world.sell()).json()
    _, stranger = await world.seller()
    for name in (sale["id"], sale["code"], sale["code"].lower()):
        assert (await world.get(f"/sales/{name}", world.token)).json()["id"] == sale["id"]
        assert problem(await world.get(f"/sales/{name}", stranger)) == (404, "SALE_NOT_FOUND")
        assert problem(await world.post(f"/sales/{name}/refresh", token=stranger)) == (404, "SALE_NOT_FOUND")
    assert (await world.get("/sales", stranger)).json()["items"] == []


async def test_the_same_reference_of_another_outlet_is_another_sale(world: World) -> None:
    ref = str(uuid.uuid4())
    _, stranger = await world.seller()
    first, other = await world.sell(client_ref=ref), await world.sell(stranger, client_ref=ref)
    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json()["id"] != other.json()["id"]


@pytest.mark.requirement("D-43")
async def test_looking_again_tells_the_status_now(world: World) -> None:
    sale = (await world.sell()).json()
    again = (await world.post(f"/sales/{sale['id']}/refresh", token=world.token)).json()
    assert (again["id"], again["status"], again["user"]) == (sale["id"], "done", "Siti Kasir")


@pytest.mark.requirement("D-12", "D-44")
async def test_history_is_read_page_by_page_and_added_up(world: World) -> None:
    sold = [(await world.sell(product=product)).json() for product in ("PULSA10", "PULSA20", "PULSA50")]
    seen, cursor = [], ""
    while cursor is not None:
        page = (await world.get(f"/sales?limit=1{cursor}", world.token)).json()
        seen += [line["id"] for line in page["items"]]
        cursor = page["next"] and "&cursor=" + page["next"]
    assert seen == [sale["id"] for sale in reversed(sold)]
    totals = (await world.get("/sales/totals", world.token)).json()
    assert (totals["all"]["sales"], totals["all"]["price"]) == (3, sum(sale["price"] for sale in sold))
    assert {line["label"] for line in totals["by_product"]} == {"PULSA10", "PULSA20", "PULSA50"}
    one = (await world.get(f"/sales?q={sold[0]['code']}", world.token)).json()["items"]
    assert [line["id"] for line in one] == [sold[0]["id"]]


@pytest.mark.requirement("D-12", "D-107")
async def test_wallet_and_day_lead_to_the_sale(world: World) -> None:
    sale = (await world.sell()).json()
    day = (await world.get(f"/wallet/days/{world.server.state.app.clock.now():%Y-%m-%d}", world.token)).json()
    if not day["lines"][0]["moves"]:  # after 17:00 UTC it is tomorrow in Jakarta
        after = (await world.get("/sales/totals", world.token)).json()["by_day"][0]["label"]
        day = (await world.get(f"/wallet/days/{after}", world.token)).json()
    assert day["closing"] == day["opening"] + sum(line["amount"] for line in day["lines"]) == await world.balance()
    (line,) = [line for line in day["lines"] if line["kind"] == "sale"]
    moves = (await world.get(line["link"].removeprefix("/api/v1"), world.token)).json()["items"]
    assert [(move["reference"], move["amount"]) for move in moves] == [(sale["id"], -sale["cost"])]


@pytest.mark.requirement("D-08", "D-11")
async def test_products_speak_the_callers_language(world: World) -> None:
    categories = (await world.get("/categories", world.token, **{"accept-language": "en"})).json()["items"]
    assert {"recharge", "data", "voice", "sms"} <= {each["id"] for each in categories}
    data = (await world.get("/products?category=data", world.token)).json()["items"]
    assert data
    assert {each["category"] for each in data} == {"data"}
    assert (await world.get("/products?category=nothing", world.token)).json()["items"] == []


@pytest.mark.requirement("D-58")
async def test_a_sale_is_taken_back_by_two_of_staff(world: World) -> None:
    sale = (await world.sell()).json()
    body = {"sale": sale["code"], "reason": "salah nomor"}
    asked = await world.post("/reversals", body, world.supervisor)
    path = f"/reversals/{asked.json()['id']}/decision"
    assert asked.status_code == 201
    assert problem(await world.post("/reversals", body, world.care)) == (409, "REVERSAL_ASKED")
    assert [each["sale"] for each in (await world.get("/reversals", world.care)).json()["items"]] == [sale["id"]]
    assert problem(await world.post(path, {"approve": True}, world.care)) == (403, "FORBIDDEN")
    assert problem(await world.post(path, {"approve": True}, world.supervisor)) == (403, "SAME_EYES")
    other = await world.staff("supervisor")
    done = (await world.post(path, {"approve": True}, other)).json()
    assert (done["status"], done["reversal"]["state"], done["reversal"]["refund"]) == ("done", "done", sale["cost"])
    assert await world.balance() == BALANCE_RP
    assert problem(await world.post(path, {"approve": True}, other)) == (409, "REVERSAL_DECIDED")
    assert problem(await world.post("/reversals", body, world.care)) == (409, "ALREADY_REVERSED")


@pytest.mark.requirement("D-58")
async def test_a_look_at_a_subscriber_is_written_down(world: World) -> None:
    await world.sell()
    seen = (await world.get(f"/care/subscribers/0{str(world.customer)[2:]}", world.care)).json()
    assert (seen["msisdn"], seen["balance"], seen["state"]) == (str(world.customer), 50_000, "ACTIVE")
    assert await world.stage.audit(int(seen["id"])) == ["view_subscriber"]
    assert problem(await world.get("/care/subscribers/6281299999999", world.care)) == (404, "UNKNOWN_SUBSCRIBER")
    assert problem(await world.get("/care/subscribers/abc", world.care)) == (422, "BAD_MSISDN")


async def test_a_sale_needs_the_pin(world: World) -> None:
    for expected in ((401, "WRONG_PIN"), (401, "WRONG_PIN"), (423, "PIN_LOCKED"), (423, "PIN_LOCKED")):
        assert problem(await world.sell(pin="111222")) == expected
    assert problem(await world.sell(pin=PIN)) == (423, "PIN_LOCKED")
    assert (await world.sales(), await world.balance()) == (0, BALANCE_RP)
