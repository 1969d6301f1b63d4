"""On which line of a TOML file a value stands; the parser itself does not tell."""

import tomllib
from typing import Any

Path = tuple[str | int, ...]


def line_of(text: str, path: Path) -> int:
    """The line, from 1, on which the statement begins that first holds `path`; 1 when none does.

    A statement ends where the text up to there is whole TOML again, so the file is read line by line until it holds the
    path: slow, exact for every way of writing, and only done for a fault.
    """
    lines = text.splitlines(keepends=True)
    begun = 1
    for number in range(1, len(lines) + 1):
        try:
            tree = tomllib.loads("".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue
        if _holds(tree, path):
            return begun
        begun = number + 1
    return 1


def _holds(tree: Any, path: Path) -> bool:
    place = tree
    for step in path:
        try:
            place = place[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
