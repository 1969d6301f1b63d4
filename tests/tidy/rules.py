"""The rules of the house that no linter knows: each takes a source and gives its faults, as `line: what`."""

import ast
import re
from collections.abc import Callable, Iterator

from tests.tidy.sources import Source

Rule = Callable[[Source], Iterator[str]]

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
SQL = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s|TRUNCATE\s|LOCK\s+TABLE\s"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|ROLE|DATABASE|SEQUENCE|VIEW|FUNCTION|TYPE)\s|COPY\s+\w+\s)"
)
SQL_CLOCK = re.compile(
    r"\bnow\s*\(\s*\)|\b(current_date|current_time|current_timestamp|localtime|localtimestamp)\b"
    r"|\b(clock|statement|transaction)_timestamp\s*\(|'(now|today|tomorrow|yesterday)'::",
    re.IGNORECASE,
)
WALL_CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "date.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
}
IMPURE = re.compile(
    r"(asyncio|asyncpg|httpx|os|secrets|socket|subprocess|time|konter\.platform\.(clock\.Clock|db|config))\b"
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b|\bpytest\.(skip|xfail)\b|mark\.(skip|xfail)\b")
SKIPS_ALOUD = {"tests/e2e/conftest.py"}  # without a browser it says so, and fails in CI
BRANDS = re.compile(
    r"telkomsel|digipos|mkios|grapari|simpati|kartu ?(as|halo)\b|halo ?hybrid|linkaja|indosat|ooredoo|\bim3\b"
    r"|\bxl ?axiata|\bxlsmart|smartfren|\bby\.u\b|\b3 indonesia\b",
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?<![\w.:/}-])/(home|root|Users|work|workspace|builds|mnt)/[\w.]")
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|registry\.yarnpkg|npmjs\.com/package|deb\.debian\.org"
    r"|index-url\s*=?\s*http|artifactory|nexus\.",
    re.IGNORECASE,
)
MONEY_NAME = re.compile(r"(^|_)(rp|idr|amount|balance|price|cost|tax|fee|margin|nominal|bytes)$")
MONEY_TYPES = re.compile(r"\b(real|double precision|float\d?|numeric|decimal|money)\b", re.IGNORECASE)
SQL_COMMENT = re.compile(r"--[^\n]*")


def no_long_file(source: Source) -> Iterator[str]:
    """A file above 500 lines is two files. Lock files and generated ones are nobody's reading."""
    readable = source.path.endswith((".py", ".js", ".css", ".html")) or source.path.startswith(".ci/")
    if readable and (lines := source.text.count("\n")) > FILE_LINES_MAX:
        yield f"{lines} lines"


def no_long_function(source: Source) -> Iterator[str]:
    if source.python:
        for node in source.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    yield f"{node.lineno}: {node.name} has {lines} lines"


def no_sql_outside_queries(source: Source) -> Iterator[str]:
    """A reader finds all SQL of a domain in its queries.py, or in queries/ where that is split by what it serves; the
    platform holds its own where it is used.
    """
    kept = source.path.endswith("/queries.py") or "/queries/" in source.path
    if source.python and source.product and not source.platform and not kept:
        for line, text in source.strings:
            if SQL.match(text):
                yield f"{line}: {text.strip()[:40]}"


def no_sql_clock(source: Source) -> Iterator[str]:
    """Moments are parameters: a moved clock must move everything."""
    if source.platform:
        return
    if source.path.startswith("migrations/"):
        for number, line in enumerate(SQL_COMMENT.sub("", source.text).splitlines(), 1):
            if SQL_CLOCK.search(line):
                yield f"{number}: {line.strip()[:60]}"
    elif source.python and source.product:
        for line, text in source.strings:
            if SQL_CLOCK.search(text):
                yield f"{line}: {text.strip()[:60]}"


def no_wall_clock(source: Source) -> Iterator[str]:
    """Only platform/clock.py knows the time; clocks that measure how long something took are free."""
    if source.python and source.product and not source.platform:
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and ast.unparse(node) in WALL_CLOCKS:
                yield f"{node.lineno}: {ast.unparse(node)}"


def no_unfinished_mark(source: Source) -> Iterator[str]:
    if not source.path.startswith("tests/tidy/") and not source.path.endswith(("package-lock.json", ".csv")):
        for number, line in enumerate(source.text.splitlines(), 1):
            found = UNFINISHED.search(line)
            if found and not (found[0] == "pytest.skip" and source.path in SKIPS_ALOUD):
                yield f"{number}: {found[0]}"


