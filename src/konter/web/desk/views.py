"""What a desk's pages show, as plain values. Everything is said already: templates only lay it out."""

from datetime import datetime
from typing import Literal

from konter.web.views import Alert, DocumentView, SessionLine, View

BadgeTone = Literal["ok", "info", "warn", "error", "plain"]


class Badge(View, frozen=True, kw_only=True):
    """A state in a word; the tone is second."""

    text: str
    tone: BadgeTone = "plain"


class Area(View, frozen=True, kw_only=True):
    """An area of work on the left."""

    href: str
    name: str
    icon: str
    here: bool = False


class Frame(View, frozen=True, kw_only=True):
    """What stands around every page. `user` is empty before log-in; `moved`: the clock shows another time than the
    wall's.
    """

    root: str
    title: str
    areas: tuple[Area, ...]
    user: str
    role: str
    now: datetime
    moved: bool
    q: str
    csrf: str
    path: str


class Choice(View, frozen=True, kw_only=True):
    """One value of a field or filter."""

    value: str
    name: str


class Field(View, frozen=True, kw_only=True):
    """A field of an action's form; one with a file makes the form send its parts."""

    name: str
    label: str
    kind: Literal["text", "area", "choice", "checks", "number", "hidden", "date", "password", "code", "file"] = "text"
    value: str = ""
    choices: tuple[Choice, ...] = ()
    hint: str = ""
    length_min: int = 0
    length_max: int = 500
    required: bool = True


class Action(View, frozen=True, kw_only=True):
    """What one may do next: a form that is posted, or a link. `why_not`: why it cannot be done now; no button then.
    `open`: the form is what the page is for, and stands open; `download`: the link leads to a file.
    """

    title: str
    note: str = ""
    post: str = ""
    href: str = ""
    fields: tuple[Field, ...] = ()
    button: str = ""
    tone: Literal["primary", "danger", "plain"] = "primary"
    why_not: str = ""
    open: bool = False
    download: bool = False


class Fact(View, frozen=True, kw_only=True):
    """A label and what stands behind it."""

    label: str
    text: str
    href: str = ""
    note: str = ""
    badge: Badge | None = None


class Facts(View, frozen=True, kw_only=True):
    """Facts under one heading."""

    title: str
    facts: tuple[Fact, ...]


class StoryLine(View, frozen=True, kw_only=True):
    """A line of a timeline: when, what, by whom, why; `href` is its source."""

    at: datetime
    what: str
    who: str = ""
    why: str = ""
    href: str = ""
    tone: BadgeTone = "plain"


class Cell(View, frozen=True, kw_only=True):
    """A cell: its text, a second line, a badge instead of plain text; with `post` the text is a button that posts."""

    text: str
    href: str = ""
    sub: str = ""
    badge: BadgeTone | None = None
    post: str = ""


class Column(View, frozen=True, kw_only=True):
    """A heading; one that can be sorted by leads to the other order."""

    name: str
    num: bool = False
    sort_href: str = ""
    sorted: Literal["", "ascending", "descending"] = ""


class Filter(View, frozen=True, kw_only=True):
    """What narrows a table."""

    name: str
    label: str
    kind: Literal["choice", "text", "date"] = "choice"
    value: str = ""
    choices: tuple[Choice, ...] = ()


class WayOn(View, frozen=True, kw_only=True):
    """What to do where there is nothing to show, with a button for it where one leads there."""

    note: str
    href: str = ""
    button: str = ""


