"""A partner's users over HTTP: its administrators and staff of its area look after them."""

import pytest
from tests.api.world import World, problem

BODY = {"username": "sales.baru", "name": "Sari Sales", "role": "SBP_FIELD_SALES"}


async def admin(world: World) -> str:
    return (await world.log_in(await world.stage.partner_user()))["token"]


@pytest.mark.requirement("D-57", "D-60")
async def test_it_works(world: World) -> None:
    token, number = await admin(world), await world.stage.number()
    path = f"/partners/{world.stage.partner_id}/users"
    made = await world.post(path, {**BODY, "number": str(number)}, token)
    assert made.status_code == 201, made.text
    user_id = made.json()["id"]
    lines = {line["id"]: line for line in (await world.get(path, token)).json()["items"]}
    assert (lines[user_id]["role"], lines[user_id]["number"]) == ("SBP_FIELD_SALES", str(number))
    (data,) = await world.stage.texts(number, "credentials")
    login = await world.post("/login", {"username": data["username"], "password": data["password"]})
    assert login.json()["next"] == "otp"
    assert (await world.post(f"{path}/{user_id}/credentials", token=token)).status_code == 204
    status = {"status": "ended", "reason": "mengundurkan diri"}
    assert (await world.post(f"{path}/{user_id}/status", status, token)).status_code == 204
    assert problem(await world.post(f"{path}/{user_id}/status", status, token)) == (409, "USER_ENDED")


@pytest.mark.requirement("D-34", "D-57")
async def test_a_strangers_partner_is_unknown_and_so_is_its_user(world: World) -> None:
    other = await world.stage.other_partner()
    theirs = await world.stage.partner_user(partner_id=other)
    token = await admin(world)
    status = {"status": "blocked", "reason": "uji coba"}
    assert problem(await world.get(f"/partners/{other}/users", token)) == (404, "PARTNER_NOT_FOUND")
    path = f"/partners/{other}/users/{theirs.id}/status"
    assert problem(await world.post(path, status, token)) == (404, "PARTNER_NOT_FOUND")
    path = f"/partners/{world.stage.partner_id}/users/{theirs.id}/status"
    assert problem(await world.post(path, status, token)) == (404, "USER_NOT_FOUND")
    sales = (await world.log_in(await world.stage.partner_user(role="SBP_FIELD_SALES")))["token"]
    assert problem(await world.get(f"/partners/{world.stage.partner_id}/users", sales)) == (403, "FORBIDDEN")


async def test_staff_end_a_partner_that_has_no_outlets(world: World) -> None:
    other, staff = await world.stage.other_partner(), await world.staff("admin")
    body = {"reason": "kontrak habis"}
    busy = await world.post(f"/partners/{world.stage.partner_id}/end", body, staff)
    assert problem(busy) == (409, "PARTNER_HAS_OUTLETS")
    assert (await world.post(f"/partners/{other}/end", body, staff)).status_code == 204
    assert problem(await world.post(f"/partners/{other}/end", body, staff)) == (409, "PARTNER_NOT_ACTIVE")
