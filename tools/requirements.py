"""Which test proves which requirement. Reads the marks with ast, so nothing is imported or run."""

import ast
import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MARK = "pytest.mark.requirement"


def known() -> dict[str, str]:
    """Id to statement, from docs/requirements.csv."""
    with (ROOT / "docs" / "requirements.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["statement"] for row in csv.DictReader(file)}


def _marked(node: ast.AST) -> Iterator[str]:
    """Ids of all marks at or below a node."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and ast.unparse(inner.func) == MARK:
            yield from (str(arg.value) for arg in inner.args if isinstance(arg, ast.Constant))


def _tests(body: list[ast.stmt], inherited: frozenset[str], prefix: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        own = inherited | {id_ for decorator in node.decorator_list for id_ in _marked(decorator)}
        if isinstance(node, ast.ClassDef):
            yield from _tests(node.body, own, f"{prefix}{node.name}::")
        elif node.name.startswith("test"):
            yield from ((id_, f"{prefix}{node.name}") for id_ in sorted(own))


def proofs() -> dict[str, list[str]]:
    """Id to the tests that carry it, as pytest names them."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        whole = (node for node in tree.body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node))
        for_all = frozenset(id_ for node in whole for id_ in _marked(node))
        for id_, test in _tests(tree.body, for_all, f"{file.relative_to(ROOT)}::"):
            found[id_].append(test)
    return found


def main() -> None:
    """Print the list; fail on an id that does not exist."""
    statements, tests = known(), proofs()
    for id_, statement in statements.items():
        if id_ in tests:
            print(f"{id_}  {statement}")
            for test in tests[id_]:
                print(f"      {test}")
    unproven = [id_ for id_ in statements if id_ not in tests]
    print(f"\nNo test yet ({len(unproven)} of {len(statements)}):")
    for id_ in unproven:
        print(f"{id_}  {statements[id_]}")
    if strangers := sorted(set(tests) - set(statements)):
        sys.exit(f"\nUnknown ids: {', '.join(f'{id_} in {tests[id_][0]}' for id_ in strangers)}")


if __name__ == "__main__":
    main()
