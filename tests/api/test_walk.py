"""Every route with every role: who may not is told 401, 403 or 404, and nobody sees or changes what is a stranger's."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.api.test_doors import BODIES, PATHS, QUERIES
from tests.api.walk import (
    API,
    API_ROUTES,
    CUSTOMERS,
    EVERYBODY,
    ME_PAGES,
    OFFICE_DOOR,
    OFFICE_PAGES,
    OUTLET_PAGES,
    PAGE_ROUTES,
    PARTNER_DOOR,
    PARTNER_PAGES,
    PARTNERS,
    PUBLIC_PAGES,
    STAFF,
    STAFF_ROLES,
    Operation,
)
from tests.api.world import World, made_world

from konter.access.model import User
from konter.web.csrf import csrf_token

NO = {401, 403, 404}
# What ends the own session, or is for anybody's number.
OWN_END = {"log_out", "delete_customer_sessions", "create_sale", "inquire_sale"}
OUTSIDERS = ("anybody", "client", "stranger", "stranger_partner", "stranger_customer")


class Town:
    """An outlet with a sale, its people, its partner, strangers, one of the staff per role, and a machine."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens: dict[str, str] = {"anybody": ""}
        self.ids: dict[str, str] = {}
        self.marks: tuple[str, ...] = ()

    async def build(self) -> "Town":
        world, stage = self.world, self.world.stage
        await world.open_shop()
        assert world.user is not None
        sale = (await world.sell()).json()
        owner = await stage.user(world.user.outlet_id, role="OUTLET_OWNER", nn_type="OWNER")
        partner = await stage.partner_user()
        self.tokens |= {
            "cashier": world.token,
            "owner": await self._token(owner),
            "stranger": await self._token(await stage.user(role="OUTLET_OWNER", nn_type="OWNER")),
            "partner": await self._token(partner),
            "stranger_partner": await self._token(await stage.partner_user(partner_id=await stage.other_partner())),
        }
        for role in STAFF_ROLES:
            self.tokens[f"staff:{role}"] = await world.staff(role)
        admin = self.tokens["staff:admin"]
        client = (await world.post("/clients", {"name": "Integrator", "scopes": []}, admin)).json()
        self.tokens["client"] = client["key"]
        session = (await world.get("/me/sessions", world.token)).json()["items"][0]["id"]
        self.ids = {
            **PATHS,
            "{msisdn}": str(world.customer),
            "{sale}": sale["id"],
            "{code}": sale["code"],
            "{outlet}": str(world.user.outlet_id),
            "{partner}": str(stage.partner_id),
            "{user}": str(partner.id),
            "{session}": session,
            "{session_id}": session,
        }
        self.tokens["customer"] = await world.customers_token(world.customer)
        self.tokens["stranger_customer"] = await world.customers_token(await stage.number())
        numbers = [str(world.user.nn_msisdn), str(partner.nn_msisdn)]
        self.marks = (sale["id"], sale["code"], *numbers, *(f"0{number[2:]}" for number in numbers), session)
        assert set(self.tokens) == EVERYBODY
        return self

    async def _token(self, user: User) -> str:
        return (await self.world.log_in(user))["token"]

    def path(self, route: Operation, ids: dict[str, str]) -> str:
        path = route.path.removeprefix("/api/v1")
        for name, value in ids.items():
            path = path.replace(name, value)
        return path.replace("{login_id}", "x") + QUERIES.get(route.name, "")

    async def ask(self, route: Operation, role: str, *, known: bool = True) -> httpx.Response:
        """With the ids of the outlet's own things, or with those of nothing at all."""
        path = self.path(route, self.ids if known else PATHS)
        return await self.world.send(route.method, path, self.tokens[role], json=BODIES.get(route.name))

    async def is_whole(self) -> bool:
        """Whether nothing of the outlet's was touched."""
        me = await self.world.get("/me", self.world.token)
        rows = await self.world.stage.pool.fetch("SELECT status FROM sale")
        return me.status_code == 200 and [row["status"] for row in rows] == ["done"]


