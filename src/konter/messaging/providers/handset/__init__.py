"""The provider of demo and tests: a text is a row that a simulated handset shows."""

from collections.abc import Sequence

from konter.messaging.handsets import HandsetMessage, deliver
from konter.messaging.model import Sms
from konter.platform.db import Pool
from konter.platform.ids import IdBlocks
from konter.platform.outbox import DONE, Outcome


class HandsetProvider:
    """Delivers a whole batch in one statement; a text sent twice arrives once."""

    def __init__(self, pool: Pool, ids: IdBlocks) -> None:
        self._pool = pool
        self._ids = ids

    async def send(self, messages: Sequence[Sms]) -> Sequence[Outcome]:
        """Put the texts on their handsets."""
        rows = [
            HandsetMessage(
                msisdn=sms.to, direction="in", peer=sms.sender, text=sms.text, at=sms.at, outbox_id=sms.outbox_id
            )
            for sms in messages
        ]
        async with self._pool.acquire() as connection:
            await deliver(connection, rows, ids=self._ids)
        return [DONE] * len(messages)
