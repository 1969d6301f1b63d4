"""Service offices over HTTP, without a token."""

from importlib import resources
from pathlib import Path

import pytest
from tests.api.world import World, problem

from konter.channel.geography.load import ensure_regions
from konter.channel.offices.load import OfficeReport, import_offices
from konter.platform.audit import SYSTEM

pytestmark = pytest.mark.requirement("D-53")


async def _offices(world: World) -> None:
    stage = world.stage
    source = Path(str(resources.files("konter.simulator") / "data" / "offices.csv"))
    async with stage.pool.acquire() as connection:
        await ensure_regions(connection, actor=SYSTEM, now=stage.now, ids=stage.ids)
        assert isinstance(
            await import_offices(connection, source, actor=SYSTEM, now=stage.now, ids=stage.ids), OfficeReport
        )


async def test_it_works(world: World) -> None:
    await _offices(world)
    answer = (await world.get("/service-offices?region=32.73")).json()
    assert [each["code"] for each in answer["items"]] == ["KL-BDG2", "KL-BDG"]
    found = (await world.get("/service-offices?q=manado")).json()["items"]
    assert [(each["regency_name"], each["zone"]) for each in found] == [("Kota Manado", "Asia/Makassar")]
    near = (await world.get("/service-offices?latitude=-2.5&longitude=140.7&limit=3")).json()
    assert (near["items"][0]["code"], near.get("next")) == ("KL-JYP", None)
    assert 0 < near["items"][0]["away_m"] < 10_000
    one = await world.get("/service-offices/KL-JYP")
    assert (one.status_code, one.json()["services"][0]) == (200, "sim_replacement")


async def test_pages_follow_each_other(world: World) -> None:
    await _offices(world)
    codes, after = [], ""
    for _ in range(9):
        answer = (await world.get(f"/service-offices?q=kantor&limit=3{after}")).json()
        codes += [each["code"] for each in answer["items"]]
        if not answer.get("next"):
            break
        after = f"&after={answer['next']}"
    assert len(codes) == len(set(codes)) == 25


@pytest.mark.parametrize(
    "query",
    ["", "region=32&q=x", "latitude=1", "latitude=91&longitude=1", "region=West", "region=32&after=x", "q=x&limit=51"],
)
async def test_an_unclear_question_is_refused(world: World, query: str) -> None:
    assert problem(await world.get(f"/service-offices?{query}")) == (422, "INVALID_INPUT")


async def test_an_unknown_office_is_not_found(world: World) -> None:
    assert problem(await world.get("/service-offices/KL-NONE")) == (404, "OFFICE_NOT_FOUND")
