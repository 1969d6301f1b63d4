"""Numbers of outlets over HTTP: an owner's own, a partner's outlets, staff; strangers find nothing."""

from datetime import datetime, timedelta

import pytest
from tests.api.world import World, problem
from tests.channel.numbers.desk import Desk

from konter.access.model import User
from konter.channel.model import NewArea
from konter.channel.partners import set_areas
from konter.platform.audit import SYSTEM
from konter.platform.cursor import cursor_text
from konter.subscriber.msisdn import national

WHY = {"reason": "ganti kartu"}


async def owner(world: World) -> tuple[User, str]:
    user = await world.stage.user(role="OUTLET_OWNER", nn_type="OWNER")
    return user, (await world.log_in(user))["token"]


async def partner(world: World, **given) -> str:
    return (await world.log_in(await world.stage.partner_user(**given)))["token"]


@pytest.mark.requirement("D-22", "D-27", "D-28", "D-60")
async def test_an_owner_adds_a_frontliner_changes_the_number_and_lets_go(world: World) -> None:
    user, token = await owner(world)
    place = f"/outlets/{user.outlet_id}"
    number, other = await world.stage.number(), await world.stage.number()
    body = {"username": "kasir.baru", "name": "Siti Baru", "number": national(number)}
    answer = await world.post(f"{place}/users", body, token)
    assert answer.status_code == 201, answer.text
    new = answer.json()["id"]
    (sent,) = await world.stage.texts(number, "credentials")
    assert sent["username"] == "kasir.baru"
    found = (await world.get(f"{place}/numbers", token)).json()
    lines = {line["id"]: (line["number"], line["type"]) for line in found["users"]}
    assert lines[new] == (str(number), "FRONTLINER")
    changed = await world.send("PUT", f"{place}/users/{new}/number", token, json={"number": national(other), **WHY})
    assert changed.json() == {"number": str(other), "was": str(number)}
    assert (await world.send("DELETE", f"{place}/users/{new}", token)).status_code == 204
    assert new not in [line["id"] for line in (await world.get(f"{place}/numbers", token)).json()["users"]]
    own = await world.send("DELETE", f"{place}/users/{user.id}", token)
    assert problem(own) == (403, "FORBIDDEN")


@pytest.mark.requirement("D-31", "D-34")
async def test_a_reseller_number_and_each_no(world: World) -> None:
    user, token = await owner(world)
    path = f"/outlets/{user.outlet_id}/reseller-number"
    number = await world.stage.number()
    changed = await world.send("PUT", path, token, json={"number": national(number), **WHY})
    assert changed.json()["number"] == str(number)
    _, other = await owner(world)
    taken = await world.send("PUT", path, other, json={"number": national(number), **WHY})
    assert problem(taken) == (404, "OUTLET_NOT_FOUND")
    mine, token = await owner(world)
    path = f"/outlets/{mine.outlet_id}/reseller-number"
    wanted = {national(number): "RS_ALREADY_REGISTERED", "0217654321": "BAD_MSISDN", "081298989898": "RS_NOT_OPERATOR"}
    for said, code in wanted.items():
        assert problem(await world.send("PUT", path, token, json={"number": said, **WHY}))[1] == code


@pytest.mark.requirement("D-34", "D-57")
async def test_who_may_and_who_finds_nothing(world: World) -> None:
    user, _ = await owner(world)
    assert world.user is not None
    path = f"/outlets/{user.outlet_id}/numbers"
    stranger = await partner(world, partner_id=await world.stage.other_partner())
    assert problem(await world.get(path, stranger)) == (404, "OUTLET_NOT_FOUND")
    assert problem(await world.get(path, world.token)) == (403, "FORBIDDEN")
    assert problem(await world.get(path, await world.staff("catalogue"))) == (403, "FORBIDDEN")
    for token in (await partner(world), await world.staff("branch")):
        assert (await world.get(path, token)).json()["outlet"] == str(user.outlet_id)
    sales = await partner(world, role="SBP_FIELD_SALES")
    body = {"number": national(await world.stage.number()), **WHY}
    assert problem(await world.send("PUT", f"{path[:-8]}/reseller-number", sales, json=body)) == (403, "FORBIDDEN")
    elsewhere = f"/outlets/{user.outlet_id}/users/{world.user.id}/number"
    branch = await world.staff("branch")
    assert problem(await world.send("PUT", elsewhere, branch, json=body)) == (404, "USER_NOT_FOUND")


@pytest.mark.requirement("D-31", "D-57", "D-58")
async def test_search_and_a_numbers_story(world: World) -> None:
    user, _ = await owner(world)
    branch, mine = await world.staff("branch"), await partner(world)
    stranger = await partner(world, partner_id=await world.stage.other_partner())
    for token in (branch, mine):
        (found,) = (await world.get(f"/outlets?q={national(user.nn_msisdn)}", token)).json()["items"]
        assert (found["id"], found["way"]) == (str(user.outlet_id), "number")
        story = (await world.get(f"/numbers/{national(user.nn_msisdn)}", token)).json()
        assert [(each["kind"], each["begun_why"], each["ended_why"]) for each in story["stretches"]] == [
            ("NN", "added", None)
        ]
    assert (await world.get(f"/outlets?q={national(user.nn_msisdn)}", stranger)).json()["items"] == []
    assert problem(await world.get(f"/numbers/{user.nn_msisdn}", stranger)) == (404, "NUMBER_NOT_FOUND")
    assert problem(await world.get("/numbers/12", branch)) == (422, "BAD_MSISDN")


