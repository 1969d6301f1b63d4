"""What staff see of merchants: who speaks for them, and what they burnt. Codes themselves nobody sees. [P-23]"""

from datetime import datetime
from typing import Any

import msgspec

from konter.loyalty.rewards.merchants import queries
from konter.loyalty.rewards.merchants.model import BurnChannel
from konter.loyalty.rewards.refusals import MERCHANT_NOT_FOUND
from konter.platform.db import Connection
from konter.platform.ids import ClientId, Msisdn
from konter.platform.refusal import Refusal

BURNS_MAX = 100


class MerchantView(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant, with the numbers that speak for it by SMS and the machine that burns for it, if one does."""

    code: str
    name: str
    numbers: tuple[Msisdn, ...]
    client_id: ClientId | None
    opened_at: datetime
    closed_at: datetime | None


class Burnt(msgspec.Struct, frozen=True, kw_only=True):
    """A code was burnt: of which reward, when, and how."""

    at: datetime
    channel: BurnChannel
    reward: str
    name_id: str
    name_en: str

    def name(self, locale: str) -> str:
        """The reward's name in the reader's language."""
        return self.name_en if locale == "en" else self.name_id


async def merchants(connection: Connection) -> list[MerchantView]:
    """Every merchant, by name; one query."""
    return [_view(row) for row in await queries.read_views(connection)]


async def merchant_view(connection: Connection, code: str) -> MerchantView | Refusal:
    """One merchant. MERCHANT_NOT_FOUND."""
    rows = await queries.read_views(connection, code=code) if code.isprintable() else []
    return _view(rows[0]) if rows else MERCHANT_NOT_FOUND(merchant=code)


async def newest_burns(connection: Connection, code: str, *, limit: int = BURNS_MAX) -> list[Burnt]:
    """What a merchant burnt last, newest first, at most 100."""
    rows = await queries.read_newest_burns(connection, merchant=code, limit=min(limit, BURNS_MAX))
    return [Burnt(**dict(row)) for row in rows]


def _view(row: Any) -> MerchantView:
    fields = {name: row[name] for name in MerchantView.__struct_fields__}
    return MerchantView(**{**fields, "numbers": tuple(fields["numbers"])})
