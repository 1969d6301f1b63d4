"""Customers are told in time that points end: one text per vintage and number of days before. [P-17, P-18, P-28]"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from konter.loyalty.points import queries
from konter.loyalty.vintages import expires_at, last_day
from konter.messaging.model import sms
from konter.platform.clock import business_day
from konter.platform.db import Connection, allow_long_work, long_work
from konter.platform.i18n import text
from konter.platform.ids import IdBlocks, Msisdn, cell_of_id
from konter.platform.outbox import write_outbox
from konter.rules.keys_loyalty import Poin
from konter.rules.model import Rules

PAGE = 5_000


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told on a day: points of a vintage end after `last_day`, in at most so many days."""

    vintage: int
    days_before: int
    expires_at: datetime
    last_day: date


def due_notices(now: datetime, poin: Poin) -> Iterator[Notice]:
    """What is to be told at a moment. A day that no worker saw is made up for the next one, and of two that were missed
    the nearer to the end alone is told. Pure.
    """
    today = business_day(now, ZoneInfo(poin.time_zone))
    for vintage in (today.year - 1, today.year):
        end = expires_at(vintage, poin)
        last = last_day(end, poin)
        due = [days for days in poin.expiry_notice_days if today >= last - timedelta(days=days)]
        if due and now < end:
            yield Notice(vintage=vintage, days_before=min(due), expires_at=end, last_day=last)


async def notify_ending(connection: Connection, *, now: datetime, ids: IdBlocks, rules: Rules, page: int = PAGE) -> int:
    """Send what is due; how many texts went out. Each page commits by itself, who was told is not told again, and a run
    that came to its end is not repeated: points that are granted later wait for the next notice.
    """
    told = 0
    for notice in due_notices(now, rules.poin):
        if await queries.is_noticed(connection, vintage=notice.vintage, days_before=notice.days_before):
            continue
        after = 0
        while True:
            last, count = await _page(connection, notice, after, now=now, ids=ids, rules=rules, page=page)
            told += count
            if last is None:
                break
            after = last
        async with long_work(connection):
            await queries.write_notice_run(connection, vintage=notice.vintage, days_before=notice.days_before, at=now)
    return told


async def _page(
    connection: Connection, notice: Notice, after: int, *, now: datetime, ids: IdBlocks, rules: Rules, page: int
) -> tuple[int | None, int]:
    """Tell the next customers after an account; the last account looked at, None at the end, and how many were told."""
    async with connection.transaction():
        await allow_long_work(connection)
        found = await queries.read_vintage_page(connection, expires_at=notice.expires_at, after=after, limit=page)
        people = {row["owner_id"]: row for row in found if row["msisdn"] is not None and row["balance"] > 0}
        # In one order for all, so that two runs at once wait for each other and never crosswise.
        rows = [
            (owner, cell_of_id(owner), notice.vintage, notice.days_before, people[owner]["balance"], now)
            for owner in sorted(people)
        ]
        new = await queries.insert_notices(connection, rows=rows)
        own = await ids.reserve(connection, len(new))
        await write_outbox(
            connection,
            own,
            [
                sms(
                    "reply",
                    to=Msisdn(people[owner]["msisdn"]),
                    locale=people[owner]["locale"],
                    at=now,
                    data={
                        "short_number": rules.poin.sms_number,
                        "words": notice_words(notice, people[owner]["balance"], people[owner]["locale"], rules.poin),
                    },
                )
                for owner in new
            ],
        )
    return (found[-1]["id"] if len(found) == page else None), len(new)


def notice_words(notice: Notice, points: int, locale: str, poin: Poin) -> str:
    """The text, one part of GSM-7."""
    return text("dialogue.points.notice", locale, points=points, day=f"{notice.last_day:%d/%m/%Y}", code=poin.ussd_code)