@pytest.mark.requirement("D-32", "G-D07")
async def test_a_conflict_is_settled_once_by_the_branch(world: World) -> None:
    conflict, number, older, newer = await Desk(world.stage).conflict()
    branch = await world.staff("branch")
    assert problem(await world.get("/number-conflicts", world.care)) == (403, "FORBIDDEN")
    page = (await world.get("/number-conflicts", branch)).json()
    (line,) = page["items"]
    assert (page["open"], line["number"], line["older"]["id"], line["newer"]["status"]) == (
        1,
        str(number),
        str(older),
        "suspended",
    )
    due = datetime.fromisoformat(line["due_at"])
    for behind, found in ((due - timedelta(seconds=1), [line]), (due, [])):
        asked = f"/number-conflicts?cursor={cursor_text(behind, int(line['id']))}"
        assert (await world.get(asked, branch)).json()["items"] == found
    assert problem(await world.get("/number-conflicts?cursor=2026-11-21", branch)) == (422, "INVALID_INPUT")
    path = f"/number-conflicts/{conflict}/settlement"
    assert (await world.post(path, {"keeps": str(newer), **WHY}, branch)).json() == {
        "kept": str(newer),
        "disabled": str(older),
    }
    assert problem(await world.post(path, {"keeps": str(older), **WHY}, branch)) == (409, "CONFLICT_SETTLED")
    assert problem(await world.post("/number-conflicts/256/settlement", WHY, branch)) == (404, "CONFLICT_NOT_FOUND")


@pytest.mark.requirement("D-26", "D-28", "D-30")
async def test_a_number_is_let_go_and_takes_another_type(world: World) -> None:
    user, token = await owner(world)
    assert user.nn_msisdn is not None
    place = f"/outlets/{user.outlet_id}/users/"
    body = {"username": "kasir.lepas", "name": "Siti Lepas", "number": national(await world.stage.number())}
    other = (await world.post(place[:-1], body, token)).json()["id"]

    async def line() -> dict:
        users = (await world.get(f"/outlets/{user.outlet_id}/numbers", token)).json()["users"]
        return next(each for each in users if each["id"] == other)

    typed = {"type": "FAMILY"}
    assert (await world.send("PUT", f"{place}{other}/number-type", token, json=typed)).status_code == 204
    assert (await line())["type"] == "FAMILY"
    gone = await world.send("PUT", f"{place}{other}/number", token, json={"number": None, **WHY})
    assert gone.json()["number"] is None
    assert ((await line())["status"], (await line())["number"]) == ("unlinked", None)
    assert problem(await world.send("PUT", f"{place}{other}/number-type", token, json=typed)) == (409, "NN_RELEASED")
    own = await world.send("PUT", f"{place}{user.id}/number", token, json={"number": None, **WHY})
    assert problem(own) == (403, "FORBIDDEN")
    strange = await world.send("PUT", f"{place}{other}/number-type", token, json={"type": "NEIGHBOUR"})
    assert strange.status_code == 422


@pytest.mark.requirement("D-33")
async def test_a_reseller_number_is_let_go_when_the_outlet_stands_still(world: World) -> None:
    user, token = await owner(world)
    branch, place = await world.staff("branch"), f"/outlets/{user.outlet_id}"
    none = {"number": None, **WHY}
    assert problem(await world.send("PUT", f"{place}/reseller-number", token, json=none)) == (409, "OUTLET_NEEDS_RS")
    stopped = {"status": "suspended", **WHY}
    assert (await world.send("PUT", f"{place}/status", branch, json=stopped)).status_code == 204
    gone = await world.send("PUT", f"{place}/reseller-number", branch, json=none)
    assert gone.json()["number"] is None
    resumed = await world.send("PUT", f"{place}/status", branch, json={"status": "active", **WHY})
    assert problem(resumed) == (409, "OUTLET_NEEDS_RS")


@pytest.mark.requirement("D-52", "D-71")
async def test_an_outlet_ends_for_good_once(world: World) -> None:
    user, token = await owner(world)
    path, ended = f"/outlets/{user.outlet_id}/status", {"status": "terminated", **WHY}
    assert problem(await world.send("PUT", path, token, json=ended)) == (403, "FORBIDDEN")
    assert problem(await world.send("PUT", path, await world.staff("care"), json=ended)) == (403, "FORBIDDEN")
    async with world.stage.pool.acquire() as connection:
        areas = [NewArea(code="SULW", name="Sulawesi", level="area")]
        await set_areas(connection, areas, actor=SYSTEM, now=world.stage.now, ids=world.stage.ids)
    elsewhere = await world.staff("branch", area="SULW")
    assert problem(await world.send("PUT", path, elsewhere, json=ended)) == (404, "OUTLET_NOT_FOUND")
    branch = await world.staff("branch")
    assert (await world.send("PUT", path, branch, json=ended)).status_code == 204
    assert (await world.get(f"/outlets/{user.outlet_id}/numbers", token)).status_code == 401
    assert problem(await world.send("PUT", path, branch, json=ended)) == (409, "OUTLET_TERMINATED")
    unknown = await world.send("PUT", "/outlets/256/status", branch, json=ended)
    assert problem(unknown) == (404, "OUTLET_NOT_FOUND")
