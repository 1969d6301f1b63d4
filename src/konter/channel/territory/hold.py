"""What decides whether a partner may have an outlet in a place, held until the caller's transaction is over."""

from collections.abc import Sequence

from konter.channel.geography.find import districts_by_code
from konter.channel.territory import queries
from konter.channel.territory.places import NO_GROUNDS, Grounds
from konter.platform.db import Connection


async def hold_grounds(connection: Connection, places: Sequence[tuple[int, str | None]]) -> Grounds:
    """For (partner, district) of each outlet to be opened or moved; asks nothing where no district is named. [D-57]"""
    districts = sorted({district for _, district in places if district is not None})
    if not districts:
        return NO_GROUNDS
    depots = await queries.hold_depots(connection, [partner_id for partner_id, _ in places])
    served: dict[int, set[str]] = {}
    for partner_id, cluster in depots:
        served.setdefault(partner_id, set()).add(cluster)
    return Grounds(
        zones={each.code: each.zone for each in (await districts_by_code(connection, districts)).values()},
        clusters=await queries.hold_clusters(connection, districts),
        served={partner_id: frozenset(clusters) for partner_id, clusters in served.items()},
    )
