"""Which outlets and partners a person may act on: the one place that says so. [D-34, D-57]

An outlet's users have their own. A partner's users have the partner's, field sales only in their clusters. Staff have
those of their area, or all. Who reads or changes outlets is given a scope; there is no default.
"""

from collections.abc import Collection
from typing import Any

import msgspec

from konter.access.model import Principal
from konter.channel import queries
from konter.platform.db import Connection
from konter.platform.ids import OutletId, PartnerId


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an outlet or a partner stands: whose it is, and its area with all that this lies in."""

    outlet_id: OutletId | None
    partner_id: PartnerId
    areas: frozenset[str]


def may_act(who: Principal, place: Place) -> bool:
    """Whether this person's acts reach the place. What the person may do there is another question."""
    if who.kind == "outlet":
        return place.outlet_id is not None and place.outlet_id == who.outlet_id
    if who.kind == "partner":
        return place.partner_id == who.partner_id and _within(who.areas, place.areas)
    return not who.area or who.area in place.areas


def _within(areas: Collection[str], above: frozenset[str]) -> bool:
    return not areas or any(area in above for area in areas)


async def place_of_outlet(connection: Connection, outlet_id: int) -> Place | None:
    """Where an outlet stands; None where there is none. One query."""
    row = await queries.read_outlet_scope(connection, outlet_id)
    if row is None:
        return None
    return Place(outlet_id=OutletId(outlet_id), partner_id=PartnerId(row[0]), areas=frozenset(row[1]))


async def place_of_partner(connection: Connection, partner_id: int) -> Place | None:
    """Where a partner works; None where there is none. One query."""
    areas = await queries.read_partner_scope(connection, partner_id)
    if areas is None:
        return None
    return Place(outlet_id=None, partner_id=PartnerId(partner_id), areas=frozenset(areas))


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Outlets under a partner, outlets in areas of the tree and all below them, one outlet, or, with none of it, all.

    What is outside of it is answered as if it did not exist.
    """

    partner_id: PartnerId | None = None
    areas: tuple[str, ...] = ()
    outlet_id: OutletId | None = None

    def parameters(self) -> tuple[Any, ...]:
        """For the three parameters of `queries.in_scope`."""
        return self.partner_id, self.outlet_id, list(self.areas) or None


EVERYWHERE = Scope()


def scope_of(principal: Principal) -> Scope:
    """What a principal may see: its outlet, its partner's outlets in its clusters, or its part of the operator."""
    if principal.kind == "outlet":
        assert principal.outlet_id is not None, "a user of an outlet without one"
        return Scope(outlet_id=principal.outlet_id)
    if principal.kind == "partner":
        assert principal.partner_id is not None, "a user of a partner without one"
        return Scope(partner_id=principal.partner_id, areas=principal.areas)
    return Scope(areas=(principal.area,) if principal.area else ())


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """A scope with its areas looked up: all below them, and the districts of their territories. None: everywhere."""

    partner_id: PartnerId | None
    areas: tuple[str, ...] | None
    districts: tuple[str, ...]

    def parameters(self) -> tuple[Any, ...]:
        """For the three parameters of `queries.in_reach`."""
        return self.partner_id, None if self.areas is None else list(self.areas), list(self.districts)


async def reach_of(connection: Connection, scope: Scope) -> Reach:
    """What a scope of staff or of a partner's users reaches. One query, none where it has no areas."""
    assert scope.outlet_id is None, "an outlet reaches itself"
    if not scope.areas:
        return Reach(partner_id=scope.partner_id, areas=None, districts=())
    areas, districts = await queries.read_reach(connection, scope.areas)
    return Reach(partner_id=scope.partner_id, areas=tuple(areas), districts=tuple(districts))
