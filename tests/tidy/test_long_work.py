"""Whoever asks for hours of the driver asks PostgreSQL too, which otherwise ends a statement after 30 seconds."""

import ast
from pathlib import Path

import konter

SOURCES = {
    path: ast.parse(path.read_text("utf-8"))
    for path in sorted(Path(konter.__file__).parent.rglob("*.py"))
    if "LONG_WORK_S" in path.read_text("utf-8") or "queries" in path.read_text("utf-8")
}
ALLOWED = {"allow_long_work", "long_work"}


def functions(tree: ast.AST) -> list[ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]


def names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def is_queries(path: Path) -> bool:
    return path.name == "queries.py" or path.parent.name == "queries"


def long_queries() -> set[tuple[str, str]]:
    """(module, function) of every query that may take hours."""
    return {
        (module_of(path), function.name)
        for path, tree in SOURCES.items()
        if is_queries(path)
        for function in functions(tree)
        if "LONG_WORK_S" in names(function)
    }


def module_of(path: Path) -> str:
    return ".".join(("konter", *path.relative_to(Path(konter.__file__).parent).with_suffix("").parts))


def calls(tree: ast.AST, function: ast.AsyncFunctionDef) -> set[tuple[str, str]]:
    """(module, function) of what a function calls through a module that its file imports."""
    modules = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    return {
        (modules[call.func.value.id], call.func.attr)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in modules
    }


def covered(tree: ast.AST) -> set[str]:
    """The functions of a file in which a statement may be long: those that allow it, and what they call."""
    allowing = [function for function in functions(tree) if names(function) & ALLOWED]
    return {function.name for function in allowing}.union(*(names(function) for function in allowing))


def test_every_long_query_is_asked_where_it_may_be_long() -> None:
    long = long_queries()
    assert len(long) > 10
    bare = [
        f"{path.name}: {function.name} calls {name}"
        for path, tree in SOURCES.items()
        if not is_queries(path)
        for function in functions(tree)
        for module, name in sorted(calls(tree, function) & long)
        if function.name not in covered(tree)
    ]
    assert bare == []
