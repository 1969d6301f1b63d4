"""A served demo for the length of a block, and its people logged in over the API. For tools that look from outside."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

BIN = Path(sys.executable).parent
STOPPED_WITHIN_S = 60
TEXT_WITHIN_S = 15
PASSWORD, PIN = "sandi-untuk-dicoba-2026", "739105"  # of a demo that lives for this run


@contextlib.contextmanager
def demo(*, outlets: int, subscribers: int, sales: int) -> Iterator[dict[str, Any]]:
    """A running demo in a folder that is removed afterwards; gives what it prints when it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    size = ["--outlets", str(outlets), "--subscribers", str(subscribers), "--sales", str(sales)]
    with tempfile.TemporaryDirectory() as folder:
        command = [str(BIN / "konter"), "demo", "--json", "--port", str(port), "--data", folder, *size]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                if not line:
                    sys.exit("the demo did not start")
                yield json.loads(line)
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(STOPPED_WITHIN_S)


def texts(api: httpx.Client, msisdn: str) -> list[str]:
    """What a handset has received, oldest first."""
    messages = api.get(f"/simulator/handsets/{msisdn}/messages").raise_for_status().json()["messages"]
    return [message["text"] for message in messages]


def next_text(api: httpx.Client, msisdn: str, *, known: int) -> str:
    """The newest text of a handset that had `known` before."""
    deadline = time.monotonic() + TEXT_WITHIN_S
    while time.monotonic() < deadline:
        if len(found := texts(api, msisdn)) > known:
            return found[-1]
        time.sleep(0.2)
    sys.exit(f"no text arrived within {TEXT_WITHIN_S} s")


def otp_in(text: str) -> str:
    """The six digits of a text."""
    found = re.search(r"\b\d{6}\b", text)
    assert found is not None, text
    return found[0]


def outlet_token(ready: dict[str, Any]) -> str:
    """The token of the demo's outlet user, who has taken all first steps."""
    outlet = ready["outlet"]
    with httpx.Client(base_url=ready["base_url"]) as api:
        known = len(texts(api, outlet["msisdn"]))
        given = {"username": outlet["username"], "password": outlet["password"]}
        login = api.post("/api/v1/login", json=given).raise_for_status().json()
        code = otp_in(next_text(api, outlet["msisdn"], known=known))
        step = api.post(f"/api/v1/login/{login['login_id']}/otp", json={"code": code}).raise_for_status().json()
        api.headers["Authorization"] = f"Bearer {step['token']}"
        while (me := api.get("/api/v1/me").raise_for_status().json())["next"] != "ready":
            match me["next"]:
                case "change_password":
                    body = {"old": outlet["password"], "new": PASSWORD}
                    api.post("/api/v1/me/password", json=body).raise_for_status()
                case "accept_terms":
                    for document in me["documents"]:
                        chosen = {"document": document["document"], "version": document["version"]}
                        api.post("/api/v1/me/acceptances", json=chosen).raise_for_status()
                case "set_pin":
                    api.post("/api/v1/me/pin", json={"pin": PIN}).raise_for_status()
        return str(step["token"])


def staff_token(ready: dict[str, Any]) -> str:
    """The token of the demo's member of staff."""
    login = httpx.post(f"{ready['base_url']}/api/v1/login", json=ready["staff"]).raise_for_status().json()
    return str(login["token"])
