"""The port to whoever activates digital rewards outside: asked by the worker, answered once. [P-22, P-29]"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec
import structlog

from konter.loyalty.rewards.catalogue.model import GivesProvided
from konter.loyalty.rewards.redemption import queries
from konter.loyalty.rewards.redemption.ending import Answer
from konter.loyalty.rewards.redemption.model import Redemption, RedemptionId
from konter.loyalty.rewards.redemption.settle import settle_redemptions
from konter.platform.clock import Clock
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.outbox import DONE, Again, Handler, Outcome, Taken
from konter.sales.references import References

OVERDUE_MAX = 500
ANSWER_WITHIN_S = 10.0  # for all that one provider is asked at once; the row comes again
DEADLINE = "DEADLINE"
WORD_CHARS_MAX = 200  # of a reference or a reason; longer ones name nothing
_log = structlog.get_logger(__name__)


class RewardOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider is to activate. The redemption's id makes a repetition the same order."""

    redemption_id: RedemptionId
    msisdn: Msisdn
    item: str
    days: int
    at: datetime


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's word. done: activated, under its `reference`. refused: never will be. unknown: ask again."""

    state: Literal["done", "refused", "unknown"]
    reference: str = ""
    reason: str = ""


class RewardProvider(Protocol):
    """Who activates rewards. One answer per order, in order; it acts once per redemption, however often it is asked.

    After `cancel` was answered *refused* an order for the same redemption must be refused too, whatever overtakes what.
    """

    async def order(self, orders: Sequence[RewardOrder]) -> Sequence[Said]:
        """Activate."""

    async def cancel(self, orders: Sequence[RewardOrder]) -> Sequence[Said]:
        """Activate no more: *refused*, or *done* where it was activated already."""


class Providing:
    """The providers of an installation by their codes, and what a process needs to settle what they say."""

    def __init__(
        self,
        pool: Pool,
        providers: Mapping[str, RewardProvider],
        *,
        clock: Clock,
        ids: IdBlocks,
        references: References,
    ) -> None:
        self._pool, self._providers = pool, providers
        self._clock, self._ids, self._references = clock, ids, references

    def handler(self) -> Handler:
        """The worker's handler of orders: asks each provider once for its part of the batch, and settles."""

        async def handle(rows: Sequence[Taken]) -> Sequence[Outcome]:
            by_row = {row.id: RedemptionId(row.body["redemption_id"]) for row in rows}
            async with self._pool.acquire() as connection:
                found = await queries.read_redemptions(connection, ids=sorted(set(by_row.values())))
            open_ = [each for each in found.values() if each.status == "checking"]
            said = await self._ask(open_, lambda provider: provider.order)
            await self._settle(open_, said, give_up=False)
            waits = {each.id for each in open_ if said[each.id].state == "unknown"}
            return [Again("the provider has not said") if by_row[row.id] in waits else DONE for row in rows]

        return handle

    async def end_overdue(self, *, now: datetime) -> int:
        """End what is past its deadline: given if its provider says so, else refunded. How many; run until it says 0.

        Where the provider does not answer, the points come back all the same: nobody waits longer than was promised.
        """
        async with self._pool.acquire() as connection:
            overdue = await queries.find_overdue(connection, now=now, limit=OVERDUE_MAX)
        said = await self._ask(overdue, lambda provider: provider.cancel)
        await self._settle(overdue, said, give_up=True)
        return len(overdue)

    async def _ask(
        self,
        redemptions: Sequence[Redemption],
        call: Callable[[RewardProvider], Callable[[Sequence[RewardOrder]], Awaitable[Sequence[Said]]]],
    ) -> dict[RedemptionId, Said]:
        """What each provider says of its orders; one that fails or is not there has said nothing."""
        said = {each.id: Said(state="unknown") for each in redemptions}
        orders = await self._orders(redemptions)
        for code, provider in self._providers.items():
            mine = [orders[each.id] for each in redemptions if _provider_of(each) == code]
            if not mine:
                continue
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    answers = await call(provider)(mine)
                heard = [_heard(answer, code) for answer in answers]
                said.update(zip((order.redemption_id for order in mine), heard, strict=True))
            except Exception:  # noqa: BLE001 - one provider must not hold up the others
                _log.exception("reward_provider_failed", provider=code)
        return said

    async def _orders(self, redemptions: Sequence[Redemption]) -> dict[RedemptionId, RewardOrder]:
        if not redemptions:
            return {}
        async with self._pool.acquire() as connection:
            rows = await queries.read_receivers(connection, redemptions=[each.id for each in redemptions])
        numbers = {row["id"]: row["msisdn"] for row in rows}
        orders = {}
        for each in redemptions:
            gives = each.why.gives
            assert isinstance(gives, GivesProvided), "only a provider is waited for"
            orders[each.id] = RewardOrder(
                redemption_id=each.id, msisdn=numbers[each.id], item=gives.item, days=gives.days, at=each.at
            )
        return orders

    async def _settle(
        self, redemptions: Sequence[Redemption], said: Mapping[RedemptionId, Said], *, give_up: bool
    ) -> None:
        answers = [
            Answer(
                redemption_id=each.id,
                subscription_id=each.subscription_id,
                given=(word := said[each.id]).state == "done",
                reference=word.reference,
                reason=word.reason or (DEADLINE if give_up else ""),
            )
            for each in redemptions
            if give_up or said[each.id].state != "unknown"
        ]
        async with self._pool.acquire() as connection:
            await settle_redemptions(connection, answers, clock=self._clock, ids=self._ids, references=self._references)


def _heard(answer: object, provider: str) -> Said:
    """A provider's word as far as it is one: what cannot be kept must hold up nobody else's end."""
    if isinstance(answer, Said) and answer.state in ("done", "refused", "unknown"):
        return Said(state=answer.state, reference=_plain(answer.reference), reason=_plain(answer.reason))
    _log.error("reward_provider_nonsense", provider=provider)
    return Said(state="unknown")


def _plain(word: object) -> str:
    return "".join(char for char in str(word or "")[:WORD_CHARS_MAX] if char.isprintable())


def _provider_of(redemption: Redemption) -> str:
    gives = redemption.why.gives
    return gives.provider if isinstance(gives, GivesProvided) else ""
