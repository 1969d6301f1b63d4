"""A merchant's machine checks and burns codes."""

import uuid
from pathlib import Path

import pytest
from tests.api.world import World, problem
from tests.loyalty.rewards.conftest import Counter

from konter.loyalty.rewards.merchants.manage import set_merchant_client
from konter.platform.audit import SYSTEM
from konter.platform.ids import ClientId


class Till:
    """A machine of a merchant, with a code in hand."""

    def __init__(self, world: World, counter: Counter) -> None:
        self.world, self.counter = world, counter
        self.key = self.merchant = self.code = ""

    async def machine(self, *scopes: str, merchant: str = "") -> str:
        """The key of a new machine, tied to a merchant or to none."""
        world, stage = self.world, self.world.stage
        body = {"name": f"Kasir {uuid.uuid4().hex[:6]}", "scopes": list(scopes)}
        made = (await world.post("/clients", body, await world.staff("admin"))).json()
        if merchant:
            async with stage.pool.acquire() as connection:
                client = ClientId(int(made["client"]))
                refusal = await set_merchant_client(
                    connection, merchant, client, now=stage.now, actor=SYSTEM, ids=stage.ids
                )
            assert refusal is None
        return made["key"]

    async def open(self) -> "Till":
        self.merchant = await self.counter.merchant()
        reward = await self.counter.vouchers(1, merchant=self.merchant, terms_id="Satu gelas.")
        self.code = await self.counter.code_of(await self.counter.customer(), reward)
        self.key = await self.machine("vouchers.burn", merchant=self.merchant)
        return self

    async def burn(self, code: str = "", *, ref: str = "", key: str = ""):
        body = {"client_ref": ref or str(uuid.uuid4()), "code": code or self.code}
        return await self.world.post("/merchants/vouchers/burn", body, key or self.key)

    async def verify(self, code: str = "", *, key: str = ""):
        return await self.world.post("/merchants/vouchers/verify", {"code": code or self.code}, key or self.key)


@pytest.fixture
async def till(world: World, tmp_path: Path) -> Till:
    return await Till(world, Counter(world.stage, tmp_path)).open()


@pytest.mark.requirement("P-23")
async def test_it_works(till: Till) -> None:
    seen = (await till.verify()).json()
    assert (seen["name"], seen["terms"], seen["usable"], seen["burnt_at"]) == ("Hadiah", "Satu gelas.", True, None)
    burnt = await till.burn(till.code.lower())
    assert (burnt.status_code, burnt.json()["usable"]) == (201, False)
    after = (await till.verify()).json()
    assert (after["usable"], after["refusal"]["code"]) == (False, "CODE_BURNT")


@pytest.mark.requirement("P-23")
async def test_twice_with_the_same_ref(till: Till) -> None:
    ref = str(uuid.uuid4())
    first, again = await till.burn(ref=ref), await till.burn(ref=ref)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert problem(await till.burn()) == (409, "CODE_BURNT")
    assert problem(await till.burn("ZZZZ9999", ref=ref)) == (409, "BURN_REF_REUSED")


@pytest.mark.requirement("P-23")
async def test_of_another_merchant(till: Till) -> None:
    other = await till.machine("vouchers.burn", merchant=await till.counter.merchant())
    assert problem(await till.verify(key=other)) == (403, "CODE_OF_ANOTHER")
    assert problem(await till.burn(key=other)) == (403, "CODE_OF_ANOTHER")
    assert problem(await till.verify("ZZZZ9999")) == (404, "CODE_UNKNOWN")
    assert (await till.burn()).status_code == 201


async def test_without_scope_or_merchant(till: Till) -> None:
    bills = await till.machine("bills", merchant="")
    assert problem(await till.burn(key=bills)) == (403, "SCOPE_MISSING")
    nobodys = await till.machine("vouchers.burn")
    for answer in (await till.burn(key=nobodys), await till.verify(key=nobodys)):
        assert problem(answer) == (403, "CLIENT_WITHOUT_MERCHANT")
    assert problem(await till.burn(key=till.world.token)) == (401, "BAD_API_KEY")


async def test_who_guesses_waits(till: Till) -> None:
    answers = [await till.verify(f"ZZZZ99{each:02}") for each in range(61)]
    assert problem(answers[-1]) == (429, "TOO_MANY_REQUESTS")
    assert problem(await till.burn()) == (429, "TOO_MANY_REQUESTS")
