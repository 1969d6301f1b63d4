"""The description of the API and the page made of it: complete, true, and readable without a network."""

import re
from http import HTTPStatus
from pathlib import Path

import jsonschema_rs
import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from tests.api.world import World, settings_of

from konter.api.description import body_example, describe
from konter.api.strict import decoded
from konter.asgi import create_app
from konter.platform.refusal import ALL_CODES


@pytest.fixture(scope="module")
def app() -> Litestar:
    return create_app(settings_of(Path("/nowhere")), "")


@pytest.fixture(scope="module")
def document(app: Litestar) -> dict:
    return describe(app)


def operations(document: dict) -> list[dict]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def test_it_is_openapi(document: dict) -> None:
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({**schema, "components": document["components"]})
    names = [operation["operationId"] for operation in operations(document)]
    assert len(names) == len(set(names)) > 25
    assert all(re.fullmatch(r"[a-z][a-z_]+", name) for name in names)


def test_every_operation_is_told_whole(document: dict) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    for operation in operations(document):
        assert operation["summary"], operation["operationId"]
        assert "[D-" not in operation["description"] + operation["summary"]
        assert set(operation["tags"]) <= tags
        assert {"500", "503"} <= set(operation["responses"])
        assert ("401" in operation["responses"]) or operation["security"] == []
        assert ("requestBody" in operation) <= ({"400", "413", "415", "422"} <= set(operation["responses"]))
        for status, answer in operation["responses"].items():
            kinds = set(answer.get("content", {}))
            assert kinds == ({"application/problem+json"} if status >= "300" else kinds - {"text/plain"})


def test_every_number_in_a_query_has_its_bounds(document: dict) -> None:
    """One that fits no column of the database is refused before it comes there."""
    for operation in operations(document):
        for each in operation.get("parameters", ()):
            kinds = each["schema"].get("oneOf", [each["schema"]])
            for kind in (kind for kind in kinds if kind.get("type") == "integer"):
                assert {"minimum", "maximum"} <= set(kind), (operation["operationId"], each["name"])


def test_every_code_stands_at_the_status_it_comes_with(document: dict) -> None:
    for operation in operations(document):
        for status, answer in operation["responses"].items():
            if status >= "300":
                schema = answer["content"]["application/problem+json"]["schema"]["allOf"][1]
                assert {ALL_CODES[code] for code in schema["properties"]["code"]["enum"]} == {int(status)}


def test_a_sale_is_new_or_known(document: dict) -> None:
    answers = document["paths"]["/api/v1/sales"]["post"]["responses"]
    assert {"200", "201"} <= set(answers)
    assert answers["200"]["content"] == answers["201"]["content"]


def test_examples_of_bodies_can_be_sent(app: Litestar, document: dict) -> None:
    seen = 0
    for route in (route for route in app.routes if isinstance(route, HTTPRoute)):
        for handler, _ in route.route_handler_map.values():
            if handler.parsed_data_field is None or not route.path.startswith("/api/v1"):
                continue
            operation = document["paths"][route.path_format][next(iter(handler.http_methods)).lower()]
            body = body_example(document, operation)
            assert decoded(msgspec.json.encode(body), handler.parsed_data_field.annotation, "id")
            seen += 1
    assert seen > 10


@pytest.mark.parametrize("language", ["id", "en"])
async def test_the_page_needs_nothing_from_elsewhere(world: World, language: str) -> None:
    page = await world.http.get("/api/v1", headers={"accept-language": language})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script" not in page.headers["content-security-policy"].replace("default-src 'none'", "")
    assert "<script" not in page.text
    assert set(re.findall(r'(?:src|href)="([^"#]+)"', page.text)) == {
        "/api/v1/reference.css",
        "/api/v1/openapi.json",
        f"/api/v1?lang={'en' if language == 'id' else 'id'}",
    }
    assert (await world.http.get("/api/v1/reference.css")).status_code == 200
    for code in ("INSUFFICIENT_BALANCE", "create_sale", "client_ref"):
        assert code in page.text
    links = set(re.findall(r'href="#([^"]+)"', page.text))
    assert links <= set(re.findall(r'id="([^"]+)"', page.text))


async def test_the_page_begins_with_the_way_to_a_first_sale(world: World) -> None:
    page = (await world.http.get("/api/v1", params={"lang": "en"}, headers={"accept-language": "id"})).text
    places = [page.index(words) for words in ("your program sells", "Log in.", "Sell.", "Retry safely.", "<nav")]
    assert places == sorted(places)
    assert "wajib" not in page
    assert "There is no product" in page


async def test_the_page_in_indonesian_says_which_part_is_not(world: World) -> None:
    page = (await world.http.get("/api/v1", params={"lang": "id"}, headers={"accept-language": "en"})).text
    assert '<html lang="id">' in page
    assert "Ulangi dengan aman." in page
    assert "ditulis dalam bahasa Inggris" in page
    assert "tidak ada." in page
    english = re.findall(r"<h4><b class=\"done\">200</b>.*?</h4>\s*<div lang=\"en\">", page)
    assert len(english) > 10


def test_every_answer_says_what_it_holds(document: dict) -> None:
    idle = {status.description for status in HTTPStatus}
    for operation in operations(document):
        for answer in operation["responses"].values():
            assert answer["description"] not in {"", *idle}, operation["operationId"]
    assert "[D-" not in str(document)


async def test_programs_get_the_same(world: World, document: dict) -> None:
    answer = await world.http.get("/api/v1/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == document
