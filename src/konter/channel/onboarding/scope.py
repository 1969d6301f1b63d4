"""What somebody may see of applications: never by memory, always by a scope that is given. [D-57, G-D09]"""

from collections.abc import Sequence

from konter.channel.onboarding import queries
from konter.channel.onboarding.model import Application, Scope
from konter.channel.territory.queries import read_districts_under
from konter.platform.db import Connection


async def lock_visible(connection: Connection, application_ids: Sequence[int], scope: Scope) -> dict[int, Application]:
    """Those of the applications that were ever sent and that the scope holds, locked for the caller's transaction."""
    found = await queries.lock_applications(connection, application_ids)
    districts = await districts_of(connection, scope)
    return {id_: each for id_, each in found.items() if visible(each, scope, districts)}


async def districts_of(connection: Connection, scope: Scope) -> frozenset[str] | None:
    """The districts of a scope's areas; None where it is not kept to any."""
    if scope.whole or scope.partner_id is not None:
        return None
    return frozenset(district for _, district in await read_districts_under(connection, scope.areas))


def visible(application: Application, scope: Scope, districts: frozenset[str] | None) -> bool:
    """Whether the scope holds an application. What nobody has sent yet is the applicant's alone."""
    if application.submitted_at is None:
        return False
    if scope.partner_id is not None:
        return application.partner_id == scope.partner_id
    return districts is None or application.district in districts
