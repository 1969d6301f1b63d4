"""A process ends with the parent that its environment names, also when that was gone before it could look."""

import os
import signal
import subprocess
import sys

WAIT = "import time; from konter.platform.parent import end_with; end_with('SUPERVISED_BY'); time.sleep({seconds})"


def ended(parent: str | None, seconds: float) -> int:
    environment = {name: value for name, value in os.environ.items() if name != "SUPERVISED_BY"}
    if parent is not None:
        environment["SUPERVISED_BY"] = parent
    command = [sys.executable, "-c", WAIT.format(seconds=seconds)]
    return subprocess.run(command, env=environment, timeout=20, check=False, stdout=subprocess.DEVNULL).returncode


def test_a_parent_that_is_gone_already_ends_it() -> None:
    assert ended("99999999", 15) == -signal.SIGTERM


def test_a_living_parent_lets_it_work() -> None:
    assert ended(str(os.getpid()), 1.5) == 0


def test_who_was_started_by_nobody_of_ours_stays() -> None:
    assert ended(None, 1.5) == 0
