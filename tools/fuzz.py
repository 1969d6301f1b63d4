"""Serves a small demo, logs an outlet in, and lets Schemathesis throw requests at every operation of the API.

    python tools/fuzz.py SECONDS

A counterexample is printed with the curl command that repeats it. The demo's data stand in a folder that is removed.
"""

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
SIZE = ("--outlets", "3", "--subscribers", "50", "--sales", "30")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
READY_WITHIN_S = 120
OTP_WITHIN_S = 15
PASSWORD, PIN = "fuzz-them-all-2026", "739105"  # of a demo that lives for this run


@contextlib.contextmanager
def demo(folder: str) -> Iterator[dict[str, Any]]:
    """A running demo; gives what it prints when it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(BIN / "konter"), "demo", "--json", "--port", str(port), "--data", folder, *SIZE]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            sys.exit("the demo did not start")
        yield json.loads(line)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(READY_WITHIN_S)


def wait_for_otp(api: httpx.Client, msisdn: str, known: int) -> str:
    """The code in the newest text on a handset, once there are more texts than before."""
    deadline = time.monotonic() + OTP_WITHIN_S
    while time.monotonic() < deadline:
        messages = api.get(f"/simulator/handsets/{msisdn}/messages").json()["messages"]
        codes = re.findall(r"\b\d{6}\b", messages[-1]["text"]) if len(messages) > known else []
        if codes:
            return str(codes[0])
        time.sleep(0.2)
    sys.exit("no OTP arrived")


def log_in(ready: dict[str, Any]) -> str:
    """The token of an outlet's user who has taken all first steps, so that every operation is reached."""
    outlet = ready["outlet"]
    with httpx.Client(base_url=ready["base_url"]) as api:
        known = len(api.get(f"/simulator/handsets/{outlet['msisdn']}/messages").json()["messages"])
        given = {"username": outlet["username"], "password": outlet["password"]}
        login = api.post("/api/v1/login", json=given).raise_for_status().json()
        code = wait_for_otp(api, outlet["msisdn"], known)
        step = api.post(f"/api/v1/login/{login['login_id']}/otp", json={"code": code}).raise_for_status().json()
        api.headers["Authorization"] = f"Bearer {step['token']}"
        while (me := api.get("/api/v1/me").raise_for_status().json())["next"] != "ready":
            match me["next"]:
                case "change_password":
                    body = {"old": outlet["password"], "new": PASSWORD}
                    api.post("/api/v1/me/password", json=body).raise_for_status()
                case "accept_terms":
                    for document in me["documents"]:
                        api.post("/api/v1/me/acceptances", json=document).raise_for_status()
                case "set_pin":
                    api.post("/api/v1/me/pin", json={"pin": PIN}).raise_for_status()
        return str(step["token"])


def main() -> None:
    """Run it and end with Schemathesis's own exit code."""
    with tempfile.TemporaryDirectory() as folder, demo(folder) as ready:
        command = [str(BIN / "st"), "run", f"{ready['base_url']}/api/v1/openapi.json", "--checks", CHECKS]
        command += ["--header", f"Authorization: Bearer {log_in(ready)}", "--max-time", sys.argv[1]]
        # Its own session and sign-out would be ended by the first request that finds them.
        command += ["--exclude-path-regex", "logout|/me/(password|pin|sessions)|simulator"]
        code = subprocess.run(command, check=False).returncode
    sys.exit(code)


if __name__ == "__main__":
    main()