@pytest.fixture
async def town(own_dsn: str, tmp_path) -> AsyncIterator[Town]:
    async with made_world(own_dsn, tmp_path) as made:
        yield await Town(made).build()


def test_every_route_says_here_who_may() -> None:
    assert {route.name for route in API_ROUTES} == set(API)
    assert {f"{route.method} {route.path}" for route in PAGE_ROUTES} == PUBLIC_PAGES | OUTLET_PAGES | (
        OFFICE_DOOR | OFFICE_PAGES | PARTNER_DOOR | PARTNER_PAGES | ME_PAGES
    )


def test_routes_describe_the_callers_that_they_have() -> None:
    for route in API_ROUTES:
        staff_only = bool(API[route.name]) and all(role.startswith("staff:") for role in API[route.name])
        assert (route.caller == "staff") is staff_only, route.name


@pytest.mark.requirement("D-34", "D-57", "D-60")
async def test_who_may_not_is_told_so(town: Town) -> None:
    """With the ids of what is really there, so that a door that is open would show it."""
    for route in API_ROUTES:
        for role in sorted(EVERYBODY - API[route.name]):
            answer = await town.ask(route, role)
            assert answer.status_code in NO, (route.name, role, answer.status_code)
            if role in {"anybody", "client", *CUSTOMERS}:
                assert answer.status_code in {401, 404}, (route.name, role)
            assert not [mark for mark in town.marks if mark in answer.text], (route.name, role)
    assert await town.is_whole()


async def test_who_may_is_let_in(town: Town) -> None:
    """Looking at what is there; changing what is not, which is then not found, or not so."""
    for route in API_ROUTES:
        for role in sorted(API[route.name] - {"anybody"}):
            if route.method == "GET":
                assert (await town.ask(route, role)).status_code not in {401, 403} or role == "stranger", route.name
            elif role.startswith("staff:") and route.caller == "staff":
                answer = await town.ask(route, role, known=False)
                assert answer.status_code not in {401, 403}, (route.name, role, answer.text)


@pytest.mark.requirement("D-34")
async def test_a_stranger_finds_nothing_of_the_outlets(town: Town) -> None:
    """Also where strangers may call, for their own things."""
    for route in API_ROUTES:
        for role in OUTSIDERS:
            if role not in API[route.name] or route.name in OWN_END:
                continue
            answer = await town.ask(route, role)
            assert not [mark for mark in town.marks if mark in answer.text], (route.name, role)
            if "{sale}" in route.path or "{session" in route.path:
                assert answer.status_code == 404, (route.name, role)
    assert await town.is_whole()


async def _page(town: Town, route: Operation, role: str) -> httpx.Response:
    code = town.ids["{code}"] if "transaksi" in route.path else "terms-of-use"
    path = town.path(route, {**town.ids, "{code}": code, "{kind}": "sale"})
    door = {"/office": "konter_staff", "/partner": "konter_partner", "/saya": "konter_saya", "/poin": "konter_saya"}
    cookie = next((name for root, name in door.items() if route.path.startswith(root)), "konter_session")
    headers = {"cookie": f"{cookie}={town.tokens[role]}", "accept": "text/html"}
    if route.path.startswith(("/saya", "/poin")):
        headers["cookie"] += "; konter_form=seed"
    seed = "seed" if route.path.startswith(("/saya", "/poin")) else town.tokens[role]
    form = {"csrf": csrf_token(town.world.stage.keys, seed)} if route.method == "POST" else None
    return await town.world.http.request(route.method, path, headers=headers, data=form)


@pytest.mark.requirement("D-34")
async def test_pages_of_outlets_are_for_outlets(town: Town) -> None:
    pages = [route for route in PAGE_ROUTES if f"{route.method} {route.path}" in OUTLET_PAGES]
    for route in pages:
        for role in sorted(EVERYBODY - {"cashier", "owner", "stranger"}):
            answer = await _page(town, route, role)
            # 422: a form that is not filled in is told so before anybody is looked up.
            assert answer.status_code in {303, 422, *NO}, (route.path, role, answer.status_code)
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/outlet/masuk"), (route.path, role)
            assert not [mark for mark in town.marks if mark in answer.text], (route.path, role)
    assert await town.is_whole()


