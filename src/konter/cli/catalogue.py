"""`konter catalogue`: products and prices."""

from pathlib import Path

from konter.catalogue.availability import set_open
from konter.catalogue.importing import import_catalogue
from konter.cli.parts import parts_on
from konter.cli.terminal import Data, Failed, database, out, run, said, say, settings_for, spoken
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings
from konter.platform.refusal import Refusal


def import_(file: Path, *, data: Data = None) -> None:
    """Import products and prices from a CSV file: all or nothing, each bad row named by line and column."""

    async def work_(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            now = parts.clock.now()
            report = await import_catalogue(
                connection, file, now=now, actor=SYSTEM, ids=parts.ids, rules=await parts.rules(connection, now)
            )
        if isinstance(report, Refusal):
            raise Failed(said(report))
        for sentence in report.sentences(spoken()):
            out.print(sentence, soft_wrap=True)

    settings = settings_for(data)
    with database(settings) as url:
        run(work_(settings, url))


def open_product(code: str, *, data: Data = None) -> None:
    """Put a product on sale again, at once and in every running server."""
    set_availability(code, is_open=True, data=data)


def close_product(code: str, *, reason: str = "", data: Data = None) -> None:
    """Take a product off sale, at once and in every running server; staff see the reason."""
    set_availability(code, is_open=False, reason=reason, data=data)


def set_availability(code: str, *, is_open: bool, data: Path | None, reason: str = "") -> None:
    """Open or close one product and say so."""

    async def work_(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            product = await set_open(
                connection,
                code,
                is_open=is_open,
                now=parts.clock.now(),
                actor=SYSTEM,
                ids=parts.ids,
                reason=reason,
            )
        if isinstance(product, Refusal):
            raise Failed(said(product))
        out.print(say("cli.product_opened" if is_open else "cli.product_closed", code=product.code))

    settings = settings_for(data)
    with database(settings) as url:
        run(work_(settings, url))
