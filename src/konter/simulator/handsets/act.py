"""What a person does with a handset or the demo's clock."""

from datetime import datetime, timedelta
from uuid import uuid4

from konter.messaging import handsets
from konter.messaging.gsm7 import length
from konter.messaging.handsets import HandsetMessage
from konter.messaging.inbound.model import Arrival
from konter.messaging.inbound.receive import receive
from konter.messaging.served import Served
from konter.messaging.ussd.converse import Input, converse
from konter.messaging.ussd.model import Answer, is_dialled
from konter.messaging.ussd.sessions import session_to_answer
from konter.platform.db import Connection, Pool
from konter.platform.i18n import text
from konter.platform.ids import IdBlocks, Msisdn
from konter.platform.refusal import Refusal
from konter.platform.schedule import advance as advance_offset
from konter.platform.schedule import read_offset
from konter.rules.model import Rules
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
    connection: Connection,
    msisdn: Msisdn,
    *,
    to: str,
    words: str,
    locale: str,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
    served: Served,
) -> str | Refusal:
    """Send a text from a handset and return the peer it went to. Refusals: BAD_RECIPIENT, TEXT_EMPTY, TEXT_TOO_LONG.

    To a mobile number it arrives on that number's handset, to a short code at its service. Where nobody serves the code
    the network answers so, as a real one does, so that nobody waits for an answer.
    """
    recipient = read_recipient(to)
    if recipient is None:
        return BAD_RECIPIENT()
    words = "".join(char for char in words.strip() if char.isprintable() or char == "\n")
    if not words:
        return TEXT_EMPTY()
    if length(words).parts > PARTS_MAX:
        return TEXT_TOO_LONG(parts_max=PARTS_MAX)
    peer = recipient if isinstance(recipient, str) else national(recipient)
    messages = [HandsetMessage(msisdn=msisdn, direction="out", peer=peer, text=words, at=now)]
    if not isinstance(recipient, str):
        arrival = HandsetMessage(msisdn=recipient, direction="in", peer=national(msisdn), text=words, at=now)
        messages.append(arrival)
    elif recipient in served.services:
        sent = Arrival(msisdn=msisdn, short_number=recipient, ref=str(uuid4()), text=words, at=now)
        await receive(connection, [sent], ids=ids, rules=rules)
    else:
        answer = text("dialogue.nobody_serves", locale, number=recipient)
        messages.append(HandsetMessage(msisdn=msisdn, direction="in", peer=peer, text=answer, at=now))
    await handsets.deliver(connection, messages, ids=ids)
    return peer


async def dial(
    pool: Pool,
    msisdn: Msisdn,
    *,
    typed: str,
    ref: str,
    step: int | None,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
    served: Served,
) -> Answer:
    """Dial a code, or answer the menu on the screen, as the handset's network.

    A string that begins with `*` begins a session, which gets the name `ref` unless a later `step` shows that it is
    another's name. Anything else answers the session `ref`, or without one the session that is open on this handset.
    """
    if is_dialled(typed):
        said = Input(msisdn=msisdn, ref=str(uuid4()) if step or not ref else ref, step=0, typed=typed)
        return await converse(pool, said, menus=served.menus, now=now, ids=ids, rules=rules.ussd)
    async with pool.acquire() as connection:
        session = await session_to_answer(connection, msisdn, ref=ref, now=now)
    if session is None:
        said = Input(msisdn=msisdn, ref=ref or str(uuid4()), step=step or 0, typed=typed)
    else:
        said = Input(msisdn=msisdn, ref=session.ref, step=session.step + 1 if step is None else step, typed=typed)
    return await converse(pool, said, menus=served.menus, now=now, ids=ids, rules=rules.ussd)


async def move_clock(connection: Connection, *, advance: str) -> timedelta | Refusal:
    """Move the demo's clock forward and return its whole offset. Refusals: BAD_ADVANCE, CLOCK_TOO_FAR."""
    by = read_advance(advance)
    if by is None:
        return BAD_ADVANCE(advance=advance[:20])
    if await read_offset(connection) + by > OFFSET_MAX:
        return CLOCK_TOO_FAR(days_max=OFFSET_MAX.days)
    return await advance_offset(connection, by)
