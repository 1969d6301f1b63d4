"""A customer's points over HTTP: balance, history, catalogue, redeeming; the same as by SMS and USSD."""

import uuid
from pathlib import Path

import pytest
from tests.api.world import World, problem
from tests.loyalty.dialogue.conftest import Phone
from tests.loyalty.rewards.conftest import Counter

from konter.platform.ids import Msisdn
from konter.subscriber.model import Subscription


class Member:
    """A customer with points and a token."""

    def __init__(self, world: World, counter: Counter, customer: Subscription, token: str) -> None:
        self.world, self.counter, self.customer, self.token = world, counter, customer, token

    async def redeem(self, reward: str, **changed: object):
        body = {"client_ref": str(uuid.uuid4()), "reward": reward, **changed}
        return await self.world.post("/customer/redemptions", body, self.token)

    async def get(self, path: str) -> dict:
        answer = await self.world.get(path, self.token)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def counter(world: World, tmp_path: Path) -> Counter:
    return Counter(world.stage, tmp_path)


async def member(world: World, counter: Counter, points: int = 100, **others: int) -> Member:
    customer = await counter.customer(points, **others)
    return Member(world, counter, customer, await world.customers_token(Msisdn(customer.msisdn)))


@pytest.mark.requirement("P-28", "P-30", "P-41")
async def test_it_works(world: World, counter: Counter) -> None:
    someone = await member(world, counter, 48)
    seen = await someone.get("/customer/points")
    year = world.stage.now.year
    assert (seen["points"], seen["debt"], seen["month_recharged"], seen["month_minimum"]) == (48, 0, 0, 50_000)
    assert [(each["year"], each["points"], each["last_day"]) for each in seen["vintages"]] == [
        (year, 48, f"{year + 1}-03-31")
    ]
    assert seen["tier"] == {"code": "mass", "name": "MASS", "since": None, "last_day": None}


@pytest.mark.requirement("P-30")
async def test_what_is_redeemed_here_is_seen_by_sms_and_ussd_at_once(world: World, counter: Counter) -> None:
    someone, reward = await member(world, counter, 48), await counter.reward()
    answer = await someone.redeem(reward)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["points"], answer.json()["points_left"]) == (20, 28)
    phone = Phone(counter, world.server.state.app.redeeming)
    assert (await phone.write(someone.customer, "POIN")).startswith("Poin Anda 28 (berlaku s.d. ")
    assert (await phone.dial(someone.customer)).text.startswith("Poin Anda 28, status MASS")
    for typed in ("3", "1", "1"):
        await phone.type(someone.customer, typed)
    assert "Sisa poin 8" in (await phone.type(someone.customer, "1")).text
    assert (await someone.get("/customer/points"))["points"] == 8
    assert (await phone.write(someone.customer, "POIN")).startswith("Poin Anda 8 ")


@pytest.mark.requirement("P-29")
async def test_twice_with_the_same_ref(world: World, counter: Counter) -> None:
    someone, reward = await member(world, counter), await counter.reward()
    ref = str(uuid.uuid4())
    first = await someone.redeem(reward, client_ref=ref)
    again = await someone.redeem(reward, client_ref=ref)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    other = await counter.reward()
    assert problem(await someone.redeem(other, client_ref=ref)) == (409, "REDEMPTION_REF_REUSED")
    assert (await someone.get("/customer/points"))["points"] == 80


async def test_what_cannot_be_redeemed_moves_nothing(world: World, counter: Counter) -> None:
    someone = await member(world, counter, 10)
    dear, gold = await counter.reward(points=500), await counter.reward(points=5, tier="gold")
    assert problem(await someone.redeem(dear)) == (409, "INSUFFICIENT_POINTS")
    refused = await someone.redeem(gold)
    assert problem(refused) == (403, "REWARD_NOT_FOR_TIER")
    assert ("status GOLD" in refused.json()["detail"], refused.json()["data"]["tier"]) == (True, "gold")
    assert problem(await someone.redeem("NIRWANA")) == (404, "REWARD_NOT_FOUND")
    assert problem(await someone.redeem(dear, points=20)) == (409, "REWARD_PRICE_CHANGED")
    assert problem(await someone.redeem(dear, points=500, offer_from="2025-01-01T00:00:00+07:00")) == (
        409,
        "REWARD_CHANGED",
    )
    assert problem(await someone.redeem(dear, points=0)) == (422, "INVALID_INPUT")
    assert problem(await someone.redeem("x y")) == (422, "INVALID_INPUT")
    assert (await someone.get("/customer/points"))["points"] == 10


