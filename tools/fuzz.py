"""Serves a small demo and lets Schemathesis throw requests at every operation of the API, as an outlet and as staff.

    python -m tools.fuzz SECONDS

A counterexample is printed with the curl command that repeats it.
"""

import subprocess
import sys

from tools.served import BIN, demo, outlet_token, staff_token

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# What would end the session in use or change its secrets, and the simulator, whose clock would outrun every session.
LEFT_ALONE = "logout|/me/(password|pin|sessions)|simulator"


def throw(base_url: str, token: str, seconds: int) -> bool:
    """Whether nothing was found in that time."""
    command = [str(BIN / "st"), "run", f"{base_url}/api/v1/openapi.json", "--checks", CHECKS]
    command += ["--header", f"Authorization: Bearer {token}", "--max-time", str(seconds)]
    command += ["--exclude-path-regex", LEFT_ALONE]
    return subprocess.run(command, check=False).returncode == 0


def main() -> None:
    """Half of the time each; fail when either finds something."""
    seconds = max(int(sys.argv[1]) // 2, 1)
    with demo(outlets=3, subscribers=50, sales=30) as ready:
        clean = [throw(ready["base_url"], log_in(ready), seconds) for log_in in (outlet_token, staff_token)]
    sys.exit(0 if all(clean) else 1)


if __name__ == "__main__":
    main()
