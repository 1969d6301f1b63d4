"""Rewards for staff over HTTP: what is left, how many codes, and closing one."""

from pathlib import Path

import pytest
from tests.api.world import World, problem
from tests.loyalty.rewards.conftest import Counter


async def listed(world: World) -> dict[str, dict]:
    return {each["id"]: each for each in (await world.get("/rewards/stock", world.care)).json()["items"]}


@pytest.mark.requirement("P-23")
async def test_staff_see_what_is_left_and_count_codes(world: World, tmp_path: Path) -> None:
    counter = Counter(world.stage, tmp_path)
    reward = await counter.vouchers(3)
    code = await counter.code_of(await counter.customer(), reward)
    answer = await world.get("/rewards/stock", world.care)
    line = (await listed(world))[reward]
    assert (line["points"], line["left"], line["taken"]) == (12, "few", 1)
    assert line["codes"] == {"free": 2, "lapsed": 0, "issued": 1, "burnt": 0}
    assert code not in answer.text


async def test_a_reward_is_closed_and_opened(world: World, tmp_path: Path) -> None:
    counter = Counter(world.stage, tmp_path)
    customer, reward = await counter.customer(), await counter.reward()
    for is_open, code in ((False, "REWARD_CLOSED"), (True, "new")):
        body = {"open": is_open, "reason": "barang ditarik"}
        answer = await world.send("PUT", f"/rewards/{reward}/availability", world.supervisor, json=body)
        (line,) = answer.json()["items"]
        assert (line["id"], line["open"]) == (reward, is_open)
        assert (await listed(world))[reward]["open"] == is_open
        assert (await counter.redeem(customer, reward)).code == code


async def test_who_may_not(world: World) -> None:
    body = {"open": False, "reason": "barang ditarik"}
    assert problem(await world.get("/rewards/stock", world.token)) == (403, "FORBIDDEN")
    assert problem(await world.send("PUT", "/rewards/X/availability", world.care, json=body)) == (403, "FORBIDDEN")
    unknown = await world.send("PUT", "/rewards/X/availability", world.supervisor, json=body)
    assert problem(unknown) == (404, "REWARD_NOT_FOUND")
