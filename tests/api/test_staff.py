"""Accounts of staff and proposals over HTTP."""

from tests.api.world import World, problem

ACCOUNT = {"username": "rani.care", "name": "Rani", "roles": ["care"], "reason": "petugas baru"}


async def test_it_works(world: World) -> None:
    one, other = await world.staff("admin"), await world.staff("compliance")
    made = await world.post("/staff", ACCOUNT, one)
    assert made.status_code == 201
    (line,) = (await world.get("/proposals", other)).json()["items"]
    assert (line["id"], line["kind"], line["reason"], line["own"]) == (
        made.json()["id"],
        "staff.add",
        "petugas baru",
        False,
    )
    path = f"/proposals/{line['id']}/decision"
    assert problem(await world.post(path, {"approve": True}, one)) == (403, "PROPOSAL_SAME_EYES")
    ruled = (await world.post(path, {"approve": True}, other)).json()
    assert ruled["state"] == "approved"
    login = await world.post("/login", ruled["result"])
    assert login.json()["next"] == "totp"
    assert problem(await world.post(path, {"approve": True}, other)) == (409, "PROPOSAL_DECIDED")
    names = [each["username"] for each in (await world.get("/staff", other)).json()["items"]]
    assert "rani.care" in names


async def test_what_cannot_be_is_not_proposed(world: World) -> None:
    admin = await world.staff("admin")
    for changed, answer in (
        ({"roles": ["king"]}, (422, "UNKNOWN_ROLE")),
        ({"area": "BULAN"}, (422, "UNKNOWN_STAFF_AREA")),
        ({"username": "a b c"}, (422, "INVALID_INPUT")),
        ({"name": "\u202e\x00x"}, (422, "INVALID_INPUT")),
        ({"username": world.user.username}, (409, "USERNAME_TAKEN")),
    ):
        assert problem(await world.post("/staff", {**ACCOUNT, **changed}, admin)) == answer
    for path, body in (
        ("/staff/7/account", {"roles": [], "reason": "uji coba"}),
        ("/staff/7/totp-reset", {"reason": "uji coba"}),
        ("/staff/7/password-reset", {"reason": "uji coba"}),
        ("/staff/7/end", {"reason": "uji coba"}),
    ):
        assert problem(await world.post(path, body, admin)) == (404, "STAFF_NOT_FOUND")
    assert problem(await world.post("/proposals/7/decision", {"approve": True}, admin)) == (404, "PROPOSAL_NOT_FOUND")


async def test_changes_of_an_account(world: World) -> None:
    admin = await world.staff("admin")
    care = (await world.get("/me", world.care)).json()["user"]["id"]
    body = {"roles": ["care", "finance"], "reason": "tugas tambahan"}
    assert (await world.post(f"/staff/{care}/account", body, admin)).status_code == 201
    assert problem(await world.post(f"/staff/{care}/account", body, admin)) == (409, "ALREADY_PROPOSED")
    assert (await world.post(f"/staff/{care}/totp-reset", {"reason": "ponsel hilang"}, admin)).status_code == 201
    assert (await world.post(f"/staff/{care}/end", {"reason": "pindah kota"}, admin)).status_code == 204
    assert problem(await world.get("/me", world.care)) == (401, "SESSION_EXPIRED")


async def test_only_admins_propose(world: World) -> None:
    for token in (world.care, world.supervisor, await world.staff("compliance"), await world.staff("finance")):
        assert problem(await world.post("/staff", ACCOUNT, token)) == (403, "FORBIDDEN")
