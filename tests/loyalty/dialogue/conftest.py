"""A customer's phone on a counter of rewards: it writes to 777 and dials *700#."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from tests.access.people import Stage
from tests.loyalty.rewards.conftest import Counter, counter, own_counter, own_stage, passwords, stage

from konter.loyalty.dialogue.menu import points_menu
from konter.loyalty.dialogue.texts import points_by_text
from konter.loyalty.rewards.redemption.redeeming import Redeeming
from konter.messaging.inbound.model import Text, client_ref, read_command
from konter.messaging.ussd.converse import Input, converse
from konter.messaging.ussd.model import Answer, Menu
from konter.subscriber.model import Subscription
from konter.subscriber.view import find_subscription

__all__ = ["counter", "own_counter", "own_stage", "passwords", "stage"]

_refs = itertools.count(1)


@dataclass
class Phone:
    """Whoever holds it, and what serves it."""

    counter: Counter
    redeeming: Redeeming
    ref: str = ""
    step: int = 0

    @property
    def stage(self) -> Stage:
        return self.counter.stage

    async def write(self, who: Subscription, words: str, *, ref: str = "") -> str:
        """Send a text to 777; the answer, before it is cut."""
        stage, ref = self.stage, ref or f"sms-{next(_refs)}"
        async with stage.pool.acquire() as connection:
            subscription = await find_subscription(connection, who.msisdn)
        assert subscription is not None
        service = points_by_text(stage.pool, clock=stage.clock, ids=stage.ids, keys=stage.keys, rules=stage.rules)
        return await service(
            Text(
                client_ref=client_ref(who.msisdn, ref),
                short_number="777",
                words=words,
                command=read_command(words),
                subscription=subscription,
                now=stage.now,
            )
        )

    async def dial(self, who: Subscription, typed: str = "*700#") -> Answer:
        """A new session."""
        self.ref, self.step = f"ussd-{next(_refs)}", -1
        return await self.type(who, typed)

    async def type(self, who: Subscription, typed: str) -> Answer:
        """The next thing that is typed in the session."""
        self.step += 1
        return await self.say(who, typed, step=self.step)

    async def say(self, who: Subscription, typed: str, *, step: int) -> Answer:
        stage = self.stage
        return await converse(
            stage.pool,
            Input(msisdn=who.msisdn, ref=self.ref, step=step, typed=typed),
            menus={"*700#": Menu(points_menu(stage.pool, self.redeeming, rules=stage.rules), page_chars=182)},
            now=stage.now,
            ids=stage.ids,
            rules=stage.rules.ussd,
        )


@pytest.fixture
async def phone(own_counter: Counter) -> AsyncIterator[Phone]:
    """On a database of the test's own, so that the catalogue is what the test puts into it."""
    stage = own_counter.stage
    redeeming = Redeeming(
        stage.pool, clock=stage.clock, ids=stage.ids, keys=stage.keys, references=own_counter.references
    )
    yield Phone(own_counter, redeeming)
    await redeeming.close()
