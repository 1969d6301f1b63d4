"""Logs hold no secrets: neither in fields, at any depth, nor in texts."""

import json

import pytest
import structlog

from konter.platform.logs import SECRET_FIELDS, mask_secrets, set_up_logs


def masked(**event) -> dict:
    return dict(mask_secrets(None, "info", event))


@pytest.mark.parametrize("field", sorted(SECRET_FIELDS))
def test_fields_that_hold_a_secret_are_masked(field: str) -> None:
    assert masked(**{field: "739164"}) == {field: "***"}
    assert masked(**{field.upper(): "739164"}) == {field.upper(): "***"}


def test_at_any_depth() -> None:
    found = masked(body={"user": "siti", "steps": [{"pin": "739164"}, ("a", {"otp": 1})]})
    assert found == {"body": {"user": "siti", "steps": [{"pin": "***"}, ["a", {"otp": "***"}]]}}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dialled *777*081234567890*50*739164# twice", "dialled *777****# twice"),
        ("*777*081234567890*50*739164", "*777****#"),
        ("Authorization: Bearer abc.DEF-123_~+/==", "Authorization: Bearer ***"),
        ("*888#", "*888#"),
        ("Rp50.000 * 3", "Rp50.000 * 3"),
    ],
)
def test_dial_strings_and_tokens_in_texts(text: str, shown: str) -> None:
    assert masked(event=text) == {"event": shown}
    assert masked(nested=[{"error": text}]) == {"nested": [{"error": shown}]}


def test_what_is_no_secret_stays() -> None:
    event = {"event": "sold", "msisdn_cell": 7, "amount_rp": 50_000, "none": None, "yes": True}
    assert masked(**event) == event


def test_lines_are_json_in_utc_and_masked_also_in_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        set_up_logs("info")
        structlog.configure(cache_logger_on_first_use=False)  # else a module's logger keeps this set-up for ever
        log = structlog.get_logger()
        log.debug("not shown")
        try:
            int("*777*081234567890*50*739164#")
        except ValueError:
            log.exception("failed", pin="739164")
    finally:
        structlog.configure(**before)
    (line,) = capsys.readouterr().err.splitlines()
    assert "739164" not in line
    found = json.loads(line)
    assert (found["event"], found["level"], found["pin"]) == ("failed", "error", "***")
    assert found["timestamp"].endswith("Z")
    assert "ValueError" in found["exception"]