def no_brand(source: Source) -> Iterator[str]:
    """The product is for any operator; prefixes are digits and name nobody."""
    if source.product or source.path.startswith("docs/") or source.path.endswith(".md"):
        for number, line in enumerate(source.text.splitlines(), 1):
            if found := BRANDS.search(line):
                yield f"{number}: {found[0]}"


def no_machine_path(source: Source) -> Iterator[str]:
    if not source.path.startswith("tests/tidy/"):
        for number, line in enumerate(source.text.splitlines(), 1):
            if found := MACHINE_PATHS.search(line):
                yield f"{number}: {found[0]}"


def no_registry(source: Source) -> Iterator[str]:
    """Where packages come from is the matter of whoever installs them."""
    if not source.path.startswith("tests/tidy/"):
        for number, line in enumerate(source.text.splitlines(), 1):
            if found := REGISTRIES.search(line):
                yield f"{number}: {found[0]}"


def modules_say_what_they_are(source: Source) -> Iterator[str]:
    wanted = source.python and not source.path.startswith("tests/") and source.text.strip()
    if wanted and ast.get_docstring(source.tree) is None:
        yield "1: no docstring"


def _imported(source: Source) -> Iterator[tuple[int, str]]:
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


def no_foreign_queries(source: Source) -> Iterator[str]:
    """Whoever needs another domain's data calls a verb of it."""
    if source.python and source.product:
        own = source.path.split("/")[2].removesuffix(".py")
        for line, module in _imported(source):
            parts = module.split(".")
            if parts[0] == "konter" and "queries" in parts and parts[1] != own:
                yield f"{line}: {module}"


def models_are_pure(source: Source) -> Iterator[str]:
    """A decision takes values and gives values: no database, no network, no waiting, no clock, no chance."""
    if source.product and source.path.endswith("/model.py"):
        for line, module in _imported(source):
            if IMPURE.match(module) or "queries" in module.split("."):
                yield f"{line}: {module}"
        for node in source.nodes:
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                yield f"{node.lineno}: waits"


def no_drawer(source: Source) -> Iterator[str]:
    """A file named after nothing collects everything."""
    if source.path.rsplit("/", 1)[-1] in {"utils.py", "util.py", "helpers.py", "common.py", "misc.py", "base.py"}:
        yield "a name that says nothing"


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr


def _is_money(node: ast.AST) -> bool:
    return any(MONEY_NAME.search(name) for name in _names(node))


def no_money_as_float(source: Source) -> Iterator[str]:
    """Whole units only: no float annotation, no float(), no true division, no broken number in the schema."""
    if source.path.startswith("migrations/"):
        for number, line in enumerate(SQL_COMMENT.sub("", source.text).splitlines(), 1):
            if found := MONEY_TYPES.search(line):
                yield f"{number}: {found[0]}"
    if not (source.python and source.product):
        return
    for node in source.nodes:
        match node:
            case ast.AnnAssign(target=target, annotation=kind) if _is_money(target) and "float" in ast.unparse(kind):
                yield f"{node.lineno}: {ast.unparse(target)} is a float"
            case ast.arg(arg=name, annotation=ast.expr() as kind) if MONEY_NAME.search(name) and "float" in ast.unparse(
                kind
            ):
                yield f"{node.lineno}: {name} is a float"
            case ast.Call(func=ast.Name(id="float"), args=[value, *_]) if _is_money(value):
                yield f"{node.lineno}: {ast.unparse(node)}"
            case ast.BinOp(left=left, op=ast.Div(), right=right) if _is_money(left) or _is_money(right):
                yield f"{node.lineno}: {ast.unparse(node)}"


def patterns_are_whole(source: Source) -> Iterator[str]:
    """`$` also fits where a line's end follows; `konter.platform.forms.whole` does not."""
    if source.python and source.product:
        for node in source.nodes:
            if (
                isinstance(node, ast.keyword)
                and node.arg == "pattern"
                and isinstance(node.value, ast.Constant | ast.JoinedStr)
            ):
                yield f"{node.value.lineno}: {ast.unparse(node.value)}"


RULES: tuple[Rule, ...] = (
    no_long_file,
    no_long_function,
    no_sql_outside_queries,
    no_sql_clock,
    no_wall_clock,
    no_unfinished_mark,
    no_brand,
    no_machine_path,
    no_registry,
    modules_say_what_they_are,
    no_foreign_queries,
    models_are_pure,
    no_drawer,
    patterns_are_whole,
    no_money_as_float,
)
