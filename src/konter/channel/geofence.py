"""A log-in far away from the outlet, where the phone says so: written down for people to look at. [D-29, G-D28]"""

from konter.access.model import TokenClaims
from konter.access.step import Step
from konter.channel import queries
from konter.channel.territory.places import Position, geofence_flag
from konter.platform.audit import Actor
from konter.platform.db import Connection

METRES_PER_KM = 1000


async def note_position(
    connection: Connection, claims: TokenClaims, seen: Position | None, *, actor: Actor, step: Step
) -> int | None:
    """Flag the session that has just begun if it is farther from its outlet than the rules allow; by how many metres.

    What is kept is how far, in the story of outlet and user, not where. A phone that does not say, and an outlet whose
    place is not known, are no reason to suspect anybody. [D-29, G-D28]
    """
    if claims.outlet_id is None or seen is None:
        return None
    latitude, longitude = await queries.read_outlet_position(connection, claims.outlet_id)
    place = Position(latitude, longitude) if latitude is not None and longitude is not None else None
    away_m = geofence_flag(place, seen, step.rules.outlet)
    if away_m is not None:
        data = {
            "session": str(claims.session_id),
            "away_m": away_m,
            "allowed_m": step.rules.outlet.geofence_m,
            "note": f"{away_m / METRES_PER_KM:.1f} km",
        }
        async with connection.transaction():
            await step.audit(connection, actor, "session.far", claims.user_id, data)
    return away_m
