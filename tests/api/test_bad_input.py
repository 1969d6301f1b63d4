"""Whatever is sent instead of a sale gets a clear sentence and a stable code, and nothing moves."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.api.world import API, BALANCE_RP, World, made_world, problem

JSON = {"content-type": "application/json"}
LIMIT = 64 * 1024

# What is sent in place of a good field, and the code it gets; the field is named where the shape is at fault.
FIELDS = {
    "no number at all": ({"msisdn": "abc"}, 422, "BAD_MSISDN"),
    "one digit": ({"msisdn": "0"}, 422, "BAD_MSISDN"),
    "a fixed line": ({"msisdn": "0215551234"}, 422, "BAD_MSISDN"),
    "digits of another script": ({"msisdn": "٠٨١٢٣٤٥٦٧٨٩٠"}, 422, "BAD_MSISDN"),
    "SQL for a number": ({"msisdn": "0812' OR '1'='1"}, 422, "BAD_MSISDN"),
    "an empty number": ({"msisdn": ""}, 422, "INVALID_INPUT"),
    "another operator's number": ({"msisdn": "085612345678"}, 422, "NOT_OUR_NUMBER"),
    "our number that nobody has": ({"msisdn": "081299999999"}, 404, "UNKNOWN_SUBSCRIBER"),
    "an unknown product": ({"product": "PULSA51"}, 404, "UNKNOWN_PRODUCT"),
    "SQL for a product": ({"product": "PULSA50';--"}, 422, "INVALID_INPUT"),
    "an emoji for a product": ({"product": "💸"}, 422, "INVALID_INPUT"),
    "another price": ({"price": 1}, 409, "PRICE_CHANGED"),
    "an amount where none belongs": ({"amount": 70_000}, 422, "AMOUNT_NOT_ALLOWED"),
    "a text for a number": ({"amount": "50000"}, 422, "INVALID_INPUT"),
    "a fraction": ({"amount": 50_000.5}, 422, "INVALID_INPUT"),
    "a whole number as a fraction": ({"amount": 50_000.0}, 422, "INVALID_INPUT"),
    "nothing": ({"amount": 0}, 422, "INVALID_INPUT"),
    "less than nothing": ({"amount": -50_000}, 422, "INVALID_INPUT"),
    "a truth for a number": ({"amount": True}, 422, "INVALID_INPUT"),
    "a list for a number": ({"amount": [50_000]}, 422, "INVALID_INPUT"),
    "more than there is": ({"amount": 2**63}, 422, "INVALID_INPUT"),
    "far more than there is": ({"amount": 10**400}, 422, "INVALID_INPUT"),
    "a number for a PIN": ({"pin": 739164}, 422, "INVALID_INPUT"),
    "no PIN": ({"pin": ...}, 422, "INVALID_INPUT"),
    "an empty PIN": ({"pin": ""}, 422, "INVALID_INPUT"),
    "a number for a truth": ({"second": 1}, 422, "INVALID_INPUT"),
    "a text for a truth": ({"second": "false"}, 422, "INVALID_INPUT"),
    "no reference": ({"client_ref": ...}, 422, "INVALID_INPUT"),
    "a reference that is none": ({"client_ref": "once"}, 422, "INVALID_INPUT"),
    "a field that nobody knows": ({"discount": 100}, 422, "INVALID_INPUT"),
    "a name to be set on the object": ({"__class__": "x"}, 422, "INVALID_INPUT"),
}

# Bodies that are no sale at all.
BODIES = {
    "nothing": (b"", 422, "INVALID_INPUT"),
    "spaces": (b"   ", 400, "MALFORMED_BODY"),
    "half an object": (b'{"client_ref": ', 400, "MALFORMED_BODY"),
    "NaN": (b'{"amount": NaN}', 400, "MALFORMED_BODY"),
    "infinity": (b'{"amount": -Infinity}', 400, "MALFORMED_BODY"),
    "a comment": (b"// no\n{}", 400, "MALFORMED_BODY"),
    "a byte order mark": (b"\xef\xbb\xbf{}", 400, "MALFORMED_BODY"),
    "no UTF-8": (b'{"pin": "\xff\xfe"}', 400, "MALFORMED_BODY"),
    "another encoding": ('{"pin": "1"}'.encode("utf-16"), 400, "MALFORMED_BODY"),
    "half of a pair": (b'{"pin": "\\ud83d"}', 400, "MALFORMED_BODY"),
    "a NUL between": (b'{"pin"\x00: "1"}', 400, "MALFORMED_BODY"),
    "a list": (b"[]", 422, "INVALID_INPUT"),
    "null": (b"null", 422, "INVALID_INPUT"),
    "a text": (b'"sale"', 422, "INVALID_INPUT"),
    "a very deep list": (b"[" * 30_000 + b"]" * 30_000, 422, "INVALID_INPUT"),
    "a very deep object": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 422, "INVALID_INPUT"),
    "a very long name": (b'{"' + b"a" * 60_000 + b'": 1}', 422, "INVALID_INPUT"),
    "too much": (b'{"pin": "' + b"1" * LIMIT + b'"}', 413, "BODY_TOO_LARGE"),
}


@pytest.fixture
async def shop(world: World) -> AsyncIterator[World]:
    """A world in which nothing may have moved when the test is over."""
    yield world
    assert (await world.sales(), await world.balance()) == (0, BALANCE_RP)


async def test_a_field_that_cannot_be_meant_is_refused_by_name(shop: World) -> None:
    for what, (changed, status, code) in FIELDS.items():
        answer = await shop.sell(**changed)
        assert problem(answer) == (status, code), what
        if code == "INVALID_INPUT":
            assert answer.json()["data"]["field"] == next(iter(changed)), what


async def test_a_body_that_is_none_is_refused(shop: World) -> None:
    for what, (body, status, code) in BODIES.items():
        answer = await shop.send("POST", "/sales", shop.token, content=body, headers=JSON)
        assert problem(answer) == (status, code), what
        assert len(answer.content) < 1_000, what


async def test_a_body_without_a_length_is_counted_as_it_comes(shop: World) -> None:
    async def pour() -> AsyncIterator[bytes]:
        yield b'{"pin": "'
        for _ in range(LIMIT // 1024 + 1):
            yield b"1" * 1024

    answer = await shop.send("POST", "/sales", shop.token, content=pour(), headers=JSON)
    assert problem(answer) == (413, "BODY_TOO_LARGE")


async def test_a_field_that_stands_there_twice_is_refused(shop: World) -> None:
    body = json.dumps(shop.sale())[:-1] + ', "product": "PULSA100"}'
    answer = await shop.send("POST", "/sales", shop.token, content=body, headers=JSON)
    assert problem(answer) == (422, "INVALID_INPUT")
    assert answer.json()["data"]["field"] == "product"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "json", ""])
async def test_another_type_of_body_is_refused(shop: World, kind: str) -> None:
    body = json.dumps(shop.sale()).encode()
    answer = await shop.send("POST", "/sales", shop.token, content=body, headers={"content-type": kind})
    assert problem(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_nul_goes_nowhere(shop: World) -> None:
    for field in ("product", "msisdn", "pin"):
        answer = await shop.sell(**{field: f"{shop.sale()[field]}\0"})
        assert problem(answer) == (422, "INVALID_INPUT"), field
    for path in ("/sales?q=%00", "/products?category=a%00", "/sales?cursor=%00", "/documents/terms-of-use?version=%00"):
        assert problem(await shop.get(path, shop.token)) == (422, "INVALID_INPUT"), path
    assert problem(await shop.get("/sales/%00", shop.token)) == (404, "NOT_FOUND")
    body = {"sale": "1", "reason": "salah\0nomor"}
    assert problem(await shop.post("/reversals", body, shop.care)) == (422, "INVALID_INPUT")


async def test_odd_words_are_only_words(shop: World) -> None:
    for odd in ("' OR ''='", "%s%n", "💸💸💸", "\x07\x1b[31m", "\u202emoc", "a" * 60):
        found = await shop.send("GET", "/sales", shop.token, params={"q": odd})
        assert found.json()["items"] == [], odd
        login = await shop.post("/login", {"username": odd, "password": odd})
        assert problem(login) == (401, "BAD_CREDENTIALS"), odd
    body = {"sale": "8S7K-3Q2M", "reason": "💸 salah'; DROP TABLE sale; --"}
    assert problem(await shop.post("/reversals", body, shop.care)) == (404, "SALE_NOT_FOUND")


async def test_ids_that_are_none_find_nothing(shop: World) -> None:
    for odd in ("0", "-1", "abc", "9223372036854775807", "9223372036854775808", "1" * 400, "1e3", "٣", "%2e%2e", "💸"):
        assert problem(await shop.get(f"/sales/{odd}", shop.token))[0] == 404, odd
        assert problem(await shop.send("DELETE", f"/me/sessions/{odd}", shop.token))[0] in (404, 422), odd
        answer = await shop.post(f"/reversals/{odd}/decision", {"approve": True}, shop.supervisor)
        assert problem(answer)[0] in (404, 422), odd


async def test_dates_and_cursors_that_are_none_are_refused(shop: World) -> None:
    for query in (
        "from=2026-02-30",
        "from=yesterday",
        "from=20261121T000000",
        "from=2026-11-21&to=2026-11-20",
        "from=2020-01-01&to=2026-01-01",
        "to=0001-01-01",
        "from=9999-12-31&to=9999-12-31",
        "cursor=x",
        "cursor=1795898411000000",
        "cursor=1795898411000000-9223372036854775808",
        "cursor=17958984110000000-1",
        "cursor=1795898411000000-%C2%B2",
        "limit=0",
        "limit=101",
        "limit=1.5",
        "user=0",
        "user=9223372036854775808",
        "user=null",
        "limit=1&limit=2",
        f"q={'a' * 61}",
    ):
        assert problem(await shop.get(f"/sales?{query}", shop.token)) == (422, "INVALID_INPUT"), query
    for day in ("2026-02-30", "x", "0001-01-01", "9999-12-31", "-1", "1e9"):
        answer = await shop.get(f"/wallet/days/{day}", shop.token)
        assert answer.status_code in (200, 404, 422), day


async def test_too_little_money_moves_nothing(shop: World) -> None:
    _, poor = await shop.seller(balance_rp=1_000)
    answer = await shop.sell(poor)
    assert problem(answer) == (409, "INSUFFICIENT_BALANCE")
    assert answer.json()["data"]["missing_rp"] == answer.json()["data"]["cost_rp"] - 1_000


async def test_a_closed_product_is_not_sold(shop: World) -> None:
    # The catalogue changes together with its version, as whoever closes a product does it.
    await shop.stage.pool.execute("UPDATE product SET open = false WHERE code = 'PULSA50'")
    await shop.stage.pool.execute("UPDATE reference_version SET version = version + 1 WHERE name = 'catalogue'")
    assert problem(await shop.sell()) == (409, "PRODUCT_CLOSED")
    assert problem(
        await shop.post("/sales/inquiry", {"product": "PULSA50", "msisdn": str(shop.customer)}, shop.token)
    ) == (409, "PRODUCT_CLOSED")


async def test_headers_and_addresses_of_any_length_and_content_are_borne(shop: World) -> None:
    agent = {"user-agent": "\xe9💸".encode() + b"\x01" * 3 + b"x" * 30_000, "accept-language": "x" * 10_000}
    raw = [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in agent.items()]
    raw += [(b"x-forwarded-for", b"' OR 1, \xff, " + b"9" * 5_000), (b"authorization", b"Bearer " + b"\xff" * 9_000)]
    answer = await shop.http.post(f"{API}/login", json={"username": "a", "password": "b"}, headers=httpx.Headers(raw))
    assert problem(answer) == (401, "BAD_CREDENTIALS")
    assert problem(await shop.http.get(f"{API}/me", headers=httpx.Headers(raw))) == (401, "SESSION_EXPIRED")
    assert problem(await shop.get(f"/sales?q={'a' * 50_000}", shop.token)) == (422, "INVALID_INPUT")


async def test_an_expired_session_sells_nothing(shop: World) -> None:
    shop.server.state.app.clock.offset = timedelta(hours=13)
    assert problem(await shop.sell()) == (401, "SESSION_EXPIRED")
    shop.server.state.app.clock.offset = timedelta()


@pytest.mark.parametrize(
    ("language", "words"), [("en-GB,en;q=0.9", "whole number"), ("id", "bilangan bulat"), ("fr", "bilangan bulat")]
)
async def test_reasons_are_in_the_callers_language(own_dsn: str, tmp_path: Path, language: str, words: str) -> None:
    async with made_world(own_dsn, tmp_path) as world:
        await world.open_shop()
        answer = await world.post("/sales", world.sale(amount="5"), world.token, **{"accept-language": language})
    assert words in answer.json()["detail"]
    assert answer.headers["content-language"] == ("en" if language.startswith("en") else "id")
