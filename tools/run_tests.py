"""The whole suite. Without Chromium the browser tests cannot run: that is said loudly, and is a failure in CI."""

import os
import shutil
import sys
from pathlib import Path

WARNING = """
!! Chromium is not installed: the tests that drive a browser do NOT run.
!! Debian: apt-get install chromium
"""
NO_LINTERS = """
!! The linters of the pages are not installed (run `make check` once): their tests do NOT run.
"""
LINTERS = Path("node_modules/.bin/eslint")


def chromium() -> str | None:
    """The browser that the tests drive."""
    return shutil.which("chromium")


def main() -> None:
    """Hand over to pytest, with two workers unless told otherwise."""
    arguments = [*sys.argv[1:]]
    if not any(argument.startswith("-n") for argument in arguments):
        arguments = ["-n", "2", "--dist", "worksteal", *arguments]
    if chromium() is None:
        sys.stderr.write(WARNING)
        if os.environ.get("CI") == "true":
            sys.exit(1)
        arguments += ["-m", "not e2e"]
    if not LINTERS.exists():
        sys.stderr.write(NO_LINTERS)
        if os.environ.get("CI") == "true":
            sys.exit(1)
        arguments += ["--ignore", "tests/web/test_linters.py"]
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
