"""Warn, put to review or end sellers who neither sell nor buy, many at once. [D-71, D-72, D-73, G-D15]"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from konter.channel.inactivity import queries
from konter.channel.inactivity.model import (
    REASON,
    Activity,
    Countdown,
    Notice,
    Seller,
    Verdict,
    ends_at,
    judge,
)
from konter.channel.inactivity.port import Newest
from konter.channel.inactivity.queries import Told
from konter.channel.terminate import terminate_locked
from konter.ledger.read import lock_owners
from konter.messaging.model import sms
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection, retried
from konter.platform.ids import IdBlocks, OutletId, cell_of_id, make_id
from konter.platform.outbox import OutboxRow, write_outbox
from konter.rules.model import Rules

TOLD_MAX = 5
IDS_PER_SELLER = 3 * (3 + TOLD_MAX)  # a countdown, two audit rows and the texts, in each of three attempts


async def judge_sellers(
    connection: Connection,
    seen: Mapping[OutletId, Activity | None],
    *,
    newest: Newest,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> Counter[str]:
    """Do what is due for these outlets, and count what was done: notice, review, terminate, resumed.

    `seen` is the newest activity as somebody saw it without a lock; who seems due by it is locked, looked at again by
    `newest` and judged anew, so that a sale in between counts, and two sweeps at once do everything once.
    """
    sellers = await queries.read_sellers(connection, list(seen))
    due = [key for key, each in sellers.items() if judge(each, seen[key], now=now, rules=rules.seller) is not None]
    if not due:
        return Counter()
    own = await ids.reserve(connection, IDS_PER_SELLER * len(due))

    async def work() -> Counter[str]:
        async with connection.transaction():
            await lock_owners(connection, owners=due)
            sellers = await queries.read_sellers(connection, due)
            activity = await newest(connection, due)
            verdicts = [
                (seller, verdict)
                for key, seller in sellers.items()
                if (verdict := judge(seller, activity.get(key), now=now, rules=rules.seller)) is not None
            ]
            await _write(connection, verdicts, actor=actor, now=now, ids=own, rules=rules)
        done = Counter[str](verdict.act for _, verdict in verdicts if verdict.act != "none")
        done["resumed"] += sum(verdict.resumed for _, verdict in verdicts)
        return +done

    return await retried(work)


async def _write(
    connection: Connection,
    verdicts: Sequence[tuple[Seller, Verdict]],
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> None:
    heard = [seller.outlet_id for seller, verdict in verdicts if verdict.act in ("notice", "terminate")]
    told: dict[int, list[Told]] = {}
    for person in await queries.read_told(connection, heard):
        told.setdefault(person.outlet_id, []).append(person)
    countdowns: list[Countdown] = []
    audit: list[AuditRow] = []
    texts: list[OutboxRow] = []
    for seller, verdict in verdicts:
        people = _owners(told.get(seller.outlet_id, []))
        if verdict.resumed and seller.live is not None:
            over = closed(seller.live, "resumed", by=actor, now=now)
            countdowns.append(over)
            audit.append(_audit("inactivity.resumed", over, actor, now))
        if verdict.act != "none":
            id_ = make_id(next(ids.take(1)), cell_of_id(seller.outlet_id))
            countdown = _next(seller, verdict, people, id_=id_, by=actor, now=now, rules=rules)
            countdowns.append(countdown)
            audit.append(_audit(_ACTIONS[verdict.act], countdown, actor, now))
            texts += [_text(seller, verdict, person, now, rules) for person in people]
    ended = [seller.outlet_id for seller, verdict in verdicts if verdict.act == "terminate"]
    if ended:
        await terminate_locked(connection, ended, actor=actor, now=now, ids=ids, rules=rules)
    if countdowns:
        await queries.write_countdowns(connection, countdowns)
        await write_outbox(connection, ids, texts)
        await write_audit(connection, ids, audit)


_ACTIONS = {"notice": "inactivity.noticed", "review": "inactivity.review_opened", "terminate": "outlet.terminated"}


def _next(
    seller: Seller, verdict: Verdict, people: Sequence[Told], *, id_: int, by: Actor, now: datetime, rules: Rules
) -> Countdown:
    """The countdown after what is due was done: the live one, or a new one where there is none."""
    countdown = seller.live
    if countdown is None or verdict.resumed:
        countdown = Countdown(
            id=id_,
            outlet_id=seller.outlet_id,
            policy=verdict.policy,
            state="warned",
            since=verdict.last.at,
            last_kind=verdict.last.kind,
            last_id=verdict.last.id,
            noticed_day=0,
            noticed_at=None,
            notices=(),
            opened_at=now,
        )
    countdown = msgspec.structs.replace(countdown, policy=verdict.policy)
    if verdict.act == "notice":
        notice = Notice(day=verdict.day, at=now, to=tuple(str(person.user_id) for person in people))
        return msgspec.structs.replace(
            countdown, noticed_day=verdict.day, noticed_at=now, notices=(*countdown.notices, notice)
        )
    if verdict.act == "review":
        due_at = now + timedelta(hours=rules.seller.inactivity_review_h)
        return msgspec.structs.replace(countdown, state="review", due_at=due_at)
    return closed(countdown, "terminated", by=by, now=now, reason=REASON)


def closed(countdown: Countdown, state: str, *, by: Actor, now: datetime, reason: str = "") -> Countdown:
    """A countdown that is over."""
    changed = {"state": state, "decided_at": now, "decided_by": by.text, "reason": reason}
    return msgspec.structs.replace(countdown, **changed)


def _owners(people: Sequence[Told]) -> Sequence[Told]:
    """Who is told: the owners, or everybody where there is none; nobody needs more than a few."""
    return ([person for person in people if person.role == "OUTLET_OWNER"] or people)[:TOLD_MAX]


def _text(seller: Seller, verdict: Verdict, person: Told, now: datetime, rules: Rules) -> OutboxRow:
    if verdict.act == "notice":
        # Who is told late is not ended at once: the distance of the last notice from the end is kept.
        room = timedelta(days=rules.seller.inactivity_days - rules.seller.inactivity_notice_days[-1])
        until = max(ends_at(verdict.last.at, rules.seller), now + room)
        data = {"outlet": seller.name, "days": verdict.day, "until": until, "zone": seller.zone}
        return sms("inactivity_notice", to=person.msisdn, locale=person.locale, at=now, data=data)
    data = {"outlet": seller.name, "days": rules.seller.inactivity_days}
    return sms("inactivity_ended", to=person.msisdn, locale=person.locale, at=now, data=data)


def _audit(action: str, countdown: Countdown, actor: Actor, now: datetime) -> AuditRow:
    """In the outlet's story, with the evidence."""
    data = {**countdown.evidence(), "reason": countdown.reason or REASON}
    return AuditRow(cell_of_id(countdown.outlet_id), now, actor, action, countdown.outlet_id, data)
