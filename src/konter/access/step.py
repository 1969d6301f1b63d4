"""What every step of access is given, and its line in the audit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

import msgspec

from konter.access.model import Kind, Origin, Principal, User
from konter.platform.audit import Actor, ActorKind, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, cell_of_id
from konter.platform.secrets import Keys
from konter.rules.model import Rules

IDS_MAX = 48  # a step writes at most a third of it, in each of three attempts


class StepArgs(TypedDict):
    """What verbs of access are given: `**step`. They reserve ids as they need them."""

    now: datetime
    ids: IdBlocks
    keys: Keys
    rules: Rules


class Given(StepArgs):
    """The same at a door that anybody may knock at, and from where: `**given`."""

    origin: Origin


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step's moment, its own reserved ids, the keys and the rules in force."""

    now: datetime
    ids: IdBlocks
    keys: Keys
    rules: Rules

    async def audit(
        self, connection: Connection, actor: Actor, action: str, subject: int, data: dict[str, Any] | None = None
    ) -> None:
        """Write the step's audit row in its transaction; `data` holds no secret."""
        row = AuditRow(cell_of_id(subject), self.now, actor, action, subject, data or {})
        await write_audit(connection, self.ids, [row])


_ACTOR_KIND: Mapping[Kind, ActorKind] = {"outlet": "outlet_user", "partner": "partner", "staff": "staff"}


def actor_of_user(user: User, origin: Origin) -> Actor:
    """A user before there is a session."""
    return Actor(_ACTOR_KIND[user.kind], user.id, address=origin.address, agent=origin.agent)


def actor_of(principal: Principal, origin: Origin) -> Actor:
    """Whoever has a session. [D-81]"""
    return Actor(_ACTOR_KIND[principal.kind], principal.user_id, principal.session_id, origin.address, origin.agent)
