"""What the house rules look at: every text file of the project, found by walking, so that new files are seen too."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MADE = {".git", ".venv", ".konter", "node_modules", "build", "dist", "test-results", "__pycache__"}
SUFFIXES = {
    "",
    ".cfg",
    ".css",
    ".csv",
    ".html",
    ".js",
    ".json",
    ".lock",
    ".md",
    ".mjs",
    ".py",
    ".sql",
    ".toml",
    ".txt",
    ".webmanifest",
    ".yaml",
    ".yml",
}


@dataclass(frozen=True)
class Source:
    """A file by its path from the root, and its text."""

    path: str
    text: str

    @property
    def python(self) -> bool:
        return self.path.endswith(".py")

    @property
    def product(self) -> bool:
        """Part of what is installed."""
        return self.path.startswith("src/konter/")

    @property
    def platform(self) -> bool:
        return self.path.startswith("src/konter/platform/")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @cached_property
    def docstrings(self) -> frozenset[int]:
        """Numbers of the constants that are only said, as `id()`."""
        bodies = (getattr(node, "body", None) for node in self.nodes)
        first = (body[0] for body in bodies if isinstance(body, list) and body)
        return frozenset(id(stmt.value) for stmt in first if isinstance(stmt, ast.Expr))

    @cached_property
    def strings(self) -> tuple[tuple[int, str], ...]:
        """Line and text of every string constant that is not a docstring; parts of f-strings too."""
        return tuple(
            (node.lineno, node.value)
            for node in self.nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in self.docstrings
        )


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if (
            entry.name in MADE
            or entry.name.endswith(("_cache", ".egg-info"))
            or entry.name in {".hypothesis", ".schemathesis", ".env"}
        ):
            continue
        if entry.is_dir():
            yield from _walk(entry)
        elif entry.suffix in SUFFIXES:
            yield entry


@cache
def sources() -> tuple[Source, ...]:
    """All of them."""
    return tuple(Source(str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")) for file in _walk(ROOT))


def source(path: str) -> Source:
    """One of them."""
    return next(each for each in sources() if each.path == path)
