"""Lost phones over HTTP."""

import pytest
from tests.access.people import PASSWORD
from tests.api.world import World, problem


@pytest.mark.requirement("D-52")
async def test_it_works(world: World) -> None:
    number = str(world.user.nn_msisdn)
    reported = await world.post("/lost-phones", {"number": f"0{number[2:]}", "note": "di angkot"}, world.care)
    assert (reported.status_code, reported.json()["number"], reported.json()["way"]) == (200, number, "staff")
    assert problem(await world.sell()) == (401, "SESSION_EXPIRED")
    login = {"username": world.user.username, "password": PASSWORD}
    assert problem(await world.post("/login", login)) == (403, "PHONE_REPORTED_LOST")
    (line,) = (await world.get("/lost-phones", world.care)).json()["items"]
    path = f"/lost-phones/{line['id']}/lift"
    assert problem(await world.post(path, {"reason": "ketemu"}, world.care)) == (403, "FORBIDDEN")
    assert (await world.post(path, {"reason": "ketemu"}, world.supervisor)).status_code == 204
    assert problem(await world.post(path, {"reason": "ketemu"}, world.supervisor)) == (409, "LOST_PHONE_LIFTED")
    assert (await world.post("/login", login)).json()["next"] == "otp"


@pytest.mark.requirement("D-52")
async def test_the_own_phone_by_password_alone(world: World) -> None:
    body = {"username": world.user.username, "password": "salah-sekali"}
    assert problem(await world.post("/lost-phones/own", body)) == (401, "BAD_CREDENTIALS")
    assert (await world.get("/me", world.token)).status_code == 200
    assert (await world.post("/lost-phones/own", {**body, "password": PASSWORD})).status_code == 204
    assert problem(await world.get("/me", world.token)) == (401, "SESSION_EXPIRED")


async def test_a_strangers_number_is_as_unknown_as_nobodys(world: World) -> None:
    stranger = (await world.log_in(await world.stage.user()))["token"]
    for number in (str(world.user.nn_msisdn), "081299999999"):
        answer = await world.post("/lost-phones", {"number": number}, stranger)
        assert problem(answer) == (404, "SELLER_NUMBER_NOT_FOUND")
    assert problem(await world.post("/lost-phones", {"number": "halo"}, stranger))[0] == 422
