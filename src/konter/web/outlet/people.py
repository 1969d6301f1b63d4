"""The people of an outlet and their notification numbers: who there is, one of them. [D-22, D-27, D-28]"""

from datetime import datetime, timedelta

from litestar import get
from litestar.params import FromPath, FromQuery

from konter.channel.numbers.read import OutletNumbers, UserLine, outlet_numbers
from konter.channel.refusals import USER_NOT_FOUND
from konter.channel.scope import scope_of
from konter.platform.db import Connection
from konter.platform.refusal import FORBIDDEN, Refusal, Refused
from konter.rules.model import Rules
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.people_forms import PEOPLE
from konter.web.outlet.people_views import PeopleView, PersonLine, PersonView
from konter.web.outlet.visit import Seller, seller
from konter.web.pages import AnyPage, id_of, page, words
from konter.web.views import Alert, Link
from konter.web.visit import visit

NOTICES = ("tambah", "nomor", "jenis", "lepas", "akhiri", "hilang")
# What an owner does with a user; who is not the owner only reports the own phone.
DEEDS = ("nomor", "jenis", "lepas", "hilang", "akhiri")


@get(PEOPLE, include_in_schema=False)
async def people_page(request: AnyRequest, pesan: FromQuery[str] = "") -> AnyPage:
    """All users of the outlet with their numbers; for a front-liner the own one."""
    async with app_of(request).connection() as connection:
        found = await seller(request, connection, await visit(request, connection))
        numbers = await numbers_of(connection, found)
    view = PeopleView(
        people=tuple(person_line(each, found) for each in seen_by(found, numbers)),
        reseller=numbers.rs_msisdn,
        owner=is_owner(found),
        alert=done(request, pesan),
    )
    return page(request, "outlet/people.html", view)


@get(f"{PEOPLE}/{{user:str}}", include_in_schema=False)
async def person_page(request: AnyRequest, user: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One user, the number, and what can be done."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here)
        line = person(found, await numbers_of(connection, found), user)
    view = PersonView(
        line=person_line(line, found),
        linked_at=line.linked_at,
        last_number=line.last_msisdn if line.msisdn is None else None,
        free_from=_free_from(line, here.rules, here.now),
        lost_at=line.lost_at,
        deeds=tuple(
            Link(href=f"{PEOPLE}/{line.user_id}/{deed}", text_key=f"deed.title_{deed}")
            for deed in DEEDS
            if deed_refusal(found, line, deed) is None
        ),
        zone=found.who.zone,
        alert=done(request, pesan),
    )
    return page(request, "outlet/person.html", view)


async def numbers_of(connection: Connection, found: Seller) -> OutletNumbers:
    """The people and numbers of the visitor's own outlet."""
    numbers = await outlet_numbers(connection, found.outlet_id, scope=scope_of(found.who))
    if isinstance(numbers, Refusal):
        raise Refused(numbers)
    return numbers


def is_owner(found: Seller) -> bool:
    """Whether it is the outlet's owner who asks."""
    return "OUTLET_OWNER" in found.who.roles


def owner(found: Seller) -> Seller:
    """The visitor, where only the owner may. Raises Refused(FORBIDDEN)."""
    if not is_owner(found):
        raise Refused(FORBIDDEN())
    return found


def seen_by(found: Seller, numbers: OutletNumbers) -> list[UserLine]:
    """Those whom the visitor may see: an owner all, a front-liner herself."""
    return [each for each in numbers.users if is_owner(found) or each.user_id == found.who.user_id]


def person(found: Seller, numbers: OutletNumbers, user: str) -> UserLine:
    """The user whom an address names. Raises Refused(USER_NOT_FOUND) for whoever the visitor may not see."""
    line = next((each for each in seen_by(found, numbers) if each.user_id == id_of(user)), None)
    if line is None:
        raise Refused(USER_NOT_FOUND())
    return line


def deed_refusal(found: Seller, line: UserLine, deed: str) -> Refusal | None:
    """Why the visitor may not do this with this user, or None. Whoever owns the outlet ends with the outlet, and is
    never without a number, as nobody could give it another.
    """
    mine = line.user_id == found.who.user_id
    if not (is_owner(found) or (mine and deed == "hilang")):
        return FORBIDDEN()
    if mine and deed in ("lepas", "akhiri"):
        return FORBIDDEN()
    needs_number = deed in ("jenis", "lepas", "hilang")
    gone = (needs_number and line.msisdn is None) or (deed == "hilang" and line.lost_at is not None)
    return FORBIDDEN() if gone else None


def person_line(line: UserLine, found: Seller) -> PersonLine:
    """A user as the pages show it."""
    return PersonLine(
        href=f"{PEOPLE}/{line.user_id}",
        name=line.name,
        username=line.username,
        role_key=f"role.{line.role}",
        number=line.msisdn,
        type_key=f"nn_type.{line.type}" if line.type else "",
        status_key="people.lost" if line.lost_at else "people.blocked" if line.status == "blocked" else "",
        mine=line.user_id == found.who.user_id,
    )


def done(request: AnyRequest, message: str) -> Alert | None:
    """A word on what was just done."""
    return Alert(tone="ok", sentence=words(request).t(f"deed.done_{message}")) if message in NOTICES else None


def _free_from(line: UserLine, rules: Rules, now: datetime) -> datetime | None:
    if line.released_at is None:
        return None
    free_from = line.released_at + timedelta(hours=rules.outlet.nn_cooldown_h)
    return free_from if free_from > now else None
