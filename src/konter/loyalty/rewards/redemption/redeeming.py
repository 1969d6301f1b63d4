"""How one process redeems: a lane, so that whoever redeems at the same moment shares a batch and its locks."""

from collections.abc import Sequence

from konter.loyalty.rewards.redemption.model import RedeemOutcome, RedeemRequest
from konter.loyalty.rewards.redemption.redeem import redeem
from konter.platform.clock import Clock
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks
from konter.platform.lane import Lane
from konter.platform.metrics import OUTCOMES
from konter.platform.secrets import Keys
from konter.sales.references import References


class Redeeming:
    """The lane of one process. One batch at a time: those of one reward wait for each other in any case.

    It writes all cells: a counted reward's stock stands in the reward's own, so on a cluster a redemption may touch
    two machines. That is dear and right; it is rare beside a sale.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        clock: Clock,
        ids: IdBlocks,
        keys: Keys,
        references: References,
        batch_max: int = 256,
        queue_max: int = 4096,
    ) -> None:
        self._pool = pool
        self._clock, self._ids, self._keys, self._references = clock, ids, keys, references
        self.lane: Lane[RedeemRequest, RedeemOutcome] = Lane(
            "redeem",
            self._redeem,
            batch_max=batch_max,
            queue_max=queue_max,
            owners_of=lambda request: (request.subscription_id,),
        )

    async def redeem(self, request: RedeemRequest) -> RedeemOutcome:
        """One redemption through the lane. Raises Refused when the queue is full (429) or the database away (503)."""
        return await self.lane.submit(request)

    async def close(self) -> None:
        """Let what waits be decided, then stop."""
        await self.lane.close()

    async def _redeem(self, requests: Sequence[RedeemRequest]) -> list[RedeemOutcome]:
        async with self._pool.acquire() as connection:
            outcomes = await redeem(
                connection,
                requests,
                clock=self._clock,
                ids=self._ids,
                keys=self._keys,
                references=self._references,
            )
        for outcome in outcomes:
            OUTCOMES.labels("redeem", outcome.code).inc()
        return outcomes
