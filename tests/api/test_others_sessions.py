"""Other people's sessions over HTTP: seen, ended one by one, ended all at once. [D-81]"""

import pytest
from tests.api.world import World, problem


@pytest.mark.requirement("D-81")
async def test_of_a_partner(world: World) -> None:
    branch, partner = await world.staff("branch"), await world.stage.partner_user()
    first, second = (await world.log_in(partner))["token"], (await world.log_in(partner))["token"]
    path = f"/partners/{world.stage.partner_id}/sessions"
    lines = (await world.get(path, world.care)).json()["items"]
    assert [line["username"] for line in lines] == [partner.username] * 2
    assert (await world.send("DELETE", f"{path}/{lines[0]['id']}", branch)).json() == {"ended": 1}
    assert problem(await world.send("DELETE", f"{path}/{lines[0]['id']}", branch)) == (404, "SESSION_NOT_FOUND")
    assert problem(await world.get("/me", second)) == (401, "SESSION_EXPIRED")
    assert (await world.get("/me", first)).status_code == 200
    assert (await world.send("DELETE", path, branch)).json() == {"ended": 1}
    assert problem(await world.get("/me", first)) == (401, "SESSION_EXPIRED")
    assert problem(await world.send("DELETE", path, world.care)) == (403, "FORBIDDEN")


@pytest.mark.requirement("D-81")
async def test_of_an_outlet_all_at_once_and_a_sale_after_it_is_refused(world: World) -> None:
    path = f"/outlets/{world.user.outlet_id}/sessions"
    assert (await world.send("DELETE", path, world.supervisor)).json() == {"ended": 1}
    assert problem(await world.sell()) == (401, "SESSION_EXPIRED")
    assert await world.sales() == 0


@pytest.mark.requirement("D-81")
async def test_of_staff(world: World) -> None:
    admin, compliance = await world.staff("admin"), await world.staff("compliance")
    care = (await world.get("/me", world.care)).json()["user"]["id"]
    path = f"/staff/{care}/sessions"
    (line,) = (await world.get(path, compliance)).json()["items"]
    assert problem(await world.send("DELETE", path, compliance)) == (403, "FORBIDDEN")
    assert (await world.send("DELETE", f"{path}/{line['id']}", admin)).json() == {"ended": 1}
    assert problem(await world.get("/me", world.care)) == (401, "SESSION_EXPIRED")
    assert (await world.send("DELETE", path, admin)).json() == {"ended": 0}
    assert problem(await world.get("/staff/7/sessions", admin)) == (404, "STAFF_NOT_FOUND")
