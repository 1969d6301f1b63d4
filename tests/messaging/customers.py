"""A customer with a number, and the shipped rules, for tests of what customers say."""

from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec

from konter.platform.audit import SYSTEM
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks, Msisdn
from konter.rules.load import decide_load, read_ruleset
from konter.rules.model import Rulebook, RuleRow, Rules
from konter.rules.ruleset import Ruleset
from konter.subscriber.open import NewSubscription, open_subscriptions

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
CUSTOMER, STRANGER = Msisdn(6281398765432), Msisdn(6282155500011)


@cache
def shipped() -> Rules:
    ruleset = read_ruleset("id-2014")
    assert isinstance(ruleset, Ruleset)
    rows = decide_load(Rulebook([], 1), ruleset, now=NOON, actor=SYSTEM)
    return Rulebook([row for row in rows if isinstance(row, RuleRow)], 1).at(NOON)


def rules_with(*, per_hour: int) -> Rules:
    return msgspec.structs.replace(shipped(), sms=msgspec.structs.replace(shipped().sms, inbound_max_per_hour=per_hour))


async def subscribe(db: Pool, ids: IdBlocks, msisdn: Msisdn = CUSTOMER, *, locale: str = "id") -> None:
    new = NewSubscription(msisdn=msisdn, brand="nusa", locale=locale, active_until=NOON + timedelta(days=30))
    async with db.acquire() as connection:
        await open_subscriptions(connection, [new], now=NOON, ids=ids)
