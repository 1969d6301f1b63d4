"""`konter points`: grant what has been earned, now or once more from a day on; tell of points that end."""

from datetime import date
from typing import Annotated

from konter.cli.parts import parts_on
from konter.cli.terminal import Data, a_day, database, out, run, say, settings_for
from konter.loyalty.earning.accrue import grant_all
from konter.loyalty.points.notices import notify_ending
from konter.platform.clock import day_start


def accrue(
    *,
    since: Annotated[date | None, a_day("Look again at all that was posted from this day on.")] = None,
    data: Data = None,
) -> None:
    """Grant what recharges and bills have earned up to now, the difference to what was granted: again changes nothing.

    The worker does this every five minutes; by hand it is for data that came late, with the day from which on.
    """
    settings = settings_for(data)

    async def grant(url: str) -> tuple[int, int]:
        async with parts_on(settings, url) as parts:
            now = parts.clock.now()
            async with parts.pool.acquire() as connection:
                rulebook, _ = await parts.references.current(connection)
            begin = day_start(since) if since is not None else None
            return await grant_all(parts.pool, now=now, rulebook=rulebook, ids=parts.ids, since=begin)

    with database(settings) as url:
        months, bills = run(grant(url))
    out.print(say("cli.points.granted", months=months, bills=bills))


def notify(*, data: Data = None) -> None:
    """Text customers whose points end soon, on the days before the end that the rules name: again tells nobody twice.

    The worker does this every morning.
    """
    settings = settings_for(data)

    async def tell(url: str) -> int:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            now = parts.clock.now()
            rules = await parts.rules(connection, now)
            return await notify_ending(connection, now=now, ids=parts.ids, rules=rules)

    with database(settings) as url:
        told = run(tell(url))
    out.print(say("cli.points.notified", told=told))
