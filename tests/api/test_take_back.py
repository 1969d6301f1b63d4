"""Reversals of what a network delivered, over HTTP on both sides."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.api.world import World, made_world, problem
from tests.simulator.network_site import TOKEN, Site, network


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    (tmp_path / "network").mkdir()
    async with network(tmp_path / "network") as site:
        yield site


@pytest.fixture
async def world(own_dsn: str, tmp_path: Path, site: Site) -> AsyncIterator[World]:
    """An outlet that sells over a simulated network."""
    async with made_world(own_dsn, tmp_path, network_url=site.base, network_token=TOKEN) as made:
        yield await made.open_shop()


async def decide(world: World, sale: dict) -> tuple:
    asked = await world.post("/reversals", {"sale": sale["id"], "reason": "salah nomor"}, world.care)
    assert asked.status_code == 201, asked.text
    answer = await world.post(f"/reversals/{asked.json()['id']}/decision", {"approve": True}, world.supervisor)
    return asked.json()["id"], answer


async def test_it_works(world: World, site: Site) -> None:
    before = await world.balance()
    sale = (await world.sell()).json()
    assert (sale["status"], await site.caller.given(str(world.customer))) == ("done", (50_000, 1))
    _, answer = await decide(world, sale)
    done = answer.json()["reversal"]
    assert (answer.status_code, done["state"], done["balance_after"]) == (200, "done", before)
    assert done["done_at"] >= done["decided_at"]
    assert (await site.caller.given(str(world.customer)), await world.balance()) == ((0, 0), before)


async def test_what_the_customer_has_spent_at_the_network_stays(world: World, site: Site) -> None:
    sale = (await world.sell()).json()
    left = await world.balance()
    await site.caller.set_faults(refuse_take_back=100)
    _, answer = await decide(world, sale)
    assert problem(answer) == (409, "TAKE_BACK_REFUSED")
    assert answer.json()["data"]["reason"] == "SPENT"
    assert (await site.caller.given(str(world.customer)), await world.balance()) == ((50_000, 1), left)
    assert (await world.get("/reversals", world.care)).json()["items"] == []


async def test_while_the_network_does_not_answer_it_is_approved(world: World, site: Site) -> None:
    sale = (await world.sell()).json()
    left = await world.balance()
    await site.caller.set_faults(silent_before=100)
    id_, answer = await decide(world, sale)
    found = answer.json()
    assert (answer.status_code, found["reversal"]["state"], found["reversal"]["done_at"]) == (200, "approved", None)
    assert await world.balance() == left
    again = await world.post(f"/reversals/{id_}/decision", {"approve": True}, world.supervisor)
    assert problem(again) == (409, "REVERSAL_DECIDED")
