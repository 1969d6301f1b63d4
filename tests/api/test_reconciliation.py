"""Items of work and adjustments over HTTP: who may, each no, and the whole way of a late delivery."""

import uuid

import pytest
from tests.access.people import PIN
from tests.api.world import World, problem

from konter.access import tokens
from konter.sales.delivery.deliver import deliver
from konter.sales.delivery.model import DEADLINE, Order, Result
from konter.sales.delivery.settle import settle
from konter.sales.model import Sale, SellRequest, Way
from konter.sales.references import References
from konter.sales.sell import sell

PATHS = [
    ("GET", "/work-items", None),
    ("GET", "/work-items/{id}", None),
    ("POST", "/work-items/{id}/take", {}),
    ("POST", "/work-items/{id}/solution", {"why": "sudah dicek"}),
    ("GET", "/adjustments", None),
    ("POST", "/adjustments", {"sale": "{sale}", "payer": "outlet", "reason": "terbukti terkirim"}),
    ("POST", "/adjustments/{id}/decision", {"approve": True}),
]


async def late(world: World) -> Sale:
    """A sale that was refunded at its deadline, and whose delivery was told afterwards."""
    stage = world.stage
    claims = tokens.parse(stage.keys, world.token)
    assert claims is not None
    request = SellRequest(
        claims=claims, client_ref=uuid.uuid4(), product="PULSA50", msisdn=world.customer, pin=PIN, address="", agent=""
    )
    parts = {"clock": stage.clock, "ids": stage.ids, "references": References()}
    async with stage.pool.acquire() as connection:
        (outcome,) = await sell(connection, [request], keys=stage.keys, way=Way(network=True), **parts)
        sale = outcome.sale
        assert sale is not None
        await settle(connection, [Result(sale=sale, reason=DEADLINE)], **parts)
        (delivered,) = await deliver(connection, [Order(sale=sale, confirmed=True)], **parts)
        assert delivered is not None
        (settled,) = await settle(connection, [delivered], **parts)
    assert settled is not None
    assert settled.late
    return settled.sale


async def ask(world: World, sale: Sale, **changed: str) -> str:
    body = {"sale": sale.code, "payer": "outlet", "reason": "terbukti terkirim", **changed}
    answer = await world.post("/adjustments", body, world.care)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


@pytest.mark.requirement("D-46", "G-D12")
async def test_it_works(world: World) -> None:
    sale = await late(world)
    (item,) = (await world.get("/work-items", world.care)).json()["items"]
    assert (item["kind"], item["code"], item["state"]) == ("LATE_DELIVERY", sale.code, "open")
    assert (await world.post(f"/work-items/{item['id']}/take", {}, world.care)).json()["taken_by"]
    story = (await world.get(f"/work-items/{item['id']}", world.care)).json()
    assert (story["then"]["status"], story["now"]["receipt"], story["sale"]["status"]) == (
        "refunded",
        "received",
        "refunded",
    )
    asked = await ask(world, sale)
    (waiting,) = (await world.get("/adjustments", world.supervisor)).json()["items"]
    assert (waiting["id"], waiting["code"], waiting["payer"]) == (asked, sale.code, "outlet")
    answer = (await world.post(f"/adjustments/{asked}/decision", {"approve": True}, world.supervisor)).json()
    assert (answer["status"], answer["adjustment"]["charged"]) == ("refunded", sale.cost_rp)
    assert (await world.get("/work-items", world.care)).json()["items"] == []
    (solved,) = (await world.get("/work-items?solved=true", world.care)).json()["items"]
    assert solved["solved_rule"] == "ADJUSTED"
    seen = (await world.get(f"/sales/{sale.code}", world.token)).json()
    assert seen["adjustment"]["balance_after"] == await world.balance() == 950_500


@pytest.mark.requirement("D-81")
async def test_a_look_at_an_item_is_logged(world: World) -> None:
    sale = await late(world)
    (item,) = (await world.get("/work-items", world.care)).json()["items"]
    await world.get(f"/work-items/{item['id']}", world.care)
    await world.post(f"/adjustments/{await ask(world, sale)}/decision", {"approve": True}, world.supervisor)
    looks = await world.stage.pool.fetch("SELECT actor FROM audit WHERE action = 'look_at_item'")
    assert [row["actor"].split(":")[0] for row in looks] == ["staff"]


