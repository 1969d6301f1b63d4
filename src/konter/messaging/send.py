"""From outbox rows to sent texts: words are made here, then one call of the provider carries the batch."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from konter.messaging.model import LapsedError, Sms, render
from konter.platform.clock import Clock
from konter.platform.outbox import Handler, Never, Outcome, Taken
from konter.platform.secrets import Keys
from konter.rules.model import Rules

_log = structlog.get_logger(__name__)


class SmsProvider(Protocol):
    """A way to phones. One outcome per text, in order; raises `Unavailable` when the far side is away.

    A text may come again after a crash; `outbox_id` tells a repetition where the far side can make use of it.
    """

    async def send(self, messages: Sequence[Sms]) -> Sequence[Outcome]:
        """Hand texts over to the network."""


def sms_handler(
    provider: SmsProvider, *, clock: Clock, keys: Keys, rules: Callable[[datetime], Awaitable[Rules]]
) -> Handler:
    """The worker's handler of topic `sms`. `rules` tells those in force: the sender is theirs when the text leaves."""

    async def handle(rows: Sequence[Taken]) -> Sequence[Outcome]:
        now = clock.now()
        senders = (await rules(now)).sms.sender
        texts: list[Sms] = []
        outcomes: dict[int, Outcome] = {}
        for row in rows:
            try:
                text = render(row.id, row.body, written_at=row.at, now=now, unseal=keys.unseal, senders=senders)
                texts.append(text)
            except LapsedError:
                # After an outage: a code that no longer fits would only send people to ask for help.
                outcomes[row.id] = Never("what it tells has lapsed")
            except (KeyError, ValueError, TypeError) as error:
                # A row that cannot become words now never will: a template or a key is gone.
                _log.error("sms_unreadable", outbox_id=row.id, template=row.body.get("template"))
                outcomes[row.id] = Never(f"no text can be made of it ({type(error).__name__})")
        if texts:
            sent = await provider.send(texts)
            outcomes.update(zip((text.outbox_id for text in texts), sent, strict=True))
        return [outcomes[row.id] for row in rows]

    return handle
