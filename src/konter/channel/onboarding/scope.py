"""What somebody may see and judge of applications: never by memory, always by a scope that is given. [D-57, G-D09]"""

from collections.abc import Sequence

from konter.access.model import Origin, Principal
from konter.access.step import actor_of
from konter.channel.onboarding import queries
from konter.channel.onboarding.model import Application, Reviewer
from konter.channel.scope import Scope, reach_of
from konter.platform.db import Connection


def reviewer_of(who: Principal, origin: Origin) -> Reviewer:
    """Whoever has a session as a judge of applications."""
    own = frozenset() if who.nn_msisdn is None else frozenset({who.nn_msisdn})
    return Reviewer(actor=actor_of(who, origin), roles=who.roles, own_numbers=own)


async def lock_visible(connection: Connection, application_ids: Sequence[int], scope: Scope) -> dict[int, Application]:
    """Those of the applications that were ever sent and that the scope holds, locked for the caller's transaction."""
    found = await queries.lock_applications(connection, application_ids)
    districts = await districts_of(connection, scope)
    return {id_: each for id_, each in found.items() if visible(each, scope, districts)}


async def districts_of(connection: Connection, scope: Scope) -> frozenset[str] | None:
    """The districts of a scope's areas; None where it is not kept to any."""
    if not scope.areas:
        return None
    return frozenset((await reach_of(connection, scope)).districts)


def visible(application: Application, scope: Scope, districts: frozenset[str] | None) -> bool:
    """Whether the scope holds an application. What nobody has sent yet is the applicant's alone, and no outlet's."""
    if application.submitted_at is None or scope.outlet_id is not None:
        return False
    if scope.partner_id is not None and application.partner_id != scope.partner_id:
        return False
    return districts is None or application.district in districts
