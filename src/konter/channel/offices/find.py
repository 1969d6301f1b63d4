"""Find a service office: by place, by name, or the nearest. One query each. [D-53]"""

import msgspec

from konter.channel.offices import queries
from konter.channel.offices.model import Place
from konter.channel.offices.refusals import OFFICE_NOT_FOUND
from konter.channel.territory.places import Position, distance_m
from konter.platform.db import Connection
from konter.platform.ids import OutletId, cell_of_id
from konter.platform.refusal import Refusal

PAGE_MAX = 50
NEAREST_MAX = 10
TEXT_CHARS_MAX = 60
CODE_CHARS_MAX = 20
START = ("", "")


async def offices_by_province(connection: Connection) -> list[tuple[str, str, int]]:
    """(code, name, how many) of each province with an open office, by code."""
    return await queries.count_by_province(connection)


async def office(connection: Connection, code: str) -> Refusal | Place:
    """An open office by its code."""
    given = code[:CODE_CHARS_MAX]
    return (await queries.read_place(connection, given) if given.isprintable() else None) or OFFICE_NOT_FOUND()


async def offices_in(
    connection: Connection, region: str, *, after: tuple[str, str] = START, limit: int = PAGE_MAX
) -> list[Place]:
    """Offices anywhere in a province, a regency or city, or a district; at most 50, the next page from behind
    `after`, the district and the code of the last.
    """
    if not (region + "".join(after)).isprintable():
        return []
    return await queries.read_places_in(connection, region, after=after, limit=min(limit, PAGE_MAX))


async def offices_named(
    connection: Connection, text: str, *, after: tuple[str, str] = START, limit: int = PAGE_MAX
) -> list[Place]:
    """Offices whose name, address or place holds a text, capitals or not. Pages as above."""
    wanted = " ".join(text.split())[:TEXT_CHARS_MAX].lower()
    if not wanted or not (wanted + "".join(after)).isprintable():
        return []
    return await queries.find_places(connection, wanted, after=after, limit=min(limit, PAGE_MAX))


async def nearest(connection: Connection, position: Position, *, limit: int = NEAREST_MAX) -> list[Place]:
    """The nearest offices to a point, each with its distance; the point is kept nowhere."""
    found = await queries.read_nearest(connection, position, limit=min(limit, PAGE_MAX))
    return [_from(each, position) for each in found]


async def nearest_to_outlet(connection: Connection, outlet_id: OutletId, *, limit: int = NEAREST_MAX) -> list[Place]:
    """The nearest offices to an outlet: by its position, else those of its district, regency and province. Two queries.

    Empty where neither is known, or nothing is in the province.
    """
    district, position = await queries.read_outlet_place(connection, outlet_id, cell_of_id(outlet_id))
    if position is not None and (found := await nearest(connection, position, limit=limit)):
        return found
    if district is None:
        return []
    return await queries.read_near_district(connection, district, limit=min(limit, PAGE_MAX))


def _from(place: Place, position: Position) -> Place:
    assert place.office.position is not None, "only offices with a position have a distance"
    return msgspec.structs.replace(place, away_m=distance_m(place.office.position, position))
