"""Log in, first steps, resets and sessions over HTTP, as a phone's script would."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.access.people import PASSWORD, PIN
from tests.api.world import API, World, made_world, problem

from konter.access.staff import totp
from konter.access.staff.add import NewStaff, add_staff
from konter.platform.audit import SYSTEM

NEW = "teh-manis-pagi-7"


@pytest.fixture
async def world(own_dsn: str, tmp_path) -> AsyncIterator[World]:
    async with made_world(own_dsn, tmp_path) as made:
        yield made


@pytest.mark.requirement("D-06", "D-07", "D-23", "D-24", "D-75", "D-103")
async def test_a_newcomers_first_steps(world: World) -> None:
    user = await world.stage.newcomer()
    answer = await world.post("/login", {"username": user.username, "password": PASSWORD})
    login = answer.json()
    assert (answer.status_code, login["next"]) == (200, "otp")
    number = f"0{str(user.nn_msisdn)[2:]}"
    assert login["sent_to"] == f"{number[:4]}-****-{number[-4:]}"
    code = await world.stage.last_otp(user.nn_msisdn)
    session = (await world.post(f"/login/{login['login_id']}/otp", {"code": code})).json()
    token = session["token"]
    assert session["next"] == "change_password"

    for path, body in (
        ("/me/pin", {"pin": PIN}),
        ("/me/acceptances", {"document": "seller-terms", "version": "1.0"}),
        ("/me/pin-resets", {"password": PASSWORD}),
    ):
        assert problem(await world.post(path, body, token)) == (403, "PASSWORD_CHANGE_REQUIRED")
    assert problem(await world.get("/me/sessions", token)) == (403, "PASSWORD_CHANGE_REQUIRED")

    changed = await world.post("/me/password", {"old": PASSWORD, "new": NEW}, token)
    assert changed.json() == {"next": "accept_terms"}
    assert problem(await world.post("/me/pin", {"pin": PIN}, token)) == (403, "TERMS_NOT_ACCEPTED")
    documents = (await world.get("/me", token)).json()["documents"]
    assert len(documents) == 3
    for document in documents:
        answer = await world.post("/me/acceptances", document, token)
    assert answer.json() == {"next": "set_pin"}
    assert problem(await world.post("/me/pin", {"pin": "123456"}, token)) == (422, "WEAK_PIN")
    assert (await world.post("/me/pin", {"pin": PIN}, token)).json() == {"next": "ready"}
    me = (await world.get("/me", token)).json()
    assert (me["next"], me["documents"], me["roles"]) == ("ready", [], ["FRONTLINER"])
    assert me["user"]["id"] == str(user.id)
    assert me["outlet"]["id"] == str(user.outlet_id)


@pytest.mark.requirement("D-24", "D-60")
async def test_a_user_of_a_partner_logs_in_and_sells_nothing(world: World) -> None:
    user = await world.stage.partner_user(password_initial=True)
    opened = await world.log_in(user)
    token = opened["token"]
    assert opened["next"] == "change_password"
    changed = await world.post("/me/password", {"old": PASSWORD, "new": NEW}, token)
    assert changed.json() == {"next": "ready"}
    me = (await world.get("/me", token)).json()
    assert (me["kind"], me["outlet"], me["roles"]) == ("partner", None, ["SBP_ADMIN"])
    assert me["partner"] == {"id": str(world.stage.partner_id), "name": "Mitra Jaya", "area": "JBJB", "areas": []}
    assert len((await world.get("/me/sessions", token)).json()["items"]) == 1
    for path in ("/wallet", "/products"):
        assert problem(await world.get(path, token)) == (403, "FORBIDDEN")
    assert problem(await world.post("/me/pin", {"pin": PIN}, token)) == (403, "FORBIDDEN")
    assert (await world.post("/logout", token=token)).status_code == 204


@pytest.mark.requirement("D-103")
async def test_a_user_of_a_partner_agrees_to_the_documents_too(world: World) -> None:
    user = await world.stage.partner_user()
    await world.stage.pool.execute("DELETE FROM acceptance WHERE user_id = $1", user.id)
    token = (await world.log_in(user))["token"]
    documents = (await world.get("/me", token)).json()["documents"]
    for document in documents:
        answer = await world.post("/me/acceptances", document, token)
    assert (len(documents), answer.json()) == (3, {"next": "ready"})


async def test_staff_that_need_no_code_get_their_session_at_once(world: World) -> None:
    stage = world.stage
    new = NewStaff(
        username="dewi",
        name="Dewi",
        roles=("care",),
        password_hash=await stage.passwords.hash(PASSWORD),
        totp_required=False,
    )
    async with stage.pool.acquire() as connection:
        await add_staff(connection, [new], actor=SYSTEM, now=stage.now, ids=stage.ids)
    answer = (await world.post("/login", {"username": "dewi", "password": PASSWORD})).json()
    assert answer["next"] == "ready"
    me = (await world.get("/me", answer["token"])).json()
    assert (me["kind"], me["outlet"], me["roles"]) == ("staff", None, ["care"])
    assert problem(await world.post("/me/pin", {"pin": PIN}, answer["token"])) == (403, "FORBIDDEN")


async def test_sessions_are_listed_and_end_at_once(world: World) -> None:
    user = await world.stage.user()
    token = (await world.log_in(user))["token"]
    (line,) = (await world.get("/me/sessions", token)).json()["items"]
    assert line["current"] is True
    for odd in ("0", "x", "-1", "9" * 20, "%00", "1e3", "٣"):
        gone = await world.http.delete(f"{API}/me/sessions/{odd}", headers={"authorization": f"Bearer {token}"})
        assert problem(gone) in {(404, "SESSION_NOT_FOUND"), (404, "NOT_FOUND")}
    gone = await world.http.delete(f"{API}/me/sessions/{line['id']}", headers={"authorization": f"Bearer {token}"})
    assert gone.status_code == 204
    assert problem(await world.get("/me", token)) == (401, "SESSION_EXPIRED")


async def test_a_session_knows_the_address_before_the_proxy(world: World) -> None:
    user = await world.stage.user()
    login = (await world.post("/login", {"username": user.username, "password": PASSWORD})).json()
    code = await world.stage.last_otp(user.nn_msisdn)
    forwarded = {"x-forwarded-for": "10.9.9.9, 203.0.113.7", "user-agent": "Opera Mini"}
    opened = await world.post(f"/login/{login['login_id']}/otp", {"code": code}, **forwarded)
    (line,) = (await world.get("/me/sessions", opened.json()["token"])).json()["items"]
    assert (line["address"], line["agent"]) == ("203.0.113.7", "Opera Mini")


async def test_log_out(world: World) -> None:
    token = (await world.log_in(await world.stage.user()))["token"]
    assert (await world.post("/logout", token=token)).status_code == 204
    assert problem(await world.post("/logout", token=token)) == (401, "SESSION_EXPIRED")


@pytest.mark.parametrize("token", ["", "x", "A" * 76, "é"])
async def test_without_a_token_of_ours_nobody_is_known(world: World, token: str) -> None:
    answer = await world.http.get(f"{API}/me", headers={"authorization": f"Bearer {token}".encode()})
    assert problem(answer) == (401, "SESSION_EXPIRED")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_forgotten_password(world: World) -> None:
    user = await world.stage.user()
    login = (await world.post("/password-resets", {"username": user.username})).json()
    nobody = (await world.post("/password-resets", {"username": "siapa-ini"})).json()
    assert login.keys() == nobody.keys()
    assert (login["sent_to"], nobody["sent_to"]) == ("", "")
    code = await world.stage.last_otp(user.nn_msisdn)
    path = f"/password-resets/{login['login_id']}"
    assert (await world.post(f"{path}/otp", {"code": code})).status_code == 204
    assert (await world.post(path, {"code": code, "new": NEW})).status_code == 204
    assert problem(await world.post(path, {"code": code, "new": NEW})) == (410, "OTP_EXPIRED")
    assert (await world.log_in(user, NEW))["next"] == "ready"


async def test_a_forgotten_pin(world: World) -> None:
    user = await world.stage.user()
    token = (await world.log_in(user))["token"]
    login = (await world.post("/me/pin-resets", {"password": PASSWORD}, token)).json()
    code = await world.stage.last_otp(user.nn_msisdn)
    answer = await world.post(f"/me/pin-resets/{login['login_id']}", {"code": code, "pin": "480275"}, token)
    assert answer.json() == {"next": "ready"}


@pytest.mark.requirement("G-D02")
async def test_the_fifth_wrong_secret_locks_the_log_in_and_ends_a_session(world: World) -> None:
    user, other = await world.stage.user(), await world.stage.user()
    login = (await world.post("/login", {"username": user.username, "password": PASSWORD})).json()
    for _ in range(5):
        answer = await world.post(f"/login/{login['login_id']}/otp", {"code": "no"})
    assert problem(answer) == (423, "ACCOUNT_LOCKED")
    token = (await world.log_in(other))["token"]
    for _ in range(5):
        answer = await world.post("/me/password", {"old": "salah-sekali", "new": NEW}, token)
    assert problem(answer) == (401, "SESSION_EXPIRED")
    assert problem(await world.get("/me", token)) == (401, "SESSION_EXPIRED")


async def test_refusals_speak_the_callers_language_and_say_when_to_try_again(world: World) -> None:
    user = await world.stage.user()
    wrong = {"username": user.username, "password": "salah-sekali"}
    assert "salah" in (await world.post("/login", wrong)).json()["detail"]
    english = (await world.post("/login", wrong, **{"accept-language": "en-GB"})).json()["detail"]
    assert english.startswith("The user name or password is wrong.")
    for _ in range(3):
        locked = await world.post("/login", wrong)
    assert problem(locked) == (423, "ACCOUNT_LOCKED")
    login = (await world.post("/login", {"username": (await world.stage.user()).username, "password": PASSWORD})).json()
    early = await world.post(f"/login/{login['login_id']}/resend")
    assert problem(early) == (429, "OTP_RESEND_TOO_SOON")
    assert 1 <= int(early.headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"username": 1, "password": "x"}',
        b'{"username": "a"}',
        b'{"username": "a", "password": "b", "remember": true}',
        b'{"username": "' + b"a" * 65 + b'", "password": "b"}',
        b'{"username": "\xff", "password": "b"}',
    ],
)
async def test_a_body_of_another_shape_is_refused(world: World, body: bytes) -> None:
    answer = await world.http.post(f"{API}/login", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in {"MALFORMED_BODY", "INVALID_INPUT"}


@pytest.mark.parametrize("name", ["' OR ''='", "\\ud83d\\ude00", "%s%n"])
async def test_odd_names_are_just_unknown(world: World, name: str) -> None:
    body = f'{{"username": "{name}", "password": "x"}}'.encode()
    answer = await world.http.post(f"{API}/login", content=body, headers={"content-type": "application/json"})
    assert problem(answer) == (401, "BAD_CREDENTIALS")


@pytest.mark.requirement("T-02")
async def test_every_version_of_a_document_is_listed(world: World) -> None:
    versions = (await world.get("/documents/seller-terms/versions")).json()["items"]
    assert [(each["version"], each["in_force"]) for each in versions] == [("1.1", True), ("1.0", False)]
    assert problem(await world.get("/documents/nothing/versions")) == (404, "UNKNOWN_DOCUMENT")


@pytest.mark.requirement("D-63", "D-75")
async def test_anybody_may_read_the_documents(world: World) -> None:
    items = (await world.get("/documents")).json()["items"]
    assert [item["document"] for item in items] == ["seller-terms", "terms-of-use", "privacy-policy"]
    document = (await world.get("/documents/privacy-policy?version=1.0", **{"accept-language": "en"})).json()
    assert document["title"] == "Privacy Policy"
    assert "Nusantara Seluler" in document["text"]
    for odd in ("nothing", "privacy-policy?version=9"):
        assert problem(await world.get(f"/documents/{odd}")) == (404, "UNKNOWN_DOCUMENT")
    assert problem(await world.get("/documents/%00")) == (404, "NOT_FOUND")
    assert problem(await world.get("/documents/privacy-policy?version=%00")) == (422, "INVALID_INPUT")


async def test_a_crowd_at_the_door_gets_200_and_429_and_stops_nobody_else(world: World) -> None:
    user = await world.stage.user()
    token = (await world.log_in(user))["token"]
    body = {"username": user.username, "password": PASSWORD}
    crowd = [asyncio.create_task(world.post("/login", body)) for _ in range(600)]
    await asyncio.sleep(0.05)
    assert (await asyncio.wait_for(world.get("/me", token), 5)).status_code == 200
    answers = await asyncio.gather(*crowd)
    assert {answer.status_code for answer in answers} == {200, 429}
    assert {answer.headers["retry-after"] for answer in answers if answer.status_code == 429} == {"3"}
    assert len(await world.stage.texts(user.nn_msisdn)) == 2  # one for the session before, one for all of the crowd


async def test_staff_set_up_their_app_and_log_in_with_its_code(world: World) -> None:
    stage = world.stage
    new = NewStaff(username="rani", name="Rani", roles=("care",), password_hash=await stage.passwords.hash(PASSWORD))
    async with stage.pool.acquire() as connection:
        await add_staff(connection, [new], actor=SYSTEM, now=stage.now, ids=stage.ids)
    login = (await world.post("/login", {"username": "rani", "password": PASSWORD})).json()
    assert login["next"] == "totp"
    secret = login["enrolment"]["secret"]
    path = f"/login/{login['login_id']}/totp"
    assert problem(await world.post(path, {"code": "x"})) == (401, "OTP_WRONG")
    opened = (await world.post(path, {"code": totp.code_at(secret, world.server.state.app.clock.now())})).json()
    assert opened["next"] == "ready"
    assert (await world.get("/me", opened["token"])).json()["roles"] == ["care"]
    again = (await world.post("/login", {"username": "rani", "password": PASSWORD})).json()
    assert again["enrolment"] is None
