"""What may be asked of an outlet's history."""

from datetime import datetime
from typing import Any

import msgspec

from konter.platform.ids import cell_of_id


class SaleFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which sales of one outlet: the outlet is required, everything else narrows."""

    outlet_id: int
    begin: datetime
    end: datetime
    product: str | None = None
    user_id: int | None = None
    sale_id: int | None = None
    msisdn: int | None = None
    products: list[str] | None = None

    def parameters(self) -> list[Any]:
        """$1 to $9 of the fragment."""
        return [
            self.outlet_id,
            cell_of_id(self.outlet_id),
            self.begin,
            self.end,
            self.product,
            self.user_id,
            self.sale_id,
            self.msisdn,
            self.products,
        ]