class Table(View, frozen=True, kw_only=True):
    """A table with everything around it. `rows` hold a cell for each column; hrefs are empty where there is nothing."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    way_on: WayOn | None = None
    action: str = ""
    filters: tuple[Filter, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    note: str = ""
    next_href: str = ""
    first_href: str = ""
    csv_href: str = ""
    refresh_href: str = ""


class Bar(View, frozen=True, kw_only=True):
    """One bar of a chart: `text` says its `value`, `share` is that of the highest in thousandths. Zero has no bar."""

    label: str
    value: int
    text: str
    share: int
    href: str = ""
    tone: BadgeTone = "info"


class Chart(View, frozen=True, kw_only=True):
    """Bars, and the table with their numbers one click away; without bars what the table says where it is empty."""

    id: str
    title: str
    bars: tuple[Bar, ...]
    table: Table
    upright: bool = False


class Tile(View, frozen=True, kw_only=True):
    """A province on the tile map: its place in the grid, its short name, and how full it is, 0 to 4."""

    column: int
    row: int
    short: str
    name: str
    text: str
    level: int
    href: str = ""


class TileMap(View, frozen=True, kw_only=True):
    """The provinces as tiles, with the table of their numbers one click away; `steps` are (shade, counts)."""

    title: str
    columns: int
    rows: int
    tiles: tuple[Tile, ...]
    steps: tuple[tuple[int, str], ...]
    table: Table


class Queue(View, frozen=True, kw_only=True):
    """A queue of work on the home page."""

    name: str
    icon: str
    href: str
    count: int
    more: bool
    state: str
    tone: BadgeTone


class HomeView(View, frozen=True, kw_only=True):
    """What needs me now."""

    greeting: str
    queues: tuple[Queue, ...]
    urgent: Table
    charts: tuple[Chart, ...] = ()
    map: TileMap | None = None
    alert: Alert | None = None


class ListView(View, frozen=True, kw_only=True):
    """A page with a table, or a few."""

    title: str
    note: str
    tables: tuple[Table, ...]
    actions: tuple[Action, ...] = ()
    charts: tuple[Chart, ...] = ()
    alert: Alert | None = None
    back_href: str = ""
    back_name: str = ""


class Way(View, frozen=True, kw_only=True):
    """A page that belongs to a thing, to be seen at the thing's top."""

    name: str
    href: str


class ThingView(View, frozen=True, kw_only=True):
    """One thing: its facts, what may be done with it, and its story newest first, None for what keeps none; `ways` to
    its other pages.
    """

    title: str
    kind: str
    back_href: str
    back_name: str
    badges: tuple[Badge, ...]
    facts: tuple[Facts, ...]
    story: tuple[StoryLine, ...] | None
    actions: tuple[Action, ...]
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    story_next: str = ""
    ways: tuple[Way, ...] = ()
    note: str = ""
    picture: str = ""
    alert: Alert | None = None


class Crumb(View, frozen=True, kw_only=True):
    """A step of the way to where one is."""

    name: str
    href: str


class AreaView(View, frozen=True, kw_only=True):
    """An area with what lies in it; the map only at the top."""

    title: str
    note: str
    path: tuple[Crumb, ...]
    charts: tuple[Chart, ...]
    table: Table
    outlets: Table | None
    map: TileMap | None


class LoginView(View, frozen=True, kw_only=True):
    """The first page of whoever is not logged in; `steps` are fields that follow the password."""

    title: str
    note: str
    action: str
    button: str
    fields: tuple[Field, ...]
    alert: Alert | None = None
    more: tuple[Action, ...] = ()
    qr: str = ""
    secret: str = ""


class TermsView(View, frozen=True, kw_only=True):
    """Documents that are still to be accepted."""

    documents: tuple[DocumentView, ...]
    alert: Alert | None = None


class AccountView(View, frozen=True, kw_only=True):
    """Who I am, and where I am logged in."""

    user: str
    username: str
    roles: str
    sessions: tuple[SessionLine, ...]
    actions: tuple[Action, ...] = ()
    alert: Alert | None = None


class FoundView(View, frozen=True, kw_only=True):
    """What a search found."""

    q: str
    table: Table


class ErrorView(View, frozen=True, kw_only=True):
    """What happened, and a way on."""

    status: int
    title: str
    sentence: str
    advice: str
    href: str
    button: str
