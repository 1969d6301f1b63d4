"""A worker answers texts: each goes to the service of its number, and the answer is a text of the outbox."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from konter.messaging.inbound import queries
from konter.messaging.inbound.model import Kept, Service, Text, client_ref, read_command
from konter.messaging.model import sms
from konter.messaging.served import Served
from konter.platform.clock import Clock
from konter.platform.db import Connection, Pool
from konter.platform.i18n import DEFAULT_LOCALE, text
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.outbox import DONE, Handler, OutboxRow, Outcome, Taken, write_outbox
from konter.rules.model import Rules
from konter.subscriber.model import Subscription
from konter.subscriber.view import find_subscriptions

AT_ONCE = 4  # texts served side by side: each may hold a connection of the worker's pool


def inbound_handler(
    pool: Pool,
    *,
    clock: Clock,
    ids: IdBlocks,
    rules: Callable[[datetime], Awaitable[Rules]],
    served: Callable[[Rules], Served],
) -> Handler:
    """The worker's handler of topic `inbound`. `served` tells who serves which number under the rules in force."""

    async def handle(rows: Sequence[Taken]) -> Sequence[Outcome]:
        now = clock.now()
        services = served(await rules(now)).services
        async with pool.acquire() as connection:
            waiting = await queries.read_waiting(connection, ids=[row.body["text_id"] for row in rows])
            people = await find_subscriptions(connection, [kept.msisdn for kept in waiting])
        gate = asyncio.Semaphore(AT_ONCE)

        async def answer(kept: Kept) -> OutboxRow:
            async with gate:
                return await _answer(kept, people, services, now)

        tried = await asyncio.gather(*(answer(kept) for kept in waiting), return_exceptions=True)
        answers = {kept.id: row for kept, row in zip(waiting, tried, strict=True) if not isinstance(row, BaseException)}
        async with pool.acquire() as connection:
            await _write(connection, answers, ids=ids, now=now)
        for row in tried:
            if isinstance(row, BaseException):
                raise row  # the outbox finds out which text it was; those beside it are answered and not served again
        return [DONE] * len(rows)

    return handle


async def _answer(
    kept: Kept, people: Mapping[Msisdn, Subscription], services: Mapping[str, Service], now: datetime
) -> OutboxRow:
    subscription = people.get(kept.msisdn)
    locale = subscription.locale if subscription else DEFAULT_LOCALE
    service = services.get(kept.short_number)
    if service is None:
        words = text("dialogue.nobody_serves", locale, number=kept.short_number)
    elif subscription is None:
        words = text("dialogue.unknown_number", locale)
    else:
        words = await service(
            Text(
                client_ref=client_ref(kept.msisdn, kept.ref),
                short_number=kept.short_number,
                words=kept.text,
                command=read_command(kept.text),
                subscription=subscription,
                now=now,
            )
        )
    data = {"short_number": kept.short_number, "words": words}
    return sms("reply", to=kept.msisdn, locale=locale, at=now, data=data)


async def _write(connection: Connection, answers: Mapping[int, OutboxRow], *, ids: IdBlocks, now: datetime) -> None:
    """Close texts, by id, and send the answers of those that no other worker has closed meanwhile, all or none."""
    own = await ids.reserve(connection, len(answers))
    async with connection.transaction():
        closed = await queries.mark_answered(connection, ids=list(answers), at=now)
        await write_outbox(connection, own, [row for id_, row in answers.items() if id_ in closed])
