"""Files at the desk of rewards: rewards with their merchants, and codes of one reward; what stands in which column.

A file is taken whole, or every line at fault is shown. [P-21..P-24]
"""

from collections.abc import Sequence
from datetime import date

from litestar import Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from konter.catalogue.sheet import SIZE_MAX_BYTES, Fault
from konter.loyalty.rewards.catalogue import example
from konter.loyalty.rewards.catalogue.importing import ImportedRewards, take_rewards
from konter.loyalty.rewards.catalogue.model import GivesCode
from konter.loyalty.rewards.catalogue.read import RewardState
from konter.loyalty.rewards.catalogue.rows import COLUMN_ORDER
from konter.loyalty.rewards.codes.importing import ImportedCodes, take_codes
from konter.loyalty.rewards.refusals import REWARD_TAKES_NO_CODES
from konter.loyalty.tiers.model import month_of
from konter.platform.clock import business_day
from konter.platform.db import Connection
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.errors import BACK
from konter.web.desk.frame import Member, desk_page, member
from konter.web.desk.tables import csv_answer
from konter.web.desk.views import Action, Cell, Column, Field, ListView, Table
from konter.web.office.places import IMPORT_REWARDS, OFFICE, REWARDS
from konter.web.office.rewards.catalogue import known_reward
from konter.web.pages import AnyPage
from konter.web.uploads import Upload, upload
from konter.web.views import Alert

BODY_BYTES_MAX = SIZE_MAX_BYTES + 64 * 1024  # the file and what the form wraps around it
TOO_LARGE = 413
FAULTS_SHOWN_MAX = 200
IMPORT = f"{REWARDS.href}/impor"
CODES_EXAMPLE = (("code", "KOPI-7F3K-9Q2M"), ("last_day", "{day}"))


@get("/office/hadiah/impor", include_in_schema=False)
async def import_page(request: AnyRequest) -> AnyPage:
    """Where a file of rewards is given, and what stands in it."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
    return desk_page(request, OFFICE, "desk/list.html", _rewards_view(found))


@post("/office/hadiah/impor", include_in_schema=False, request_max_body_size=BODY_BYTES_MAX)
async def import_post(request: AnyRequest) -> AnyPage:
    """Take a file of rewards whole, or show every line that is at fault."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
    here, file = found.here, await _file(request)
    if file is None or not file.raw:
        view = _rewards_view(found, Alert(tone="error", sentence=_no_file(found, file)))
        return desk_page(request, OFFICE, "desk/list.html", view, status=422)
    name = file.name or "hadiah.csv"
    async with here.app.connection() as connection:
        outcome = await take_rewards(
            connection, file.raw, name, clock=here.app.clock, actor=found.actor, ids=here.app.ids, rules=here.rules
        )
    if isinstance(outcome, Refusal):
        alert = Alert(tone="error", sentence=found.words.sentence(outcome))
        view = _rewards_view(found, alert, outcome)
        return desk_page(request, OFFICE, "desk/list.html", view, status=outcome.status)
    view = _rewards_view(found, Alert(tone="ok", sentence=_imported(found, outcome)))
    return desk_page(request, OFFICE, "desk/list.html", view)


@get("/office/hadiah/impor/contoh", include_in_schema=False)
async def example_file(request: AnyRequest) -> Response[bytes]:
    """A file of rewards to begin with; its rows are notes until somebody takes their `#` away."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
    rows = [tuple(Cell(text=row.get(column, "")) for column in COLUMN_ORDER) for row in _example(found)]
    return csv_answer("contoh-hadiah", [Column(name=each) for each in COLUMN_ORDER], [_noted(row) for row in rows])


@get("/office/hadiah/impor/contoh-kode", include_in_schema=False)
async def codes_example_file(request: AnyRequest) -> Response[bytes]:
    """A file of codes to begin with; its row is a note, so that nobody is ever given an example's code."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
    row = [Cell(text=text) for _, text in _codes_example(found)]
    return csv_answer("contoh-kode", [Column(name=name) for name, _ in CODES_EXAMPLE], [_noted(row)])