@pytest.mark.requirement("P-30")
async def test_a_customers_pages_are_for_customers(town: Town) -> None:
    for route in (route for route in PAGE_ROUTES if f"{route.method} {route.path}" in ME_PAGES):
        for role in sorted(EVERYBODY - CUSTOMERS):
            answer = await _page(town, route, role)
            assert answer.status_code == 303, (route.path, role, answer.status_code)
            assert answer.headers["location"].startswith("/saya/masuk"), (route.path, role)
    session = await town.world.get("/customer/sessions", town.tokens["customer"])
    assert len(session.json()["items"]) == 1


@pytest.mark.requirement("P-30")
async def test_a_customer_touches_nothing_of_another(town: Town) -> None:
    mine = (await town.world.get("/customer/sessions", town.tokens["customer"])).json()["items"][0]["id"]
    stranger = town.tokens["stranger_customer"]
    assert (await town.world.send("DELETE", f"/customer/sessions/{mine}", stranger)).status_code == 404
    assert str(town.world.customer) not in (await town.world.get("/customer", stranger)).text
    assert (await town.world.send("DELETE", "/customer/sessions", stranger)).status_code == 204
    assert (await town.world.get("/customer", stranger)).status_code == 401
    assert (await town.world.get("/customer", town.tokens["customer"])).json()["msisdn"] == str(town.world.customer)


@pytest.mark.requirement("D-57", "D-60")
@pytest.mark.parametrize(
    ("desk", "pages", "own"), [("office", OFFICE_PAGES, STAFF), ("partner", PARTNER_PAGES, PARTNERS)]
)
async def test_a_desk_is_for_its_own_people(town: Town, desk: str, pages: frozenset[str], own: frozenset[str]) -> None:
    """With a session that lives, in the desk's own cookie: it is not for whoever has a session of another kind."""
    for route in (route for route in PAGE_ROUTES if f"{route.method} {route.path}" in pages):
        for role in sorted(EVERYBODY - own):
            answer = await _page(town, route, role)
            assert answer.status_code in {303, 422, *NO}, (route.path, role, answer.status_code)
            if answer.status_code == 303:
                assert answer.headers["location"].startswith(f"/{desk}/masuk"), (route.path, role)
            assert not [mark for mark in town.marks if mark in answer.text], (route.path, role)
    assert await town.is_whole()


@pytest.mark.requirement("D-57", "D-59")
async def test_a_stranger_partners_pages_show_nothing_of_the_outlets(town: Town) -> None:
    for route in (route for route in PAGE_ROUTES if f"{route.method} {route.path}" in PARTNER_PAGES):
        answer = await _page(town, route, "stranger_partner")
        if "{outlet}" in route.path:
            assert answer.status_code == 404, (route.path, answer.status_code)
        assert not [mark for mark in town.marks if mark in answer.text], route.path
    assert await town.is_whole()


@pytest.mark.requirement("D-34")
async def test_a_strangers_pages_show_nothing_of_the_outlets(town: Town) -> None:
    for route in (route for route in PAGE_ROUTES if f"{route.method} {route.path}" in PUBLIC_PAGES | OUTLET_PAGES):
        if route.path == "/outlet/keluar":
            continue  # which would end the stranger's session
        answer = await _page(town, route, "stranger")
        found = [mark for mark in town.marks if mark in answer.text]
        if "transaksi" in route.path:
            assert answer.status_code in NO, (route.path, answer.status_code)
        else:
            assert not found, (route.path, found)
    assert await town.is_whole()


async def test_pages_for_anybody_are_open(town: Town) -> None:
    for route in PAGE_ROUTES:
        if route.method == "GET" and f"{route.method} {route.path}" in PUBLIC_PAGES and "{" not in route.path:
            answer = await _page(town, route, "anybody")
            assert answer.status_code in {200, 303}, (route.path, answer.status_code)
