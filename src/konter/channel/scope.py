"""Which outlets somebody may see and act on. Who reads or changes outlets is given one; there is no default. [D-57]"""

from typing import Any

import msgspec

from konter.access.model import Principal
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
