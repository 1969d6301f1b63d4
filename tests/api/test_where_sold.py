"""Every sale knows the outlet, or the individual seller's place, where it was made; without one there is none."""

import pytest
from tests.api.world import World, problem

from konter.platform.ids import OutletId

pytestmark = pytest.mark.requirement("D-65")


@pytest.mark.parametrize("kind", ["outlet", "individual"])
async def test_a_sale_stores_its_outlet(world: World, kind: str) -> None:
    stage = world.stage
    user, token = await world.seller(outlet_id=await stage.outlet(kind=kind))
    sale = (await world.sell(token)).json()
    row = await stage.pool.fetchrow(
        "SELECT s.outlet_id, o.kind FROM sale s JOIN outlet o ON o.id = s.outlet_id WHERE s.id = $1", int(sale["id"])
    )
    assert (row["outlet_id"], row["kind"]) == (user.outlet_id, kind)


async def test_who_has_no_outlet_sells_nothing(world: World) -> None:
    """Staff, partners, machines and strangers; no body can name an outlet either."""
    before = await world.sales()
    partner = (await world.log_in(await world.stage.partner_user()))["token"]
    key = (await world.post("/clients", {"name": "Mesin", "scopes": []}, await world.staff("admin"))).json()["key"]
    for token, said in ((world.care, 403), (world.supervisor, 403), (partner, 403), (key, 401), ("x", 401)):
        answer = await world.sell(token)
        assert problem(answer)[0] == said, answer.text
    assert (await world.send("POST", "/sales", json=world.sale())).status_code == 401
    named = await world.post("/sales", {**world.sale(), "outlet": str(world.user.outlet_id)}, world.care)
    assert named.status_code in {403, 422}
    assert await world.sales() == before


async def test_an_outlet_that_ended_is_no_place_to_sell_at(world: World) -> None:
    await world.stage.pool.execute("UPDATE outlet SET status = 'suspended' WHERE id = $1", world.user.outlet_id)
    assert problem(await world.sell()) == (403, "APP_BLOCKED")


async def test_the_schema_holds_it(world: World) -> None:
    nullable = await world.stage.pool.fetchval(
        "SELECT is_nullable FROM information_schema.columns WHERE table_name = 'sale' AND column_name = 'outlet_id'"
    )
    assert nullable == "NO"
    lost = await world.stage.pool.fetchval(
        "SELECT count(*) FROM sale s WHERE NOT EXISTS (SELECT FROM outlet o WHERE o.id = s.outlet_id AND o.cell = s.cell)"
    )
    assert lost == 0
    assert OutletId(0) not in {row["outlet_id"] for row in await world.stage.pool.fetch("SELECT outlet_id FROM sale")}
