"""The expressions over the whole base give what the pure rules give, for each subscription, month and bill."""

import ibis
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.loyalty.whole_base.people import OLD, PROGRAMMES, altered, pure_bills, pure_months, seeded

from konter.loyalty.whole_base import points
from konter.loyalty.whole_base.engine import rows_of


@pytest.mark.requirement("P-03", "P-05", "P-07", "P-09", "P-10", "P-12", "G-P01", "G-P02", "G-P03", "G-P04")
@pytest.mark.parametrize("name", PROGRAMMES)
def test_months_are_worth_what_the_pure_rule_says(backend, name) -> None:
    rules = PROGRAMMES[name]
    people = seeded(1, count=400, names=rules.tier.names)
    expected = pure_months(people, rules)
    assert rows_of(backend, points.months(people.base(), rules)) == expected
    assert (name == "nothing earns") != any(row[-1] for row in expected)


@pytest.mark.requirement("P-02", "P-04", "P-06", "P-08", "P-11", "G-P05", "G-P06", "G-P07", "G-P09")
@pytest.mark.parametrize("name", PROGRAMMES)
def test_bills_are_worth_what_the_pure_rule_says(backend, name) -> None:
    rules = PROGRAMMES[name]
    people = seeded(2, count=400, names=rules.tier.names)
    assert rows_of(backend, points.bills(people.base(), rules)) == pure_bills(people, rules)


odd_rules = st.builds(
    lambda rules, prepaid, postpaid, hybrid, poin: altered(
        rules, prepaid=prepaid, postpaid=postpaid, hybrid=hybrid, poin=poin
    ),
    st.sampled_from([PROGRAMMES["2014"], PROGRAMMES["2026"]]),
    st.fixed_dictionaries(
        {
            "min_idr": st.sampled_from([0, 1, 50_000, 1_000_000]),
            "per_step": st.integers(1, 5),
            "rounding_on": st.sampled_from(["month_sum", "recharge"]),
            "backfill_on_minimum": st.booleans(),
            "counts": st.sampled_from([("electronic", "voucher"), ("voucher",), ()]),
        }
    ),
    st.fixed_dictionaries(
        {
            "min_idr": st.sampled_from([0, 50_000, 1_000_000]),
            "per_step": st.integers(1, 5),
            "basis_with_tax": st.booleans(),
            "on": st.sampled_from(["issue", "payment"]),
            "vintage_by": st.sampled_from(["period_end", "issue"]),
        }
    ),
    st.fixed_dictionaries({"reload_earns": st.booleans(), "reload_counts": st.booleans()}),
    st.fixed_dictionaries(
        {
            "step_idr": st.integers(1, 100_000),
            "start_date": st.dates(min_value=OLD.poin.start_date, max_value=OLD.poin.start_date.replace(year=2027)),
            "time_zone": st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]),
            "tier_multipliers": st.sampled_from([(1, 1, 1, 1), (2, 2, 2, 2), (1, 2, 3, 4)]),
            "brand_multipliers": st.sampled_from([{}, {"nusa": 1}, {"kita": 3, "prima-flex": 2}]),
        }
    ),
)


@settings(max_examples=25, deadline=None)
@given(rules=odd_rules, seed=st.integers(0, 2**32))
def test_any_rules_give_what_the_pure_rule_says(backend, rules, seed) -> None:
    people = seeded(seed, count=8, names=rules.tier.names)
    base = people.base()
    assert rows_of(backend, points.months(base, rules)) == pure_months(people, rules)
    assert rows_of(backend, points.bills(base, rules)) == pure_bills(people, rules)


@pytest.mark.parametrize("name", ["2014", "each recharge rounded", "hybrids earn and do not count"])
def test_the_usual_rules_cost_one_aggregation(name) -> None:
    base = seeded(3, count=2, names=OLD.tier.names).base()
    sql = ibis.to_sql(points.months(base, PROGRAMMES[name]), dialect="duckdb")
    assert (sql.count("GROUP BY"), sql.count("JOIN")) == (1, 0)
    assert ("OVER" in sql) == (name == "hybrids earn and do not count")


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_same_expression_is_understood_for_spark(name) -> None:
    rules = PROGRAMMES[name]
    base = seeded(3, count=20, names=rules.tier.names).base()
    for table in (points.months(base, rules), points.bills(base, rules)):
        assert sqlglot.parse_one(ibis.to_sql(table, dialect="pyspark"), read="spark").named_selects == list(
            table.columns
        )
