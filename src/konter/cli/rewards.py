"""`konter rewards`: what points buy, and codes in stock."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from konter.cli.parts import parts_on
from konter.cli.terminal import Data, Failed, database, out, run, said, say, settings_for
from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.catalogue.importing import import_rewards
from konter.loyalty.rewards.codes.importing import import_codes
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings
from konter.platform.refusal import Refusal


def import_(file: Path, *, data: Data = None) -> None:
    """Import rewards from a CSV file: all or nothing, each bad row named by line and column."""

    async def work(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            rules = await parts.rules(connection, parts.clock.now())
            report = await import_rewards(connection, file, clock=parts.clock, actor=SYSTEM, ids=parts.ids, rules=rules)
        if isinstance(report, Refusal):
            raise Failed(said(report))
        counts = {"merchants": report.merchants, "offers": report.offers, "same": report.same}
        out.print(say("cli.rewards_imported", file=report.file, **counts), soft_wrap=True)

    _run(work, data)


def codes(file: Path, reward: str, *, data: Data = None) -> None:
    """Take a CSV file of codes for a reward, sealed: all or nothing, each bad line named."""

    async def work(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            report = await import_codes(
                connection, file, reward, clock=parts.clock, actor=SYSTEM, ids=parts.ids, keys=parts.keys
            )
        if isinstance(report, Refusal):
            raise Failed(said(report))
        told = "cli.codes_known" if report.again else "cli.codes_imported"
        out.print(say(told, file=report.file, reward=report.reward, codes=report.codes), soft_wrap=True)

    _run(work, data)


def open_reward(code: str, *, data: Data = None) -> None:
    """Offer a reward again, at once and everywhere."""
    _set_open(code, is_open=True, data=data)


def close_reward(code: str, *, reason: str = "", data: Data = None) -> None:
    """Stop offering a reward, at once and everywhere; staff see the reason."""
    _set_open(code, is_open=False, data=data, reason=reason)


def _run(work: Callable[[Settings, str], Coroutine[Any, Any, None]], data: Path | None) -> None:
    settings = settings_for(data)
    with database(settings) as url:
        run(work(settings, url))


def _set_open(code: str, *, is_open: bool, data: Path | None, reason: str = "") -> None:
    async def work(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            changed = await set_reward_open(
                connection, code, is_open=is_open, clock=parts.clock, actor=SYSTEM, ids=parts.ids, reason=reason
            )
        if isinstance(changed, Refusal):
            raise Failed(said(changed))
        out.print(say("cli.reward_opened" if is_open else "cli.reward_closed", code=code))

    _run(work, data)
