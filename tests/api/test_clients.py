"""Machines with keys: let in, limited, shut out at once."""

from datetime import timedelta

import pytest
from tests.api.world import World, problem

BODY = {"name": "Pusat panggilan", "scopes": ["phones.report"]}


@pytest.fixture
async def admin(world: World) -> str:
    return await world.staff("admin")


async def made(world: World, admin: str, **changed) -> dict:
    answer = await world.post("/clients", {**BODY, **changed}, admin)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_it_works(world: World, admin: str) -> None:
    client = await made(world, admin)
    me = (await world.get("/client", client["key"])).json()
    assert (me["id"], me["name"], me["scopes"]) == (client["client"], "Pusat panggilan", ["phones.report"])
    reported = await world.post("/client/lost-phones", {"number": str(world.user.nn_msisdn)}, client["key"])
    assert (reported.json()["way"], reported.json()["reported_by"]) == ("client", f"client:{client['client']}")
    assert problem(await world.sell()) == (401, "SESSION_EXPIRED")
    (line,) = (await world.get("/clients", admin)).json()["items"]
    assert line["last_used_on"] is not None
    kept = await world.stage.pool.fetch("SELECT * FROM api_key")
    assert client["key"] not in str(kept)


async def test_a_key_opens_nothing_else_and_a_token_is_no_key(world: World, admin: str) -> None:
    client = await made(world, admin, scopes=[])
    answer = await world.post("/client/lost-phones", {"number": "081234567890"}, client["key"])
    assert problem(answer) == (403, "SCOPE_MISSING")
    for path in ("/me", "/wallet", "/clients", "/lost-phones"):
        assert problem(await world.get(path, client["key"])) == (401, "SESSION_EXPIRED")
    for token in ("", "kk_x", world.token, client["key"][:-4] + "AAAA"):
        assert problem(await world.get("/client", token)) == (401, "BAD_API_KEY")


async def test_keys_rotate_and_are_refused_at_once(world: World, admin: str) -> None:
    client = await made(world, admin)
    path = f"/clients/{client['client']}"
    second = (await world.post(f"{path}/keys", {"days": 30}, admin)).json()
    assert problem(await world.post(f"{path}/keys", {}, admin)) == (409, "TOO_MANY_KEYS")
    assert (await world.get("/client", second["key"])).status_code == 200
    assert (await world.send("DELETE", f"{path}/keys/{client['id']}", admin)).status_code == 204
    assert problem(await world.send("DELETE", f"{path}/keys/{client['id']}", admin)) == (404, "API_KEY_NOT_FOUND")
    assert problem(await world.get("/client", client["key"])) == (401, "BAD_API_KEY")
    assert (await world.get("/client", second["key"])).status_code == 200
    assert (await world.post(f"{path}/end", {"reason": "kontrak habis"}, admin)).status_code == 204
    assert problem(await world.get("/client", second["key"])) == (401, "BAD_API_KEY")
    for gone in (f"{path}/end", f"{path}/keys"):
        body = {"reason": "kontrak habis"} if gone.endswith("end") else {}
        assert problem(await world.post(gone, body, admin)) == (404, "CLIENT_NOT_FOUND")
    assert (await made(world, admin))["client"] != client["client"]


async def test_a_key_lapses(world: World, admin: str) -> None:
    client = await made(world, admin, days=1)
    await world.stage.pool.execute("UPDATE api_key SET expires_at = $1", world.stage.now - timedelta(seconds=1))
    assert problem(await world.get("/client", client["key"])) == (401, "BAD_API_KEY")


async def test_too_many_calls_a_minute_wait(world: World, admin: str) -> None:
    client = await made(world, admin, per_minute=3)
    answers = [await world.get("/client", client["key"]) for _ in range(8)]  # a minute may end in between
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert 0 < int(refused[0].headers["retry-after"]) <= 60


async def test_what_cannot_be_is_refused(world: World, admin: str) -> None:
    await made(world, admin)
    for changed, answer in (
        ({"scopes": ["everything"]}, (422, "UNKNOWN_SCOPE")),
        ({"name": "PUSAT panggilan"}, (409, "CLIENT_NAME_TAKEN")),
        ({"name": "\x00"}, (422, "INVALID_INPUT")),
        ({"per_minute": 0}, (422, "INVALID_INPUT")),
    ):
        assert problem(await world.post("/clients", {**BODY, **changed}, admin)) == answer
    for token in (world.care, world.supervisor):
        assert problem(await world.post("/clients", BODY, token)) == (403, "FORBIDDEN")
