"""Immutable view models of the pages about an outlet's people, their numbers and their phones."""

from datetime import datetime
from typing import Literal

from konter.platform.ids import Msisdn
from konter.web.views import Alert, Choice, Link, View

FieldKind = Literal["text", "tel", "username", "password", "choice"]


class PersonLine(View, frozen=True, kw_only=True):
    """A user of the outlet in the list. `type_key` is empty while there is no number."""

    href: str
    name: str
    username: str
    role_key: str
    number: Msisdn | None
    type_key: str
    status_key: str
    mine: bool


class PeopleView(View, frozen=True, kw_only=True):
    """The users of an outlet; a front-liner sees herself alone."""

    people: tuple[PersonLine, ...]
    reseller: Msisdn | None
    owner: bool
    alert: Alert | None = None


class PersonView(View, frozen=True, kw_only=True):
    """One user. Without a number now: the last one, and from when it may be somebody else's."""

    line: PersonLine
    linked_at: datetime | None
    last_number: Msisdn | None
    free_from: datetime | None
    lost_at: datetime | None
    deeds: tuple[Link, ...]
    zone: str
    alert: Alert | None = None


class Field(View, frozen=True, kw_only=True):
    """A field of a form; `choices` are radio buttons, of which `value` is chosen."""

    name: str
    label: str
    kind: FieldKind = "text"
    value: str = ""
    hint: str = ""
    length_max: int = 80
    needed: bool = True
    choices: tuple[Choice, ...] = ()


class DeedView(View, frozen=True, kw_only=True):
    """A form that says before what happens at the moment when it is sent. `grave`: it takes something away."""

    title: str
    lead: str
    effects: tuple[str, ...]
    fields: tuple[Field, ...]
    action: str
    button: str
    back: str
    grave: bool = False
    alert: Alert | None = None


class WhoLine(View, frozen=True, kw_only=True):
    """A live session at the outlet."""

    id: str
    name: str
    role_key: str
    agent: str
    address: str
    created_at: datetime
    mine: bool


class LoggedInView(View, frozen=True, kw_only=True):
    """Who is logged in at the outlet, newest first."""

    lines: tuple[WhoLine, ...]
    zone: str
    alert: Alert | None = None
