"""A customer over the API: log in by the own number, see it, end sessions."""

from datetime import timedelta

import pytest
from tests.access.people import wrong
from tests.api.world import World, problem


@pytest.mark.requirement("P-30")
async def test_it_works(world: World) -> None:
    await world.sell()
    login = await world.post("/customer/login", {"msisdn": f"0{str(world.customer)[2:]}"})
    assert login.status_code == 200
    assert set(login.json()) == {"login_id", "resend_at", "expires_at"}
    code = await world.stage.last_otp(world.customer)
    path = f"/customer/login/{login.json()['login_id']}/otp"
    assert problem(await world.post(path, {"code": wrong(code)})) == (401, "OTP_WRONG")
    token = (await world.post(path, {"code": code})).json()["token"]
    assert problem(await world.post(path, {"code": code})) == (410, "OTP_EXPIRED")
    seen = (await world.get("/customer", token)).json()
    assert (seen["msisdn"], seen["state"], seen["balance"]) == (str(world.customer), "ACTIVE", 50_000)
    (session,) = (await world.get("/customer/sessions", token)).json()["items"]
    assert session["current"]
    assert (await world.send("DELETE", f"/customer/sessions/{session['id']}", token)).status_code == 204
    assert problem(await world.get("/customer", token)) == (401, "SESSION_EXPIRED")


@pytest.mark.requirement("P-30")
async def test_a_number_that_is_none_of_ours_is_answered_alike(world: World) -> None:
    login = await world.post("/customer/login", {"msisdn": "085700000001"})
    assert login.status_code == 200
    assert set(login.json()) == {"login_id", "resend_at", "expires_at"}
    path = f"/customer/login/{login.json()['login_id']}"
    assert problem(await world.post(f"{path}/otp", {"code": "000000"})) == (401, "OTP_WRONG")
    assert problem(await world.post(f"{path}/resend")) == (429, "OTP_RESEND_TOO_SOON")


async def test_what_is_no_number_is_told_so(world: World) -> None:
    assert problem(await world.post("/customer/login", {"msisdn": "halo"})) == (422, "BAD_MSISDN")


async def test_another_code_comes_under_another_ticket(world: World) -> None:
    first = (await world.post("/customer/login", {"msisdn": str(world.customer)})).json()["login_id"]
    async with world.server.state.app.pool.acquire() as connection:
        await connection.execute("UPDATE rate_window SET window_at = window_at - $1::interval", timedelta(minutes=2))
    answer = await world.post(f"/customer/login/{first}/resend")
    assert answer.status_code == 200, answer.text
    assert answer.json()["login_id"] != first
    code = await world.stage.last_otp(world.customer)
    path = f"/customer/login/{answer.json()['login_id']}/otp"
    assert (await world.post(path, {"code": code})).status_code == 200


async def test_a_seller_is_no_customer_and_a_customer_no_seller(world: World) -> None:
    token = await world.customers_token(world.customer)
    assert problem(await world.get("/customer", world.token)) == (401, "SESSION_EXPIRED")
    assert problem(await world.get("/me", token)) == (401, "SESSION_EXPIRED")
    assert problem(await world.sell(token)) == (401, "SESSION_EXPIRED")
