"""What the network may tell, and what nobody else may."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.world import World, made_world, problem

from konter.platform.ids import make_id

TOKEN = "agreed-at-installation"
NOBODY_LISTENS = "http://127.0.0.1:9"
PATH = "/network/answers"
STRANGER = str(make_id(1 << 40, 7))


@pytest.fixture
async def networked(own_dsn: str, tmp_path: Path) -> AsyncIterator[World]:
    """An outlet that sells over a network, which is away."""
    async with made_world(own_dsn, tmp_path, network_url=NOBODY_LISTENS, network_token=TOKEN) as made:
        yield await made.open_shop()


async def tell(world: World, token: str = TOKEN, **changed: Any) -> httpx.Response:
    body = {"transfer_id": STRANGER, "state": "done", "reason": "", "nominal_rp": 50_000, "at": "2026-11-21T05:00:00Z"}
    return await world.post(PATH, {**body, **changed}, token)


@pytest.mark.requirement("D-43", "D-46")
async def test_a_sale_that_the_network_tells_of_is_looked_at_now(networked: World) -> None:
    sold = await networked.sell()
    assert (sold.status_code, sold.json()["status"]) == (201, "checking"), sold.text
    pool = networked.stage.pool
    transfer_id, at = await pool.fetchrow("SELECT transfer_id, at FROM sale")
    for _ in range(2):
        answer = await tell(networked, transfer_id=str(transfer_id))
        assert (answer.status_code, answer.json()) == (200, {"word": "taken"})
    due_at = await pool.fetchval("SELECT due_at FROM sale_check")
    assert (due_at - at).total_seconds() < 20, "not only after half a minute"
    assert await pool.fetchval("SELECT status FROM sale") == "checking", "and nothing is booked on its word"


async def test_an_unknown_transfer_is_kept_for_people(networked: World) -> None:
    assert (await tell(networked)).json() == {"word": "unknown_transfer"}
    assert (await tell(networked)).json() == {"word": "unknown_transfer"}
    assert await networked.stage.pool.fetchval("SELECT count(*) FROM work_item") == 1


async def test_nobody_else_may_tell(networked: World) -> None:
    for token in ("", "wrong", networked.token, networked.care, f"{TOKEN}x"):
        assert problem(await tell(networked, token)) == (401, "WRONG_NETWORK_TOKEN")
    assert await networked.stage.pool.fetchval("SELECT count(*) FROM work_item") == 0


async def test_without_a_network_no_token_is_right(world: World) -> None:
    assert problem(await tell(world)) == (401, "WRONG_NETWORK_TOKEN")
    assert problem(await tell(world, "")) == (401, "WRONG_NETWORK_TOKEN")


async def test_without_a_token_of_its_own_nobody_is_the_network(own_dsn: str, tmp_path: Path) -> None:
    async with made_world(own_dsn, tmp_path, network_url=NOBODY_LISTENS) as world:
        assert problem(await tell(world, "")) == (401, "WRONG_NETWORK_TOKEN")
        assert problem(await world.post(PATH, {}, authorization="Bearer ")) == (401, "WRONG_NETWORK_TOKEN")


@pytest.mark.parametrize(
    "changed",
    [
        {"transfer_id": 7},
        {"transfer_id": "0"},
        {"transfer_id": "-7"},
        {"transfer_id": "7e3"},
        {"transfer_id": "9223372036854775808"},
        {"state": "accepted"},
        {"nominal_rp": "50000"},
        {"nominal_rp": -1},
        {"at": "2026-11-21 12:00"},
        {"balance": 1},
    ],
)
async def test_what_nobody_can_mean_is_said_so(networked: World, changed: dict[str, Any]) -> None:
    assert problem(await tell(networked, **changed)) == (422, "INVALID_INPUT")
