"""From a number to an outlet over HTTP: the applicant, the partner of the place, the branch."""

import uuid

import pytest
from tests.access.people import PASSWORD, Stage
from tests.api.world import World, problem
from tests.channel.onboarding.desk import nik, photo
from tests.channel.territory.ground import DEPOK, Ground

from konter.access.model import User
from konter.platform.ids import Msisdn
from konter.subscriber.msisdn import national


class Street:
    """An applicant in a place that a partner serves."""

    def __init__(self, world: World, ground: Ground, partner: User, number: Msisdn) -> None:
        self.world, self.ground, self.partner, self.number = world, ground, partner, number
        self.token = ""

    @property
    def stage(self) -> Stage:
        return self.world.stage

    async def begin(self) -> dict:
        started = await self.world.post("/applications/proofs", {"msisdn": national(self.number)})
        assert started.status_code == 200, started.text
        code = await self.stage.last_otp(self.number)
        opened = await self.world.post(f"/applications/proofs/{started.json()['proof_id']}", {"code": code})
        assert opened.status_code == 200, opened.text
        self.token = opened.json()["token"]
        return opened.json()

    async def put(self, step: str, body: dict) -> dict:
        answer = await self.world.send("PUT", f"/applications/mine/{step}", self.token, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def fill(self) -> dict:
        await self.put("who", {"kind": "outlet", "outlet_name": "Sukses Cell", "owner_name": "Sari", "nik": nik()})
        await self.put("where", {"address": "Jl. Margonda 1", "district": DEPOK})
        await self.put("numbers", {"reseller": str(self.number), "notification": national(self.number)})
        await self.put("declaration", {"signatory": "Sari", "capacity": "owner", "declared": True, "version": "1.0"})
        answer = await self.card(photo())
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def card(self, raw: bytes):
        headers = {"content-type": "image/jpeg"}
        return await self.world.send("PUT", "/applications/mine/photo", self.token, content=raw, headers=headers)

    async def submit(self, ref: str = ""):
        body = {"client_ref": ref or str(uuid.uuid4())}
        return await self.world.post("/applications/mine/submission", body, self.token)


@pytest.fixture
async def street(world: World) -> Street:
    ground = await Ground(world.stage).set()
    partner = await world.stage.partner_user(partner_id=ground.mine)
    return Street(world, ground, partner, await world.stage.number())


@pytest.mark.requirement("D-02", "D-03", "D-05", "D-06", "G-D09")
async def test_it_works(street: Street) -> None:
    world = street.world
    await street.begin()
    filled = await street.fill()
    assert (filled["missing"], filled["has_photo"], filled["nik"][4:]) == ([], True, "*" * 12)
    sent = (await street.submit()).json()
    assert sent["state"] == "submitted"
    under_review = await world.post("/login", {"username": national(street.number), "password": PASSWORD})
    assert problem(under_review) == (403, "APPLICATION_UNDER_REVIEW")

    partner = (await world.log_in(street.partner))["token"]
    queue = (await world.get("/applications?waiting=submitted", partner)).json()
    assert [line["id"] for line in queue["items"]] == [sent["id"]]
    assert (queue["submitted"], queue["next"]) == (1, "")
    path = f"/applications/{sent['id']}"
    said = await world.post(f"{path}/recommendation", {"supports": True, "note": "Toko ada."}, partner)
    assert said.json()["state"] == "recommended"

    branch = await world.staff("branch")
    dossier = (await world.get(path, branch)).json()
    assert (dossier["note"], dossier["application"]["owner_name"]) == ("Toko ada.", "S***")
    assert (await world.get(f"{path}/identity", branch)).json()["owner_name"] == "Sari"
    card = await world.get(f"{path}/photo", branch)
    assert (card.headers["content-type"], card.content[:2]) == ("image/jpeg", b"\xff\xd8")
    judged = (await world.post(f"{path}/decision", {"approve": True}, branch)).json()
    assert judged["state"] == "approved"
    (text,) = await street.stage.texts(street.number, "credentials")
    started = await world.post("/login", {"username": judged["username"], "password": text["password"]})
    assert started.json()["next"] == "otp"
    again = await world.post(f"{path}/decision", {"approve": False, "reason": "Lambat."}, branch)
    assert problem(again) == (409, "APPLICATION_DECIDED")


@pytest.mark.requirement("D-02")
async def test_another_operators_number_is_refused_at_entry(world: World) -> None:
    answer = await world.post("/applications/proofs", {"msisdn": "085612345678"})
    assert problem(answer) == (422, "NUMBER_NOT_OPERATOR")
    assert problem(await world.post("/applications/proofs", {"msisdn": "abc"})) == (422, "BAD_MSISDN")


async def test_without_its_token_an_application_is_closed(street: Street) -> None:
    opened = await street.begin()
    for token in ("", "x", opened["token"][:-2] + "AA", (await street.world.log_in(street.partner))["token"]):
        answer = await street.world.get("/applications/mine", token)
        assert problem(answer) == (401, "APPLICATION_SIGNED_OUT")
    assert problem(await street.world.get("/me", opened["token"])) == (401, "SESSION_EXPIRED")


@pytest.mark.requirement("D-59")
async def test_another_partner_and_another_branch_find_nothing(street: Street) -> None:
    world = street.world
    await street.begin()
    await street.fill()
    path = f"/applications/{(await street.submit()).json()['id']}"
    theirs = (await world.log_in(await world.stage.partner_user(partner_id=street.ground.theirs)))["token"]
    seller = world.token
    for method, part, body in (
        ("GET", "", None),
        ("GET", "/identity", None),
        ("GET", "/photo", None),
        ("POST", "/recommendation", {"supports": True}),
    ):
        assert problem(await world.send(method, path + part, theirs, json=body)) == (404, "APPLICATION_NOT_FOUND")
        assert problem(await world.send(method, path + part, seller, json=body)) == (403, "FORBIDDEN")
        assert problem(await world.send(method, path + part, world.care, json=body)) == (403, "FORBIDDEN")
    field = await world.stage.partner_user(partner_id=street.ground.mine, role="SBP_FIELD_SALES")
    refused = await world.post(f"{path}/recommendation", {"supports": True}, (await world.log_in(field))["token"])
    assert problem(refused) == (403, "FORBIDDEN")


async def test_a_photo_that_is_none_and_one_that_is_too_heavy(street: Street) -> None:
    await street.begin()
    assert problem(await street.card(b"nothing")) == (422, "PHOTO_NOT_AN_IMAGE")
    assert problem(await street.card(b"\0" * (10 * 1024 * 1024 + 1))) == (413, "BODY_TOO_LARGE")


async def test_sent_twice_with_one_ref_is_sent_once(street: Street) -> None:
    await street.begin()
    await street.fill()
    ref = str(uuid.uuid4())
    first, second = await street.submit(ref), await street.submit(ref)
    assert first.json() == second.json()
    assert problem(await street.submit()) == (409, "APPLICATION_SENT")


@pytest.mark.parametrize(
    "after",
    [
        *("x", "2026-01-01T00:00:00~1", "2026-01-01T00:00:00+00:00~x", "~", "0~" + "9" * 30),
        "2026-01-01T00:00:00+00:00~" + "9" * 5000,
        *("0001-01-01T00:00:00+14:00~1", "9999-12-31T23:59:59-14:00~1"),
    ],
)
async def test_a_place_that_is_none_is_refused(street: Street, after: str) -> None:
    partner = (await street.world.log_in(street.partner))["token"]
    answer = await street.world.send("GET", "/applications", partner, params={"after": after})
    assert problem(answer) == (422, "INVALID_INPUT")
