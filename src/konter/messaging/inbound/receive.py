"""A provider hands over texts from phones. They are kept and answered later, by a worker; the provider may go."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

from konter.messaging.inbound import queries
from konter.messaging.inbound.model import Arrival, State
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, Msisdn, cell_of_msisdn, make_id
from konter.platform.outbox import OutboxRow, write_outbox
from konter.rules.model import Rules

TOPIC_INBOUND = "inbound"
BOUND_WINDOW = timedelta(hours=1)
TEXT_CHARS_MAX = 1_000

Received = Literal["waiting", "silent", "known"]


async def receive(connection: Connection, texts: Sequence[Arrival], *, ids: IdBlocks, rules: Rules) -> list[Received]:
    """Keep texts; what becomes of each, in order: it waits for its answer, is known already, or gets none.

    The same text delivered twice is answered once. A number that sends more than `sms.inbound_max_per_hour` gets no
    answer to the rest: two machines that answer each other would go on for ever. Twins that arrive in the same moment
    by two ways may each pass the bound by one batch; it stands against loops, and those come one after the other.
    What stands in a text is kept for as long as somebody is to answer it: it may be a secret.
    """
    own = await ids.reserve(connection, 2 * len(texts))
    seqs = own.take(len(texts))
    new_ids = [make_id(next(seqs), cell_of_msisdn(text.msisdn)) for text in texts]
    async with connection.transaction():
        known = await queries.known_refs(connection, texts=texts)
        counts = await _counts(connection, texts)
        states = _states(texts, known, counts, bound=rules.sms.inbound_max_per_hour)
        rows = [
            (id_, cell_of_msisdn(t.msisdn), t.msisdn, t.short_number, t.ref, _kept(t.text, state), t.at, state)
            for id_, t, state in zip(new_ids, texts, states, strict=True)
            if state is not None
        ]
        kept = await queries.insert_texts(connection, rows=sorted(rows, key=_by_text))
        waiting = [
            OutboxRow(cell_of_msisdn(text.msisdn), TOPIC_INBOUND, {"text_id": id_}, text.at)
            for id_, text, state in zip(new_ids, texts, states, strict=True)
            if id_ in kept and state == "waiting"
        ]
        await write_outbox(connection, own, waiting)
    return [_received(state if id_ in kept else None) for id_, state in zip(new_ids, states, strict=True)]


def _kept(words: str, state: State) -> str:
    """A text that waits, without what no phone shows and no row takes; of any other nothing."""
    if state != "waiting":
        return ""
    return "".join(char for char in words[:TEXT_CHARS_MAX] if char.isprintable() or char == "\n")


def _by_text(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """One order for all batches, so that two with the same texts wait for each other and never crosswise."""
    return row[2], row[4]


async def _counts(connection: Connection, texts: Sequence[Arrival]) -> Counter[Msisdn]:
    since = min((text.at for text in texts), default=None)
    if since is None:
        return Counter()
    msisdns = list({text.msisdn for text in texts})
    return Counter(await queries.count_since(connection, msisdns=msisdns, since=since - BOUND_WINDOW))


def _states(
    texts: Sequence[Arrival], known: set[tuple[Msisdn, str]], counts: Counter[Msisdn], *, bound: int
) -> list[State | None]:
    """How each is to be kept; None for one that is known already."""
    seen, states = set(known), list[State | None]()
    for text in texts:
        if (text.msisdn, text.ref) in seen:
            states.append(None)
            continue
        seen.add((text.msisdn, text.ref))
        counts[text.msisdn] += 1
        states.append("waiting" if counts[text.msisdn] <= bound else "silent")
    return states


def _received(state: State | None) -> Received:
    if state is None:
        return "known"
    return "silent" if state == "silent" else "waiting"
