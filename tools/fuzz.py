"""Serves a small demo and lets Schemathesis throw requests at every operation of the API, as an outlet and as staff.

    python -m tools.fuzz SECONDS

A counterexample is printed with the curl command that repeats it.
"""

import subprocess
import sys

from tools.served import BIN, demo, outlet_token, staff_token

# A generated body that fits its schema still names a product or a number that is not there.
NOT_CHECKED = "positive_data_acceptance"
# What would end the session in use or change its secrets; a number that one answer holds is tried in another request.
LEFT_ALONE = "logout|/me/(password|pin|sessions)|pin-resets|/outlets/.*/sessions|/lost-phones$"


def command(base_url: str, token: str, *bounds: str) -> list[str]:
    """How Schemathesis is run: every check that can hold, as whoever has the token, or as nobody."""
    words = [str(BIN / "st"), "run", f"{base_url}/api/v1/openapi.json", "--checks", "all"]
    words += ["--exclude-checks", NOT_CHECKED, "--continue-on-failure", "--warnings", "off"]
    if token:
        words += ["--header", f"Authorization: Bearer {token}", "--exclude-path-regex", LEFT_ALONE]
    return [*words, *bounds]


def throw(base_url: str, token: str, seconds: int) -> bool:
    """Whether nothing was found in that time."""
    return subprocess.run(command(base_url, token, "--max-time", str(seconds)), check=False).returncode == 0


def main() -> None:
    """Half of the time each; fail when either finds something."""
    seconds = max(int(sys.argv[1]) // 2, 1)
    with demo(outlets=3, subscribers=50, sales=30) as ready:
        clean = [throw(ready["base_url"], log_in(ready), seconds) for log_in in (outlet_token, staff_token)]
    sys.exit(0 if all(clean) else 1)


if __name__ == "__main__":
    main()
