"""An outcome by hand over HTTP: who may propose one, of what. What it does: tests/sales/by_hand."""

import pytest
from tests.api.world import World, problem

BODY = {"delivered": True, "evidence": "surat jaringan 7", "reason": "tidak dijawab"}


@pytest.mark.requirement("G-D12")
async def test_only_what_is_left_to_people_has_one(world: World) -> None:
    sale = (await world.sell()).json()
    for id_ in (sale["id"], sale["code"]):
        assert problem(await world.post(f"/sales/{id_}/outcome", BODY, world.care)) == (409, "OUTCOME_KNOWN")
    assert problem(await world.post("/sales/AAAA-AAAA/outcome", BODY, world.care)) == (404, "SALE_NOT_FOUND")
    taken = {"taken_back": True, "evidence": "surat jaringan 7", "reason": "jumlahnya lain"}
    assert problem(await world.post("/reversals/1/outcome", taken, world.care)) == (404, "REVERSAL_NOT_FOUND")


async def test_evidence_is_needed(world: World) -> None:
    sale = (await world.sell()).json()
    body = {**BODY, "evidence": ""}
    assert problem(await world.post(f"/sales/{sale['id']}/outcome", body, world.care)) == (422, "INVALID_INPUT")


async def test_other_roles_propose_none(world: World) -> None:
    sale = (await world.sell()).json()
    for role in ("finance", "branch", "admin"):
        answer = await world.post(f"/sales/{sale['id']}/outcome", BODY, await world.staff(role))
        assert problem(answer) == (403, "FORBIDDEN")