def _noted(row: Sequence[Cell]) -> tuple[Cell, ...]:
    """A row that is a note, so that a file with it changes nothing."""
    return (Cell(text=f"{example.NOTE}{row[0].text}"), *row[1:])


@get("/office/hadiah/{code:str}/kode", include_in_schema=False)
async def codes_page(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Where a file of codes for a reward is given, also before its offer begins."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
        state = await _coded_reward(request, connection, found, code)
    return desk_page(request, OFFICE, "desk/list.html", _codes_view(found, state))


@post("/office/hadiah/{code:str}/kode", include_in_schema=False, request_max_body_size=BODY_BYTES_MAX)
async def codes_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Take a file of codes for a reward whole, or show every line that is at fault."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
        state = await _coded_reward(request, connection, found, code)
    here, file = found.here, await _file(request)
    if file is None or not file.raw:
        view = _codes_view(found, state, Alert(tone="error", sentence=_no_file(found, file)))
        return desk_page(request, OFFICE, "desk/list.html", view, status=422)
    name = file.name or "kode.csv"
    async with here.app.connection() as connection:
        outcome = await take_codes(
            connection,
            file.raw,
            name,
            code,
            clock=here.app.clock,
            actor=found.actor,
            ids=here.app.ids,
            keys=here.app.keys,
        )
    if isinstance(outcome, Refusal):
        alert = Alert(tone="error", sentence=found.words.sentence(outcome))
        view = _codes_view(found, state, alert, outcome)
        return desk_page(request, OFFICE, "desk/list.html", view, status=outcome.status)
    view = _codes_view(found, state, Alert(tone="ok", sentence=_coded(found, outcome)))
    return desk_page(request, OFFICE, "desk/list.html", view)


async def _coded_reward(request: AnyRequest, connection: Connection, found: Member, code: str) -> RewardState:
    state = await known_reward(connection, found, code)
    if not isinstance(state.offer.gives, GivesCode):
        request.scope["state"][BACK] = f"{REWARDS.href}/{code}"
        raise Refused(REWARD_TAKES_NO_CODES(reward=code))
    return state


async def _file(request: AnyRequest) -> Upload | None:
    """The file of the form; None for one that is too large."""
    try:
        return await upload(request, "berkas", OFFICE.door)
    except HTTPException as error:
        if error.status_code != TOO_LARGE:
            raise
        return None


def _no_file(found: Member, file: Upload | None) -> str:
    if file is None:
        return found.words.t("office.rewards.too_large", mb=SIZE_MAX_BYTES // 1024**2)
    return found.words.t("office.rewards.empty_file" if file.name else "office.wrong.berkas")


def _imported(found: Member, done: ImportedRewards) -> str:
    return found.words.t(
        "cli.rewards_imported", file=done.file, merchants=done.merchants, offers=done.offers, same=done.same
    )


def _coded(found: Member, done: ImportedCodes) -> str:
    key = "cli.codes_known" if done.again else "cli.codes_imported"
    return found.words.t(key, file=done.file, codes=done.codes, reward=done.reward)


def _example(found: Member) -> Sequence[dict[str, str]]:
    """From the first of the next month on, so that it may be taken."""
    begins = month_of(business_day(found.here.now), 1)
    rules = found.here.rules
    return example.example_rows(begins, brand=rules.brand.table[0].code, tier=rules.tier.names[1])


def _codes_example(found: Member) -> list[tuple[str, str]]:
    begins = business_day(found.here.now)
    day = date(begins.year + 1, 12, 31)
    return [(name, text.format(day=day)) for name, text in CODES_EXAMPLE]


def _rewards_view(found: Member, alert: Alert | None = None, refused: Refusal | None = None) -> ListView:
    words, rows = found.words, _example(found)
    cells = [(column, next((row[column] for row in rows if row.get(column)), "")) for column in COLUMN_ORDER]
    take = Action(
        title=words.t("office.rewards.import"),
        note=words.t("office.rewards.import_note"),
        post=IMPORT,
        fields=(_field(found, "office.rewards.hint"),),
        button=words.t("office.rewards.send"),
        open=True,
    )
    return _view(
        found,
        title=words.t("office.rewards.import"),
        back=(REWARDS.href, words.t("office.rewards.title")),
        take=take,
        sample=f"{IMPORT}/contoh",
        columns=[(name, words.t(f"office.rewards.columns.{name}"), text) for name, text in cells],
        alert=alert,
        refused=refused,
    )


def _codes_view(
    found: Member, state: RewardState, alert: Alert | None = None, refused: Refusal | None = None
) -> ListView:
    words, offer = found.words, state.offer
    take = Action(
        title=words.t("office.rewards.add_codes"),
        note=words.t("office.rewards.codes_note"),
        post=f"{REWARDS.href}/{offer.reward}/kode",
        fields=(_field(found, "office.rewards.codes_hint"),),
        button=words.t("office.rewards.send"),
        open=True,
    )
    return _view(
        found,
        title=words.t("office.rewards.codes_of", name=offer.name(words.locale)),
        back=(f"{REWARDS.href}/{offer.reward}", offer.name(words.locale)),
        take=take,
        sample=f"{IMPORT}/contoh-kode",
        columns=[(name, words.t(f"office.rewards.codes_columns.{name}"), text) for name, text in _codes_example(found)],
        alert=alert,
        refused=refused,
    )


def _field(found: Member, hint: str) -> Field:
    return Field(name="berkas", label=found.words.t("office.rewards.file"), kind="file", hint=found.words.t(hint))


def _view(
    found: Member,
    *,
    title: str,
    back: tuple[str, str],
    take: Action,
    sample: str,
    columns: Sequence[tuple[str, str, str]],
    alert: Alert | None,
    refused: Refusal | None,
) -> ListView:
    """A page that takes a file: the form, what was wrong with the last one, an example, and each column (name, what it
    holds, example).
    """
    words = found.words
    keys = ("office.rewards.column", "office.rewards.holds", "office.rewards.example")
    known = Table(
        id="columns",
        title=words.t("office.rewards.columns_title"),
        columns=tuple(Column(name=words.t(key)) for key in keys),
        rows=tuple(tuple(Cell(text=text) for text in column) for column in columns),
        empty="",
        note=words.t("office.rewards.columns_note"),
    )
    return ListView(
        title=title,
        note="",
        tables=(*_faults(found, refused), known),
        actions=(take, Action(title=words.t("office.rewards.get_example"), href=sample, tone="plain", download=True)),
        alert=alert,
        back_href=back[0],
        back_name=back[1],
    )


def _faults(found: Member, refused: Refusal | None) -> tuple[Table, ...]:
    """The first faults of a file that was refused, and whether there are more."""
    faults: Sequence[Fault] = refused.data.get("faults", ()) if refused is not None else ()
    if refused is None or not faults:
        return ()
    words, shown = found.words, faults[:FAULTS_SHOWN_MAX]
    table = Table(
        id="faults",
        title=words.t("office.rewards.faults"),
        columns=(
            Column(name=words.t("office.rewards.line"), num=True),
            Column(name=words.t("office.rewards.column")),
            Column(name=words.t("office.rewards.what")),
        ),
        rows=tuple(
            (
                Cell(text=str(each.line)),
                Cell(text=each.column or words.t("desk.none")),
                Cell(text=words.t(f"catalogue.fault.{each.reason}", **each.data)),
            )
            for each in shown
        ),
        empty="",
        note=words.t("office.rewards.first_faults", n=len(shown)) if refused.data["count"] > len(shown) else "",
    )
    return (table,)


REWARD_FILE_ROUTES = [import_page, import_post, example_file, codes_example_file, codes_page, codes_post]
