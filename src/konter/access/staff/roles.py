"""Who of the staff may do what: the one place that says it. A new right is a line here, and then `require_staff`."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from konter.access.model import CARE_ROLES

# care: service office and call centre; supervisor: decides on what they ask; branch: the channel of an area;
# compliance: conduct, blacklist; catalogue: products and prices; finance: money and reconciliation; admin: accounts.
Role = Literal["care", "supervisor", "branch", "compliance", "catalogue", "finance", "admin"]
Permission = Literal[
    "subscribers.look",
    "reversals.ask",
    "reversals.decide",
    "work.do",
    "adjustments.ask",
    "adjustments.decide",
    "closures.look",
    "closures.set",
    "holds.set",
    "phones.report",
    "phones.lift",
    "sessions.look",
    "sessions.end",
    "partner_users.manage",
    "partners.end",
    "staff.look",
    "staff.propose",
    "staff.decide",
    "clients.look",
    "clients.manage",
    "lists.export",
    "channel.look",
    "outlets.stop",
    "visits.plan",
    "reviews.decide",
    "applications.look",
    "applications.decide",
    "numbers.look",
    "numbers.change",
    "conflicts.settle",
    "outcomes.propose",
    "outcomes.decide",
    "blacklist.look",
    "blacklist.add",
    "blacklist.decide",
    "points.look",
    "points.try",
    "rewards.redeem",
    "rewards.import",
]
ROLES: frozenset[str] = frozenset(get_args(Role))

PERMISSIONS: Mapping[Permission, tuple[str, ...]] = {
    "subscribers.look": CARE_ROLES,
    "reversals.ask": CARE_ROLES,
    "reversals.decide": ("supervisor",),
    "work.do": CARE_ROLES,
    "adjustments.ask": CARE_ROLES,
    "adjustments.decide": ("supervisor",),
    "closures.look": (*CARE_ROLES, "catalogue"),
    "closures.set": ("supervisor", "catalogue"),
    "holds.set": ("supervisor",),
    "phones.report": (*CARE_ROLES, "branch"),
    "phones.lift": ("supervisor", "branch"),
    "sessions.look": (*CARE_ROLES, "branch", "compliance"),
    "sessions.end": ("supervisor", "branch", "compliance"),
    "partner_users.manage": ("branch", "admin"),
    "partners.end": ("admin",),
    "staff.look": ("admin", "compliance"),
    "staff.propose": ("admin",),
    "staff.decide": ("admin", "compliance"),
    "clients.look": ("admin", "compliance"),
    "clients.manage": ("admin",),
    "channel.look": (*CARE_ROLES, "branch", "compliance", "finance", "admin"),
    "outlets.stop": ("branch", "compliance"),
    "visits.plan": ("branch",),
    "applications.look": (*CARE_ROLES, "branch", "compliance"),
    "applications.decide": ("branch",),
    "conflicts.settle": ("branch",),
    "reviews.decide": ("branch", "compliance"),
    "lists.export": ("supervisor", "branch", "compliance", "finance", "admin"),
    "numbers.look": (*CARE_ROLES, "branch", "compliance"),
    "numbers.change": ("supervisor", "branch"),
    "outcomes.propose": CARE_ROLES,
    "outcomes.decide": ("supervisor",),
    "blacklist.look": ("supervisor", "compliance"),
    "blacklist.add": ("compliance",),
    "blacklist.decide": ("supervisor", "compliance"),
    "points.look": ("supervisor", "catalogue", "finance"),
    "points.try": ("supervisor", "catalogue", "finance"),
    "rewards.redeem": CARE_ROLES,
    "rewards.import": ("supervisor", "catalogue"),
}


def may(roles: Sequence[str], *wanted: Permission | Role) -> bool:
    """Whether somebody with these roles has one of the permissions; a role that is named stands for itself."""
    allowed: Mapping[str, tuple[str, ...]] = PERMISSIONS  # type: ignore[assignment]
    return any(role in roles for each in wanted for role in allowed.get(each, (each,)))
