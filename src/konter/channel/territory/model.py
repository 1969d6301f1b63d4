"""The area tree, territories and moves, and the pure decisions on them. [D-57, D-59, G-D08]"""

from collections.abc import Mapping, Sequence

import msgspec

from konter.channel.model import AreaLevel, NewArea, OutletKind, code_refusal, name_refusal
from konter.channel.refusals import PARTNER_NOT_ACTIVE
from konter.channel.territory.places import Position
from konter.channel.territory.refusals import (
    AREA_LEVEL_FIXED,
    AREA_PARENT_WRONG,
    AREA_PARTNER_WRONG,
    DEPOT_OF_OTHER_CLUSTER,
    UNKNOWN_CLUSTER,
    UNKNOWN_DISTRICT,
)
from konter.platform.ids import OutletId, PartnerId
from konter.platform.refusal import Refusal

LEVELS: tuple[AreaLevel, ...] = ("area", "region", "branch", "cluster", "depot")


class Territory(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a district is: a cluster's, and of one of its depots where that is settled."""

    district: str
    cluster: str
    depot: str | None = None


class OutletMove(msgspec.Struct, frozen=True, kw_only=True):
    """Where an outlet goes: under which partner, into which district, and exactly where if known."""

    outlet_id: OutletId
    partner_id: PartnerId
    district: str
    address: str | None = None
    position: Position | None = None


class AreaCount(msgspec.Struct, frozen=True, kw_only=True):
    """An area of the tree and the outlets that stand anywhere under it, by status."""

    area: NewArea
    active: int
    suspended: int
    terminated: int


class OutletLine(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet in a list or on a map."""

    id: OutletId
    code: str
    name: str
    kind: OutletKind
    segment: str
    status: str
    partner_id: PartnerId
    district: str
    position: Position | None


def decide_areas(
    new: Sequence[NewArea], *, known: Mapping[str, NewArea], partners_active: set[int]
) -> list[Refusal | None]:
    """Accept (None) or refuse each area, in order; what is accepted may be a parent further on. [D-57]

    With levels that never change and parents one level above there is no circle to look for.
    """
    tree = dict(known)
    outcomes: list[Refusal | None] = []
    for each in new:
        refusal = _area_refusal(each, tree, partners_active)
        if refusal is None:
            tree[each.code] = each
        outcomes.append(refusal)
    return outcomes


def _area_refusal(new: NewArea, tree: Mapping[str, NewArea], partners_active: set[int]) -> Refusal | None:
    if (words := code_refusal("code", new.code) or name_refusal("name", new.name)) is not None:
        return words
    return _place_refusal(new, tree) or _depot_refusal(new, tree.get(new.code), partners_active)


def _place_refusal(new: NewArea, tree: Mapping[str, NewArea]) -> Refusal | None:
    known = tree.get(new.code)
    if known is not None and known.level != new.level:
        return AREA_LEVEL_FIXED(area=new.code, level=known.level)
    parent = tree.get(new.parent) if new.parent is not None else None
    above = LEVELS[LEVELS.index(new.level) - 1] if new.level != LEVELS[0] else None
    if (parent.level if parent else None) != above or (new.parent is None) != (above is None):
        return AREA_PARENT_WRONG(area=new.code, parent=new.parent or "-")
    return None


def _depot_refusal(new: NewArea, known: NewArea | None, partners_active: set[int]) -> Refusal | None:
    if known is not None and new.level == "depot" and new.parent != known.parent:
        return DEPOT_OF_OTHER_CLUSTER(depot=new.code, cluster=new.parent or "-")  # its districts are of its cluster
    if (new.level == "depot") != (new.partner_id is not None):
        return AREA_PARTNER_WRONG(area=new.code)
    if new.partner_id is not None and new.partner_id not in partners_active:
        return PARTNER_NOT_ACTIVE()
    return None


def decide_territories(
    new: Sequence[Territory], *, districts: set[str], areas: Mapping[str, NewArea]
) -> list[Refusal | None]:
    """Accept (None) or refuse each territory, in order."""
    outcomes: list[Refusal | None] = []
    for each in new:
        cluster, depot = areas.get(each.cluster), areas.get(each.depot or "")
        refusal = None
        if each.district not in districts:
            refusal = UNKNOWN_DISTRICT(district=each.district)
        elif cluster is None or cluster.level != "cluster":
            refusal = UNKNOWN_CLUSTER(cluster=each.cluster)
        elif each.depot is not None and (depot is None or depot.level != "depot" or depot.parent != each.cluster):
            refusal = DEPOT_OF_OTHER_CLUSTER(depot=each.depot, cluster=each.cluster)
        outcomes.append(refusal)
    return outcomes
