"""What holds for every answer: headers, unknown addresses, failures with a reference, logs and figures without secrets."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import asyncpg
import httpx
import pytest
import structlog
from tests.access.people import PASSWORD, PIN
from tests.api.world import API, World, made_world, problem

from konter.platform import logs

SAFE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


async def test_no_answer_is_kept_framed_or_guessed_at(world: World) -> None:
    for answer in (
        await world.get("/me", world.token),
        await world.sell(),
        await world.get("/me"),
        await world.get("/nope"),
        await world.send("DELETE", "/sales"),
        await world.http.get("/healthz"),
        await world.http.get("/metrics"),
    ):
        assert {name: answer.headers.get(name) for name in SAFE} == SAFE
        assert not [name for name in answer.headers if name.startswith(("access-control", "set-cookie"))]


@pytest.mark.parametrize(
    "path",
    ["/api/v1/nope", "/api/v1/sales/1/2/3", "/api/v2", "/api", "/simulator/nope", "/nope"],
)
async def test_an_address_that_nobody_has_is_a_problem_for_programs(world: World, path: str) -> None:
    assert problem(await world.http.get(path)) == (404, "NOT_FOUND")
    page = await world.http.get(path, headers={"accept": "text/html,*/*"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith(
        "application/problem+json" if path.startswith("/api/") else "text/html"
    )


@pytest.mark.parametrize("path", ["/-", "/-/", "/-/openapi.json", "/-/x"])
async def test_the_frameworks_own_pages_are_closed(world: World, path: str) -> None:
    assert problem(await world.http.get(path)) == (404, "NOT_FOUND")


async def test_another_method_is_told_which_there_are(world: World) -> None:
    for method, path, allowed in (
        ("DELETE", "/sales", "GET, POST"),
        ("OPTIONS", "/sales", "GET, POST"),
        ("PUT", "/sales/1", "GET"),
        ("GET", "/login", "POST"),
    ):
        answer = await world.send(method, path, world.token)
        assert problem(answer) == (405, "METHOD_NOT_ALLOWED")
        assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path", ["/poin", "/saya/masuk", "/outlet/masuk", "/office/masuk", "/apply", "/healthz", "/api/v1/me"]
)
async def test_whatever_can_be_fetched_can_be_asked_about(world: World, path: str) -> None:
    """The same answer to HEAD, without its body; a post has none."""
    asked, fetched = await world.http.head(path), await world.http.get(path)
    assert (asked.status_code, asked.content) == (fetched.status_code, b"")
    assert asked.headers["content-type"] == fetched.headers["content-type"]
    assert (await world.http.head("/api/v1/login")).status_code == 405


async def test_the_bare_address_leads_to_the_outlets_pages(world: World) -> None:
    answer = await world.http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/outlet")


async def test_what_nobody_foresaw_has_a_reference_that_is_in_the_log(world: World) -> None:
    with (
        structlog.testing.capture_logs() as lines,
        patch("konter.api.v1.wallet.read.wallet", side_effect=RuntimeError("boom")),
    ):
        answer = await world.get("/wallet", world.token)
    assert problem(answer) == (500, "INTERNAL_ERROR")
    reference = answer.json()["data"]["reference"]
    assert reference in answer.json()["detail"]
    assert "boom" not in answer.text
    (line,) = [line for line in lines if line["event"] == "request failed"]
    assert (line["reference"], line["path"]) == (reference, "/api/v1/wallet")
    assert isinstance(line["exc_info"], RuntimeError)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/login", "application/json"),
        ("/outlet/masuk", "application/x-www-form-urlencoded"),
        ("/simulator/clock", "application/json"),
    ],
)
async def test_a_phone_that_hangs_up_in_mid_body_is_no_failure_of_ours(world: World, path: str, kind: str) -> None:
    coming = iter([{"type": "http.request", "body": b'{"user', "more_body": True}, {"type": "http.disconnect"}])
    sent = []

    async def receive() -> dict:
        return next(coming)

    async def send(message: dict) -> None:
        sent.append(message)

    headers = [(b"content-type", kind.encode()), (b"content-length", b"80")]
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http"}
    scope |= {"path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers}
    scope |= {"client": ("127.0.0.1", 1), "server": ("konter", 80), "extensions": {}, "state": {}}
    with structlog.testing.capture_logs() as lines:
        await world.server(scope, receive, send)
    assert [(line["event"], line["log_level"]) for line in lines] == [("caller hung up", "info")]
    assert sent[0]["status"] == 400
    figures = (await world.http.get("/metrics")).text
    assert f'route="{path}",status="400"' in figures
    assert f'route="{path}",status="500"' not in figures


async def test_a_database_that_is_away_says_when_to_come_again(world: World) -> None:
    gone = asyncpg.ConnectionDoesNotExistError("gone")
    with patch("konter.api.v1.wallet.read.wallet", side_effect=gone):
        answer = await world.get("/wallet", world.token)
    assert problem(answer) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "2"


async def test_a_full_lane_says_when_to_come_again(own_dsn: str, tmp_path: Path) -> None:
    async with made_world(own_dsn, tmp_path, lane_queue_max=0) as world:
        await world.open_shop()
        answer = await world.sell()
        assert problem(answer) == (429, "TOO_MANY_REQUESTS")
        assert answer.headers["retry-after"] == "2"


async def test_a_sale_asks_for_one_connection(world: World) -> None:
    await world.sell()
    pool = world.server.state.app.pool
    with patch.object(type(pool), "acquire", autospec=True, side_effect=type(pool).acquire) as acquired:
        assert (await world.sell(second=True)).status_code == 201
    assert acquired.call_count == 1


async def test_logs_and_figures_hold_no_secret(world: World) -> None:
    """Everything that is logged, failures with their tracebacks included."""
    written = io.StringIO()
    user = await world.stage.user()
    with patch.object(logs, "sys", SimpleNamespace(stderr=written)):
        logs.set_up_logs("debug")
        structlog.configure(cache_logger_on_first_use=False)  # else the modules' loggers keep this set-up for ever
        try:
            token = (await world.log_in(user))["token"]
            otp = await world.stage.last_otp(user.nn_msisdn)
            await world.sell(token)
            await world.sell(token, pin="482913")
            with patch("konter.api.v1.wallet.read.wallet", side_effect=RuntimeError(f"Bearer {token}")):
                await world.get("/wallet", token)
            with patch("konter.sales.selling.sell", side_effect=RuntimeError("boom")):
                assert (await world.sell(token)).status_code == 500
            with patch("konter.api.v1.login.log_in", side_effect=RuntimeError("boom")):
                await world.post("/login", {"username": user.username, "password": PASSWORD})
            await world.http.post(
                f"{API}/login",
                content=b'{"password": "' + PASSWORD.encode(),
                headers={"content-type": "application/json"},
            )
        finally:
            structlog.reset_defaults()
    figures = (await world.http.get("/metrics")).text
    lines = written.getvalue()
    assert lines.count("boom") >= 2
    names = [figure.rpartition(" ")[0] for figure in figures.splitlines()]  # a time may have the digits of an OTP
    for secret in (PIN, "482913", PASSWORD, otp, token, token[:30]):
        assert secret not in lines
        assert not any(secret in name for name in names)
    assert str(world.customer) not in figures


async def test_figures_name_routes_not_addresses(world: World) -> None:
    await world.get("/sales/12345", world.token)
    figures = (await world.http.get("/metrics")).text
    assert 'route="/api/v1/sales/{sale}"' in figures
    assert "12345" not in figures.replace('le="', "")


async def test_the_process_says_whether_it_lives_and_can_work(world: World) -> None:
    assert (await world.http.get("/healthz")).text == "ok\n"
    assert (await world.http.get("/readyz")).text == "ready\n"
    app = world.server.state.app
    with patch.object(app, "pool", SimpleNamespace(acquire=lambda **_: (_ for _ in ()).throw(TimeoutError()))):
        assert problem(await world.http.get("/readyz")) == (503, "UNAVAILABLE")
        assert (await world.http.get("/healthz")).status_code == 200


async def test_the_simulator_is_as_strict(world: World) -> None:
    path = f"/simulator/handsets/{world.customer}/sms"
    answer = await world.http.post(path, json={"to": 1818, "text": "INFO"})
    assert problem(answer) == (422, "INVALID_INPUT")
    assert answer.json()["data"]["field"] == "to"


async def test_a_live_installation_has_no_simulator(own_dsn: str, tmp_path: Path) -> None:
    async with made_world(own_dsn, tmp_path, mode="live") as world:
        for path in ("/simulator", "/simulator/clock", "/simulator/handsets/6281210000001/messages"):
            assert problem(await world.http.post(path, json={})) == (404, "NOT_FOUND")


async def test_a_proxys_word_for_the_address_is_taken_only_from_a_trusted_one(world: World) -> None:
    user = await world.stage.user()
    forged = httpx.Headers({"x-forwarded-for": "198.51.100.9", "user-agent": "Opera Mini\x7f"})
    await world.http.post(f"{API}/login", json={"username": user.username, "password": PASSWORD}, headers=forged)
    row = await world.stage.pool.fetchrow(
        "SELECT * FROM audit WHERE subject_id = $1 AND action = 'login.otp_sent'", user.id
    )
    assert "Opera Mini" in json.dumps(dict(row), default=str)
    assert "\x7f" not in json.dumps(dict(row), default=str, ensure_ascii=False)
