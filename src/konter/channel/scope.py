"""Which outlets and partners a person sees and may act on: the one place that says so. [D-34, D-57]

An outlet's users have their own. A partner's users have the partner's, field sales only in their clusters. Staff have
those of their area, or all. Who reads or changes outlets is given a scope; there is no default.
"""

from typing import Any

import msgspec

from konter.access.model import Principal
from konter.channel import queries
from konter.platform.db import Connection
from konter.platform.ids import OutletId, PartnerId


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

    @property
    def is_everywhere(self) -> bool:
        """Whether nothing lies outside of it."""
        return self == EVERYWHERE


EVERYWHERE = Scope()


def condition(first: int) -> str:
    """For statements of other domains: that the outlet `o` is in the scope whose three parameters begin at `first`."""
    return queries.in_scope(first)


async def outlet_within(connection: Connection, outlet_id: int, scope: Scope) -> bool:
    """Whether there is such an outlet in a scope, as its lists have it. What may be done there is another question. One
    query.
    """
    return await queries.is_outlet_in(connection, outlet_id, scope.parameters())


async def partner_within(connection: Connection, partner_id: int, scope: Scope) -> bool:
    """Whether there is such a partner in a scope, by the area where it works and its depots; never in an
    outlet's. One query.
    """
    return await queries.is_partner_in(connection, partner_id, scope.parameters())


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
