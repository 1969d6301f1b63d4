"""What must hold between the values of one moment; a type alone cannot say it. Pure."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise

from konter.rules.model import Rules
from konter.rules.modules import MODULES, Module

YEARS = range(2000, 2101)


def rules_faults(rules: Rules) -> list[tuple[str, str]]:
    """(key, reason) of every check that fails; the reason is the last part of a text key `rules.fault.<reason>`."""
    return [(key, reason) for key, reason, holds in CHECKS if not holds(rules)]


def _ascending(values: Sequence[int]) -> bool:
    return all(left < right for left, right in pairwise(values))


def _table_ascends(rules: Rules) -> bool:
    table = rules.validity.table
    return _ascending([amount for amount, _ in table]) and all(a[1] <= b[1] for a, b in pairwise(table))


def _thresholds_match(rules: Rules) -> bool:
    return set(rules.tier.threshold) == {f"{name}_idr" for name in rules.tier.names[1:]}


def _thresholds_ascend(rules: Rules) -> bool:
    # In the order of the tiers, not of the table: jsonb keeps no order of keys.
    return _ascending([rules.tier.threshold.get(f"{name}_idr", 0) for name in rules.tier.names[1:]])


def _aligned_with_tiers(rules: Rules) -> bool:
    return len(rules.poin.tier_multipliers) == len(rules.tier.names)


def _tenures_aligned(rules: Rules) -> bool:
    return len(rules.tier.min_tenure_months) == len(rules.tier.names)


def _expiry_day_exists(rules: Rules) -> bool:
    # In every year, so not 29 February either: one year without the day would stop all grants.
    try:
        date.fromisoformat(f"2001-{rules.poin.expiry_date}")
    except ValueError:
        return False
    return True


def _start_is_of_our_age(rules: Rules) -> bool:
    return rules.poin.start_date.year in YEARS


def _pending_checks_fit(rules: Rules) -> bool:
    checks = rules.sale.pending_checks_s
    return rules.sale.deadline_s > 0 and _ascending(checks) and all(check < rules.sale.deadline_s for check in checks)


def _health_times_fit(rules: Rules) -> bool:
    return _ascending([rules.health.slow_after_s, rules.health.unanswered_after_s, rules.health.window_s])


def _notices_fit(rules: Rules) -> bool:
    notices = rules.seller.inactivity_notice_days
    return _ascending(notices) and all(day < rules.seller.inactivity_days for day in notices)


def _policies_complete(rules: Rules) -> bool:
    return {"individual", "outlet"} <= set(rules.seller.inactivity_policy)


def _brands_unique(rules: Rules) -> bool:
    codes = [brand.code for brand in rules.brand.table]
    return len(codes) == len(set(codes))


def _earning_brands_known(rules: Rules) -> bool:
    return set(rules.brand.earns_points) <= {brand.code for brand in rules.brand.table}


def _dunning_ascends(rules: Rules) -> bool:
    return _ascending([rules.dunning.outgoing_bar_days, rules.dunning.total_bar_days, rules.dunning.terminate_days])


def _cycles_ascend(rules: Rules) -> bool:
    return _ascending([cycle.cycle for cycle in rules.dunning.by_cycle])


def _switch_complete(module: Module) -> Callable[[Rules], bool]:
    return lambda rules: "default" in getattr(rules.feature, module)


CHECKS: tuple[tuple[str, str, Callable[[Rules], bool]], ...] = (
    ("validity.table", "table_not_ascending", _table_ascends),
    (
        "validity.min_recharge_idr",
        "min_recharge_below_table",
        lambda rules: rules.validity.min_recharge_idr >= rules.validity.table[0][0],
    ),
    ("tier.threshold", "thresholds_do_not_match", _thresholds_match),
    ("tier.threshold", "thresholds_not_ascending", _thresholds_ascend),
    ("tier.min_tenure_months", "not_aligned_with_tiers", _tenures_aligned),
    ("poin.tier_multipliers", "not_aligned_with_tiers", _aligned_with_tiers),
    ("poin.expiry_date", "no_such_day", _expiry_day_exists),
    ("poin.start_date", "of_another_age", _start_is_of_our_age),
    # The schema holds one reseller number per outlet and one outlet per number; more would be a lie. [D-26, D-31]
    ("outlet.rs_per_outlet", "only_one", lambda rules: rules.outlet.rs_per_outlet == 1),
    ("outlet.outlets_per_nn", "only_one", lambda rules: rules.outlet.outlets_per_nn == 1),
    ("sale.pending_checks_s", "not_ascending_in_time", _pending_checks_fit),
    ("health.window_s", "not_ascending_in_time", _health_times_fit),
    ("seller.inactivity_policy", "kind_missing", _policies_complete),
    ("seller.inactivity_notice_days", "not_ascending_in_time", _notices_fit),
    # An outlet that ended has neither users nor numbers to sell with: it comes back by a new application. [G-D15]
    ("seller.inactivity_return", "not_supported", lambda rules: rules.seller.inactivity_return == "reapply"),
    # Where a phone is can be made up and is rough indoors: enough to look at, not to keep a seller out. [G-D28]
    ("outlet.geofence_action", "not_supported", lambda rules: rules.outlet.geofence_action != "refuse"),
    ("brand.table", "brand_twice", _brands_unique),
    ("brand.earns_points", "brand_unknown", _earning_brands_known),
    ("tax.ppn", "tax_above_base", lambda rules: rules.tax.ppn[0] < rules.tax.ppn[1]),
    ("dunning.terminate_days", "steps_not_ascending", _dunning_ascends),
    ("dunning.by_cycle", "steps_not_ascending", _cycles_ascend),
    *((f"feature.{module}", "default_missing", _switch_complete(module)) for module in MODULES),
)
