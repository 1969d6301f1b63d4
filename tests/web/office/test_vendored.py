"""What others wrote and we serve is served as it came."""

import hashlib
from importlib import resources


def test_vendored_files_are_as_they_came() -> None:
    static = resources.files("konter.web").joinpath("office/static")
    lines = static.joinpath("vendored.sha256").read_text().split("\n")[:-1]
    assert len(lines) == 3
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256(static.joinpath(name).read_bytes()).hexdigest() == digest, name
