"""What a person does with a handset or the demo's clock."""

from datetime import datetime, timedelta

from konter.messaging import handsets
from konter.messaging.gsm7 import length
from konter.messaging.handsets import HandsetMessage
from konter.platform.db import Connection
from konter.platform.i18n import text
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.refusal import Refusal
from konter.platform.schedule import advance as advance_offset
from konter.platform.schedule import read_offset
from konter.simulator.handsets.model import read_advance, read_recipient
from konter.simulator.handsets.refusals import (
    BAD_ADVANCE,
    BAD_RECIPIENT,
    CLOCK_TOO_FAR,
    TEXT_EMPTY,
    TEXT_TOO_LONG,
)
from konter.subscriber.msisdn import national

PARTS_MAX = 3
OFFSET_MAX = timedelta(days=3650)


async def send_text(
    connection: Connection, msisdn: Msisdn, *, to: str, words: str, locale: str, now: datetime, ids: IdBlocks
) -> str | Refusal:
    """Send a text from a handset and return the peer it went to. Refusals: BAD_RECIPIENT, TEXT_EMPTY, TEXT_TOO_LONG.

    To a mobile number it arrives on that number's handset. To a short code the network answers that nobody serves it,
    as a real one does, so that nobody waits for an answer.
    """
    recipient = read_recipient(to)
    if recipient is None:
        return BAD_RECIPIENT()
    words = "".join(char for char in words.strip() if char.isprintable() or char == "\n")
    if not words:
        return TEXT_EMPTY()
    if length(words).parts > PARTS_MAX:
        return TEXT_TOO_LONG(parts_max=PARTS_MAX)
    if isinstance(recipient, str):
        peer = recipient
        answer = text("simulator.nobody_serves", locale, number=recipient)
        arrival = HandsetMessage(msisdn=msisdn, direction="in", peer=peer, text=answer, at=now)
    else:
        peer = national(recipient)
        arrival = HandsetMessage(msisdn=recipient, direction="in", peer=national(msisdn), text=words, at=now)
    sent = HandsetMessage(msisdn=msisdn, direction="out", peer=peer, text=words, at=now)
    await handsets.deliver(connection, [sent, arrival], ids=ids)
    return peer


async def move_clock(connection: Connection, *, advance: str) -> timedelta | Refusal:
    """Move the demo's clock forward and return its whole offset. Refusals: BAD_ADVANCE, CLOCK_TOO_FAR."""
    by = read_advance(advance)
    if by is None:
        return BAD_ADVANCE(advance=advance[:20])
    if await read_offset(connection) + by > OFFSET_MAX:
        return CLOCK_TOO_FAR(days_max=OFFSET_MAX.days)
    return await advance_offset(connection, by)
