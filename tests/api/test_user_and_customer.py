"""One person is a seller and a customer: what happens to one changes nothing that the other sees. [D-108]"""

import re

import pytest
from tests.api.world import World

from konter.access.model import User

pytestmark = pytest.mark.requirement("D-108")

SELLER_READS = ("/me", "/wallet", "/sales", "/me/devices")
SELLER_PAGES = ("/outlet", "/outlet/akun", "/outlet/riwayat", "/outlet/tutup-hari")


async def owner(world: World) -> tuple[User, str]:
    """An owner whose notification number is a private one, with a subscription and a main balance of its own."""
    return await world.seller(role="OUTLET_OWNER", nn_type="OWNER")


async def seen_by_seller(world: World, token: str) -> dict[str, str]:
    """All that an outlet reads of itself, by program and on pages; what is different every time left out."""
    seen = {path: (await world.get(path, token)).text for path in SELLER_READS}
    for path in SELLER_PAGES:
        answer = await world.http.get(path, headers={"cookie": f"konter_session={token}", "accept": "text/html"})
        assert answer.status_code == 200, (path, answer.text)
        seen[path] = re.sub(r'name="csrf" value="[^"]*"', "", answer.text)
    return seen


async def seen_of_customer(world: World, user: User) -> str:
    """What staff see of the number, who look at it as a customer's."""
    answer = await world.get(f"/care/subscribers/{user.nn_msisdn}", world.care)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_what_the_customer_gets_shows_nowhere_at_the_outlet(world: World) -> None:
    """Another outlet recharges the owner's private number."""
    user, token = await owner(world)
    seller, customer = await seen_by_seller(world, token), await seen_of_customer(world, user)
    sold = await world.sell(msisdn=str(user.nn_msisdn), product="PULSA25")
    assert sold.status_code == 201, sold.text
    assert await seen_by_seller(world, token) == seller
    assert await seen_of_customer(world, user) != customer


async def test_what_the_outlet_does_shows_nowhere_at_the_customer(world: World) -> None:
    """It sells to somebody else, and is suspended."""
    user, token = await owner(world)
    customer = await seen_of_customer(world, user)
    assert (await world.sell(token)).status_code == 201
    await world.stage.pool.execute("UPDATE outlet SET status = 'suspended' WHERE id = $1", user.outlet_id)
    assert await seen_of_customer(world, user) == customer
    for mark in (str(user.outlet_id), user.username, "Siti Kasir", "Sukses Cell"):
        assert mark not in customer, mark


async def test_an_owner_recharges_the_own_number_as_any_customers(world: World) -> None:
    """The wallet pays the cost, the main balance gets the face value: two accounts of two owners."""
    user, token = await owner(world)
    before = (await world.get("/wallet", token)).json()["balances"][0]["balance"]
    sale = (await world.sell(token, msisdn=str(user.nn_msisdn))).json()
    after = (await world.get("/wallet", token)).json()["balances"][0]["balance"]
    assert before - after == sale["cost"]
    assert (await world.get(f"/care/subscribers/{user.nn_msisdn}", world.care)).json()["balance"] == 50_000
    rows = await world.stage.pool.fetch(
        "SELECT kind, owner_id FROM account WHERE owner_id = $1 OR owner_id = (SELECT id FROM subscription WHERE msisdn = $2)",
        user.outlet_id,
        user.nn_msisdn,
    )
    assert len({row["owner_id"] for row in rows}) == 2
    assert {row["kind"] for row in rows if row["owner_id"] == user.outlet_id} == {"wallet"}


async def test_a_customer_who_is_no_user_has_no_way_in(world: World) -> None:
    """A number of the operator alone opens nothing of the seller's app."""
    number = f"0{str(await world.stage.number())[2:]}"
    answer = await world.post("/login", {"username": number, "password": "rahasia-sekali"})
    assert answer.status_code == 401
