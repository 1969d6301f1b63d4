"""What lists of staff show."""

from datetime import datetime
from typing import Literal

import msgspec

from konter.platform.ids import StaffId


class StaffLine(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff in the list."""

    id: StaffId
    username: str
    name: str
    roles: tuple[str, ...]
    area: str | None
    status: Literal["active", "ended"]
    enrolled_at: datetime | None
    opened_at: datetime
