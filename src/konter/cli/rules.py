"""`konter rules`: rules with a date."""

from pathlib import Path

from konter.cli.parts import parts_on
from konter.cli.terminal import Data, Failed, database, out, run, said, settings_for, spoken
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings
from konter.platform.refusal import Refusal
from konter.rules.load import load_ruleset


def load(source: str, *, data: Data = None) -> None:
    """Load a ruleset: a file, or one that ships with Konter (`id-2014`, `id-2026`). Only for moments to come."""

    async def work_(settings: Settings, url: str) -> None:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            path = Path(source)
            loaded = await load_ruleset(
                connection,
                path if path.suffix else source,
                now=parts.clock.now(),
                actor=SYSTEM,
                ids=parts.ids,
            )
        if isinstance(loaded, Refusal):
            raise Failed(said(loaded))
        out.print(loaded.sentence(spoken()))

    settings = settings_for(data)
    with database(settings) as url:
        run(work_(settings, url))
