"""Modules that are off, over HTTP."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.api.world import World, made_world, problem

from konter.platform.audit import SYSTEM
from konter.rules.load import Loaded, load_ruleset

pytestmark = pytest.mark.requirement("D-54")


@pytest.fixture
async def switched(own_dsn: str, tmp_path: Path) -> AsyncIterator[World]:
    """Everything that can be switched goes off in an hour."""
    async with made_world(own_dsn, tmp_path) as world:
        stage = world.stage
        file = tmp_path / "switch.toml"
        modules = ("packages", "cancel", "day_close", "apply", "offices")
        off = [f'feature.{each} = {{ default = "off" }}' for each in modules]
        begin = (stage.now + timedelta(hours=1)).isoformat()
        file.write_text("\n".join(['name = "switch"', 'title = "Switch"', "[[rules]]", f"valid_from = {begin}", *off]))
        async with stage.pool.acquire() as connection:
            loaded = await load_ruleset(connection, file, now=stage.now, actor=SYSTEM, ids=stage.ids)
        assert isinstance(loaded, Loaded), loaded
        await world.open_shop()
        yield world


async def test_routes_of_modules_that_are_off_say_so_and_all_others_work(switched: World) -> None:
    world = switched
    sale = (await world.sell()).json()
    day = world.stage.now.date()
    paths = (f"/wallet/days/{day}", "/service-offices?q=x")
    for path in paths:
        assert (await world.get(path, world.token)).status_code == 200, path
    kinds = {each["id"] for each in (await world.get("/categories", world.token)).json()["items"]}
    assert {"recharge", "data"} <= kinds
    world.server.state.app.clock.offset = timedelta(hours=2)
    for path in paths:
        assert problem(await world.get(path, world.token)) == (404, "MODULE_OFF"), path
    assert problem(await world.post(f"/sales/{sale['id']}/cancel", None, world.token)) == (404, "MODULE_OFF")
    answer = await world.post("/applications/proofs", {"number": "081234567890"})
    assert problem(answer) == (404, "MODULE_OFF")
    kinds = {each["id"] for each in (await world.get("/categories", world.token)).json()["items"]}
    assert "recharge" in kinds
    assert "data" not in kinds
    products = (await world.get("/products", world.token)).json()["items"]
    assert products
    assert "D16C30" not in {each["id"] for each in products}
    inquiry = {"product": "D16C30", "msisdn": str(world.customer)}
    assert problem(await world.post("/sales/inquiry", inquiry, world.token)) == (404, "MODULE_OFF")