@pytest.mark.requirement("P-24", "P-25", "P-42")
async def test_the_catalogue_is_the_same_for_anybody_and_says_why_not(world: World, counter: Counter) -> None:
    someone = await member(world, counter, 30)
    cheap, dear = await counter.reward(), await counter.reward(points=500, sort=1)
    public = (await world.get("/rewards")).json()["items"]
    own = (await someone.get("/customer/rewards"))["items"]
    assert [each["id"] for each in public] == [cheap, dear]
    assert [{name: each[name] for name in public[0]} for each in own] == public
    assert own[0]["refusal"] is None
    assert (own[1]["refusal"]["code"], own[1]["refusal"]["data"]["missing"]) == ("INSUFFICIENT_POINTS", 470)
    english = (await world.get("/rewards", **{"accept-language": "en"})).json()["items"]
    assert english[0]["name"] == "Reward"


@pytest.mark.requirement("P-23", "P-30")
async def test_a_code_is_for_its_customer_alone(world: World, counter: Counter) -> None:
    someone, stranger = await member(world, counter), await member(world, counter)
    made = (await someone.redeem(await counter.vouchers(2))).json()
    assert made["voucher"]
    path = f"/customer/redemptions/{made['id']}"
    assert await someone.get(path) == made
    assert problem(await world.get(path, stranger.token)) == (404, "REDEMPTION_NOT_FOUND")
    (line,) = (await someone.get("/customer/redemptions"))["items"]
    assert (line["id"], line["voucher"]) == (made["id"], None)
    assert (await stranger.get("/customer/redemptions"))["items"] == []


async def test_redemptions_come_page_by_page(world: World, counter: Counter) -> None:
    someone, reward = await member(world, counter), await counter.reward()
    made = [(await someone.redeem(reward)).json()["id"] for _ in range(3)]
    first = await someone.get("/customer/redemptions?limit=2")
    assert [each["id"] for each in first["items"]] == made[:0:-1]
    rest = await world.http.get(
        "/api/v1/customer/redemptions",
        params={"limit": 2, "cursor": first["next"]},
        headers={"authorization": f"Bearer {someone.token}"},
    )
    assert ([each["id"] for each in rest.json()["items"]], rest.json()["next"]) == (made[:1], None)
    for odd in ("x", "1795898411000000-", "1795898411000000--1", "-1"):
        answer = await world.http.get(
            "/api/v1/customer/redemptions",
            params={"cursor": odd},
            headers={"authorization": f"Bearer {someone.token}"},
        )
        assert problem(answer) == (422, "INVALID_INPUT"), odd


@pytest.mark.requirement("P-30")
async def test_history_says_why_and_comes_page_by_page(world: World, counter: Counter) -> None:
    someone, reward = await member(world, counter, 100, y2025=10), await counter.reward()
    for _ in range(2):
        await someone.redeem(reward)
    whole = (await someone.get("/customer/points/history"))["items"]
    assert [each["points"] for each in whole] == [-20, -20, 10, 100]
    assert whole[0]["sentence"].startswith("20 poin ditukar dengan Hadiah (nomor ")
    assert whole[0]["redemption"]
    assert whole[-1]["sentence"] == "100 poin diberikan."
    path, paged = "/customer/points/history?limit=1", []
    while True:
        page = await someone.get(path)
        paged += page["items"]
        if page["next"] is None:
            break
        path = f"/customer/points/history?limit=1&cursor={page['next']}"
    assert paged == whole
    for odd in ("1795898411000000", "1795898411000000-9223372036854775808", "x"):
        answer = await world.get(f"/customer/points/history?cursor={odd}", someone.token)
        assert problem(answer) == (422, "INVALID_INPUT"), odd


async def test_a_reversal_of_what_was_spent_is_told(world: World, counter: Counter) -> None:
    someone = await member(world, counter, 10)
    await counter.grant(someone.customer, -25, world.stage.now.year)
    seen = await someone.get("/customer/points")
    assert (seen["points"], seen["debt"], seen["vintages"]) == (-15, 15, [])
    assert problem(await someone.redeem(await counter.reward(points=1))) == (409, "POINTS_IN_DEBT")


async def test_only_with_a_customers_token(world: World, counter: Counter) -> None:
    reward = await counter.reward()
    body = {"client_ref": str(uuid.uuid4()), "reward": reward}
    for token in ("", world.token, world.care):
        assert problem(await world.get("/customer/points", token)) == (401, "SESSION_EXPIRED")
        assert problem(await world.post("/customer/redemptions", body, token)) == (401, "SESSION_EXPIRED")
