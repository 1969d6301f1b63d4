"""`konter regions`: Indonesia's administrative regions."""

from konter.channel.geography.load import LoadedRegions, load_regions
from konter.cli.parts import parts_on
from konter.cli.terminal import Data, database, out, run, say, settings_for
from konter.platform.audit import SYSTEM
from konter.platform.config import Settings


def load(*, data: Data = None) -> None:
    """Load the regions that ship with Konter, from the provinces to the districts; again changes what was renamed."""

    async def work_(settings: Settings, url: str) -> LoadedRegions:
        async with parts_on(settings, url) as parts, parts.pool.acquire() as connection:
            return await load_regions(connection, actor=SYSTEM, now=parts.clock.now(), ids=parts.ids)

    settings = settings_for(data)
    with database(settings) as url:
        loaded = run(work_(settings, url))
    out.print(say("places.regions_loaded", added=loaded.added, changed=loaded.changed, total=loaded.total))
