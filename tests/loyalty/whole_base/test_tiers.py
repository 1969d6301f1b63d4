"""The evaluation over the whole base gives what the pure rules give, for everybody; and what if."""

from collections import Counter
from datetime import date

import ibis
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.loyalty.whole_base.people import OLD, PROGRAMMES, People, altered, pure_evaluation, seeded

from konter.loyalty.tiers.model import EVER, Evaluation
from konter.loyalty.whole_base import tiers
from konter.loyalty.whole_base.engine import rows_of
from konter.loyalty.whole_base.run import sorted_flows, with_thresholds
from konter.platform.refusal import Refusal

JULY = date(2026, 7, 1)


def agrees(backend, people: People, evaluation: Evaluation) -> Counter[str]:
    """Prove that the expression says of everybody what the pure rules say; how many changed, by cause."""
    everybody = tiers.evaluated(people.base(), evaluation)
    found = {row[0]: row[1:] for row in rows_of(backend, everybody)}
    expected = pure_evaluation(people, evaluation)
    assert len(found) == len(expected) == len(people.members)
    causes: Counter[str] = Counter()
    for subscription, average_rp, tier, earned, after, cause in expected:
        since = None if after.since == EVER else after.since
        said = (average_rp, tier, earned, after.tier, since, after.until, after.counted_from, cause)
        mine = found[subscription]
        assert mine == said, subscription
        causes[cause or "stays"] += 1
    return causes


@pytest.mark.requirement("P-32", "P-33", "P-35", "P-36", "P-40", "G-P11", "G-P12", "G-P13", "G-P14", "G-P26", "G-P28")
@pytest.mark.parametrize(
    ("name", "on"), [("2014", date(2026, 6, 1)), ("2014", date(2026, 7, 2)), *((name, JULY) for name in PROGRAMMES)]
)
def test_everybody_gets_what_the_pure_rule_says(backend, name, on) -> None:
    rules = PROGRAMMES[name]
    people = seeded(4, count=400, names=rules.tier.names)
    causes = agrees(backend, people, Evaluation(rules, on))
    assert {"stays", "programme", "downgrade"} <= causes.keys()
    assert name == "nothing earns" or {"upgrade", "renewal"} <= causes.keys()


odd_tiers = st.fixed_dictionaries(
    {
        "window_months": st.integers(1, 12),
        "average_divisor": st.integers(1, 12),
        "min_tenure_months": st.sampled_from([(0, 0, 0, 0), (0, 0, 12, 3), (5, 6, 7, 8)]),
        "validity_months": st.integers(1, 13),
        "validity_round_up": st.sampled_from(["month_end", "none"]),
        "upgrade_restarts_validity": st.booleans(),
        "downgrade_to": st.sampled_from(["earned", "one_below"]),
        "migration_basis": st.sampled_from(["postpaid_only", "both"]),
    }
)


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from([*PROGRAMMES]),
    tier=odd_tiers,
    on=st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 9, 30)),
    seed=st.integers(0, 2**32),
)
def test_any_rules_give_what_the_pure_rule_says(backend, name, tier, on, seed) -> None:
    rules = altered(PROGRAMMES[name], tier=tier)
    agrees(backend, seeded(seed, count=8, names=rules.tier.names), Evaluation(rules, on))


def test_without_members_everybody_is_in_the_lowest_tier(backend) -> None:
    people = seeded(5, count=300, names=OLD.tier.names)
    rows = rows_of(backend, tiers.evaluated(people.base(with_members=False), Evaluation(OLD, JULY)))
    seen = {row["subscription_id"] for row in (*people.recharges, *people.bills)}
    assert {row[0] for row in rows} == seen
    assert {row[2] for row in rows} == {"mass"}
    assert len({row[4] for row in rows}) > 2


def test_changes_are_those_that_have_a_cause(backend) -> None:
    people = seeded(6, count=300, names=OLD.tier.names)
    everybody = tiers.evaluated(people.base(), Evaluation(OLD, JULY))
    expected = [row for row in rows_of(backend, everybody) if row[-1] is not None]
    found = rows_of(backend, tiers.changes(everybody))
    assert [(row[0], row[2], row[6]) for row in found] == [(row[0], row[4], row[8]) for row in expected]


def test_what_if_counts_the_whole_base_under_other_thresholds(backend) -> None:
    people = seeded(7, count=600, names=OLD.tier.names)
    now = Evaluation(OLD, JULY)
    dearer = with_thresholds(now, {"gold": 900_000, "priority": 2_000_000})
    assert isinstance(dearer, Evaluation)
    golds = []
    for evaluation in (now, dearer):
        rows = rows_of(backend, tiers.flows(tiers.evaluated(people.base(), evaluation)))
        flows = sorted_flows(rows, evaluation.rules.tier)
        pure = Counter((row[2], row[3], row[4].tier) for row in pure_evaluation(people, evaluation))
        assert {(flow.tier, flow.earned, flow.target): flow.customers for flow in flows} == pure
        golds.append(sum(flow.customers for flow in flows if flow.earned in ("gold", "priority")))
    assert golds[0] > golds[1] > 0


@pytest.mark.parametrize("given_rp", [{"gold": 50_000}, {"red": 400_000}, {"diamond": 1}, {"red": 0}])
def test_thresholds_that_do_not_ascend_are_refused(given_rp) -> None:
    refused = with_thresholds(Evaluation(OLD, JULY), given_rp)
    assert isinstance(refused, Refusal)
    assert refused.code == "THRESHOLDS_WRONG"


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_same_expression_is_understood_for_spark(name) -> None:
    rules = PROGRAMMES[name]
    everybody = tiers.evaluated(seeded(3, count=20, names=rules.tier.names).base(), Evaluation(rules, JULY))
    for table in (everybody, tiers.changes(everybody), tiers.flows(everybody)):
        assert sqlglot.parse_one(ibis.to_sql(table, dialect="pyspark"), read="spark").named_selects == [*table.columns]
