"""Take a reward out at once, and put it in again. Who did it, when and why stays with the reward."""

from konter.loyalty.rewards.catalogue import queries
from konter.loyalty.rewards.refusals import MERCHANT_NOT_FOUND, REWARD_NOT_FOUND
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.clock import Clock
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal


async def set_reward_open(
    connection: Connection, reward: str, *, is_open: bool, clock: Clock, actor: Actor, ids: IdBlocks, reason: str = ""
) -> bool | Refusal:
    """Close or open a reward from now on; whether that changed anything.

    REWARD_NOT_FOUND; MERCHANT_NOT_FOUND, to open one whose codes no merchant takes any more.
    """
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        await queries.lock_rewards(connection)
        now = clock.now()
        if not await queries.reward_exists(connection, reward=reward):
            return REWARD_NOT_FOUND(reward=reward)
        if is_open and (merchant := await queries.find_closed_merchant(connection, reward=reward)) is not None:
            return MERCHANT_NOT_FOUND(merchant=merchant)
        if is_open:
            changed = await queries.end_closure(connection, reward=reward, at=now, by=actor.text)
        else:
            changed = await queries.write_closure(connection, reward=reward, at=now, by=actor.text, reason=reason)
        if changed:
            await queries.raise_version(connection)
            data = {"reward": reward, "reason": reason}
            opened, closed = "reward.opened", "reward.closed"
            row = AuditRow(0, now, actor, opened if is_open else closed, 0, data)
            await write_audit(connection, own, [row])
    return changed
