"""API clients, their scopes, and whether one may go on."""

from datetime import date, datetime
from typing import Literal, get_args

import msgspec

from konter.access.clients.refusals import BAD_API_KEY, SCOPE_MISSING
from konter.platform.ids import ApiKeyId, ClientId
from konter.platform.refusal import Refusal

# phones.report: tell of lost phones, as a call centre's own system does. vouchers.burn: check and burn the codes of one
# merchant, that which the client is tied to. bills: tell of bills, as a billing system does.
Scope = Literal["phones.report", "vouchers.burn", "bills"]
SCOPES: frozenset[str] = frozenset(get_args(Scope))
LIVE_KEYS_MAX = 2
KEY_DAYS_MAX = 730
PER_MINUTE_MAX = 60_000


class NewClient(msgspec.Struct, frozen=True, kw_only=True):
    """A machine that is to be let in: what for, and how often a minute."""

    name: str
    scopes: tuple[str, ...]
    per_minute: int = 600


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A client as the database has it, by the key that it came with."""

    id: ClientId
    key_id: ApiKeyId
    name: str
    scopes: tuple[str, ...]
    per_minute: int
    last_used_on: date | None
    revoked_at: datetime | None
    key_expires_at: datetime
    key_revoked_at: datetime | None

    def refusal_for(self, scope: Scope | None, now: datetime) -> Refusal | None:
        """Whether the key opens anything, and this."""
        if self.revoked_at is not None or self.key_revoked_at is not None or self.key_expires_at <= now:
            return BAD_API_KEY()
        return SCOPE_MISSING(scope=scope) if scope is not None and scope not in self.scopes else None


class KeyLine(msgspec.Struct, frozen=True, kw_only=True):
    """A key in the list; itself it is never shown again."""

    id: ApiKeyId
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class ClientLine(msgspec.Struct, frozen=True, kw_only=True):
    """A client in the list, with its keys."""

    id: ClientId
    name: str
    scopes: tuple[str, ...]
    per_minute: int
    created_by: str
    created_at: datetime
    last_used_on: date | None
    revoked_at: datetime | None
    keys: tuple[KeyLine, ...]