async def test_only_staff_with_the_role(world: World) -> None:
    stranger = await world.staff("finance")
    for method, path, body in PATHS:
        for token in (world.token, stranger):
            answer = await world.send(method, path.replace("{id}", "256000000"), token, json=body)
            assert problem(answer) == (403, "FORBIDDEN"), path


async def test_only_a_supervisor_decides_and_never_who_asked(world: World) -> None:
    sale = await late(world)
    asked = await ask(world, sale)
    path = f"/adjustments/{asked}/decision"
    assert problem(await world.post(path, {"approve": True}, world.care)) == (403, "FORBIDDEN")
    await world.post(path, {"approve": False}, world.supervisor)
    body = {"sale": sale.code, "payer": "house", "reason": "terbukti terkirim"}
    again = (await world.post("/adjustments", body, world.supervisor)).json()["id"]
    own = await world.post(f"/adjustments/{again}/decision", {"approve": True}, world.supervisor)
    assert problem(own) == (403, "ADJUSTMENT_SAME_EYES")
    other = await world.staff("supervisor")
    answer = (await world.post(f"/adjustments/{again}/decision", {"approve": True}, other)).json()
    assert (answer["adjustment"]["charged"], answer["adjustment"]["written_off"]) == (0, sale.cost_rp)


async def test_each_no(world: World) -> None:
    sale = await late(world)
    (item,) = (await world.get("/work-items", world.care)).json()["items"]
    solution = await world.post(f"/work-items/{item['id']}/solution", {"why": "sudah dicek"}, world.care)
    assert problem(solution) == (409, "ITEM_NEEDS_ADJUSTMENT")
    await world.post(f"/work-items/{item['id']}/take", {}, world.care)
    assert problem(await world.post(f"/work-items/{item['id']}/take", {}, world.supervisor)) == (409, "ITEM_TAKEN")
    assert (await world.post(f"/work-items/{item['id']}/take", {"over": True}, world.supervisor)).status_code == 200
    assert problem(await world.get("/work-items/256000000", world.care)) == (404, "ITEM_NOT_FOUND")
    body = {"sale": sale.code, "payer": "outlet", "reason": "terbukti terkirim"}
    asked = await ask(world, sale)
    assert problem(await world.post("/adjustments", body, world.care)) == (409, "ADJUSTMENT_ASKED")
    await world.post(f"/adjustments/{asked}/decision", {"approve": True}, world.supervisor)
    assert problem(await world.post("/adjustments", body, world.care)) == (409, "ALREADY_ADJUSTED")
    again = await world.post(f"/adjustments/{asked}/decision", {"approve": True}, world.supervisor)
    assert problem(again) == (409, "ADJUSTMENT_DECIDED")
    unknown = await world.post("/adjustments/256000000/decision", {"approve": True}, world.supervisor)
    assert problem(unknown) == (404, "ADJUSTMENT_NOT_FOUND")
    assert problem(await world.post(f"/work-items/{item['id']}/take", {}, world.care)) == (409, "ITEM_SOLVED")
    done = (await world.sell(second=True)).json()["code"]
    nothing = await world.post("/adjustments", {**body, "sale": done}, world.care)
    assert problem(nothing) == (409, "NOTHING_TO_ADJUST")
    assert problem(await world.post("/adjustments", {**body, "sale": "AAAA-AAAA"}, world.care)) == (
        404,
        "SALE_NOT_FOUND",
    )


@pytest.mark.parametrize(
    "bad", [{"payer": "nobody"}, {"reason": "x"}, {"reason": ...}, {"more": 1}, {"sale": ""}, {"payer": None}]
)
async def test_bad_bodies(world: World, bad: dict) -> None:
    body = {"sale": "8S7K-3Q2M", "payer": "outlet", "reason": "terbukti terkirim", **bad}
    sent = {name: value for name, value in body.items() if value is not ...}
    assert problem(await world.post("/adjustments", sent, world.care)) == (422, "INVALID_INPUT")


@pytest.mark.parametrize("query", ["solved=perhaps", "kind=ODD", "after=-1", "after=x"])
async def test_bad_queries(world: World, query: str) -> None:
    assert problem(await world.get(f"/work-items?{query}", world.care)) == (422, "INVALID_INPUT")
