"""Every source keeps every rule of the house; and every rule sees what it forbids, so that none is asleep."""

import pytest
from tests.tidy.rules import RULES, Rule
from tests.tidy.sources import Source, sources

FORBIDDEN = {
    "no_long_file": ("src/konter/sales/sell.py", "x = 1\n" * 501),
    "no_long_function": ("src/konter/sales/sell.py", "def sell():\n" + "    x = 1\n" * 70),
    "no_sql_outside_queries": ("src/konter/sales/sell.py", 'sql = f"""\n  SELECT {x} FROM sale"""'),
    "no_sql_clock": ("src/konter/sales/queries.py", 'sql = "UPDATE sale SET at = Now()"'),
    "no_wall_clock": ("src/konter/sales/sell.py", "import datetime\nat = datetime.datetime.now(UTC)"),
    "no_unfinished_mark": ("src/konter/sales/sell.py", "# TODO later"),
    "no_brand": ("docs/howto/tls.md", "as on simPATI"),
    "no_machine_path": ("docs/howto/tls.md", "look into /home/sari/konter"),
    "no_registry": ("requirements.lock", "--index-url https://files.example/simple"),
    "modules_say_what_they_are": ("src/konter/sales/sell.py", "x = 1"),
    "no_foreign_queries": ("src/konter/sales/sell.py", "from konter.catalogue import queries"),
    "models_are_pure": ("src/konter/sales/model.py", "import asyncpg"),
    "no_drawer": ("src/konter/sales/utils.py", ""),
    "no_money_as_float": ("src/konter/sales/sell.py", "half = sale.price_rp / 2"),
    "patterns_are_whole": ("src/konter/api/v1/sales.py", 'Code = Annotated[str, msgspec.Meta(pattern="^[A-Z]+$")]'),
}
MORE_FORBIDDEN = [
    ("no_sql_clock", "migrations/0002_pre_x.sql", "CREATE TABLE x (at timestamptz DEFAULT clock_timestamp());"),
    ("no_sql_clock", "src/konter/sales/queries.py", 'sql = "SELECT current_date"'),
    ("no_unfinished_mark", "tests/sales/test_sell.py", "@pytest.mark.skip\ndef test_it(): pass"),
    ("no_unfinished_mark", "src/konter/sales/sell.py", "raise NotImplementedError"),
    ("no_money_as_float", "src/konter/sales/sell.py", "def tax(price_rp: float): pass"),
    ("no_money_as_float", "src/konter/sales/sell.py", "shown = float(sale.cost_rp)"),
    ("no_money_as_float", "migrations/0002_pre_x.sql", "CREATE TABLE x (fee numeric(12,2));"),
    ("no_registry", "package-lock.json", '"resolved": "https://registry.npmjs.org/x.tgz"'),
]
ALLOWED = [
    ("no_sql_outside_queries", "src/konter/sales/sell.py", '"""Select what was sold. SELECT is named here only."""'),
    ("no_sql_clock", "src/konter/platform/outbox.py", 'sql = "SELECT now()"'),
    ("no_sql_clock", "src/konter/sales/queries.py", 'sql = "UPDATE sale SET at = $1"'),
    ("no_wall_clock", "src/konter/platform/clock.py", "at = datetime.now(UTC)"),
    ("no_wall_clock", "src/konter/sales/sell.py", "begun = time.perf_counter()"),
    ("no_unfinished_mark", "tests/x.py", 'pytest.mark.skipif(os.geteuid() != 0, reason="root only")'),
    ("no_foreign_queries", "src/konter/sales/purchase/buy.py", "from konter.sales.queries import read_sales"),
    ("models_are_pure", "src/konter/sales/sell.py", "import asyncpg"),
    ("no_money_as_float", "src/konter/sales/sell.py", "half_rp = sale.price_rp // 2"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_source_keeps(rule: Rule) -> None:
    faults = [f"{source.path}:{fault}" for source in sources() for fault in rule(source)]
    assert not faults, "\n".join(["", rule.__doc__ or rule.__name__, *faults])


def _rule(name: str) -> Rule:
    return next(rule for rule in RULES if rule.__name__ == name)


def test_the_walk_sees_the_project() -> None:
    seen = {source.path for source in sources()}
    assert {"Makefile", ".ci/run", "src/konter/sales/queries.py", "migrations/0001_pre_foundation.sql"} <= seen


def test_every_rule_has_an_example() -> None:
    assert set(FORBIDDEN) == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize(
    ("name", "path", "text"), [*((n, *example) for n, example in FORBIDDEN.items()), *MORE_FORBIDDEN]
)
def test_the_rule_sees(name: str, path: str, text: str) -> None:
    assert list(_rule(name)(Source(path, text)))


@pytest.mark.parametrize(("name", "path", "text"), ALLOWED)
def test_the_rule_lets_pass(name: str, path: str, text: str) -> None:
    assert not list(_rule(name)(Source(path, text)))
