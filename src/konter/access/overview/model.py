"""Who is logged in at an outlet."""

from datetime import datetime

import msgspec

from konter.platform.ids import SessionId, UserId


class OutletSession(msgspec.Struct, frozen=True, kw_only=True):
    """A live session of one of an outlet's users."""

    id: SessionId
    user_id: UserId
    username: str
    name: str
    role: str
    agent: str
    address: str
    created_at: datetime
    expires_at: datetime
