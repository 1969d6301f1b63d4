"""The desk of rewards: what is offered and left, closing one, files of rewards and of codes. [P-21..P-24]

How many codes there are is seen here, never which.
"""

from collections.abc import Mapping, Sequence

from litestar import Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery

from konter.access.staff.people import note_export, staff_names
from konter.catalogue.sheet import SIZE_MAX_BYTES, Fault
from konter.loyalty.rewards.catalogue.closing import set_reward_open
from konter.loyalty.rewards.catalogue.importing import ImportedRewards, take_rewards
from konter.loyalty.rewards.catalogue.read import RewardState, reward_state, reward_states
from konter.loyalty.rewards.codes.counts import CodeCount, code_counts
from konter.loyalty.rewards.codes.importing import ImportedCodes, take_codes
from konter.loyalty.rewards.refusals import REWARD_NOT_FOUND
from konter.platform.money import thousands
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.tables import address, csv_answer
from konter.web.desk.views import Action, Badge, BadgeTone, Cell, Choice, Column, Field, Filter, ListView, Table
from konter.web.office.items import REASON_MAX, REASON_MIN
from konter.web.office.places import CLOSE_REWARDS, IMPORT_REWARDS, MERCHANTS, OFFICE, REWARDS
from konter.web.office.reward_view import reward_people, reward_thing
from konter.web.office.wording import asked_for, list_notice, notice
from konter.web.pages import AnyPage, go
from konter.web.uploads import Upload, upload
from konter.web.views import Alert

BODY_BYTES_MAX = SIZE_MAX_BYTES + 64 * 1024  # the file and what the form wraps around it
TOO_LARGE = 413
CODE_CHARS_MAX = 30
FAULTS_SHOWN_MAX = 200
STATES: dict[str, BadgeTone] = {"open": "ok", "few": "warn", "out": "error", "over": "plain", "closed": "error"}


@get("/office/hadiah", include_in_schema=False)
async def rewards_page(
    request: AnyRequest, keadaan: FromQuery[str] = "", bentuk: FromQuery[str] = "", pesan: FromQuery[str] = ""
) -> Response[bytes]:
    """Every reward that has begun, with what is left of it."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REWARDS)
        here = found.here
        states = [
            each for each in await reward_states(connection, now=here.now) if keadaan in ("", state_word(found, each))
        ]
        counts = await code_counts(connection, (each.offer.reward for each in states), now=here.now)
        rows = tuple(_row(found, each, counts) for each in states)
        if bentuk == "csv" and found.may("lists.export"):
            await note_export(connection, "rewards", len(rows), actor=found.actor, now=here.now, ids=here.app.ids)
            return csv_answer("hadiah", _columns(found), rows)
    words = found.words
    choices = [Choice(value=each, name=words.t(f"office.rewards.state.{each}")) for each in STATES]
    table = Table(
        id="rewards",
        title=words.t("office.rewards.list"),
        columns=_columns(found),
        rows=rows,
        empty=words.t("office.rewards.none"),
        action=REWARDS.href,
        filters=(
            Filter(
                name="keadaan",
                label=words.t("desk.column.state"),
                value=keadaan,
                choices=(Choice(value="", name=words.t("desk.all")), *choices),
            ),
        ),
        csv_href=address(REWARDS.href, keadaan=keadaan, bentuk="csv") if found.may("lists.export") else "",
        refresh_href=address(REWARDS.href, keadaan=keadaan),
    )
    merchants = Action(title=words.t("office.rewards.merchants"), href=MERCHANTS, tone="plain")
    files = Action(title=words.t("office.rewards.import"), href=f"{REWARDS.href}/impor", tone="plain")
    view = ListView(
        title=words.t("office.rewards.title"),
        note=words.t("office.rewards.note"),
        tables=(table,),
        actions=(merchants, files) if found.may(*IMPORT_REWARDS.rights) else (merchants,),
    )
    return desk_page(request, OFFICE, "desk/list.html", list_notice(found, view, pesan))


def state_word(found: Member, state: RewardState) -> str:
    """In one word: closed by hand, over, out of stock, few left, or open."""
    if state.closed:
        return "closed"
    if state.offer.over(found.here.now):
        return "over"
    return "open" if state.left == "plenty" else state.left


def _columns(found: Member) -> tuple[Column, ...]:
    words = found.words
    plain = ("office.points.reward", "desk.column.state")
    numbers = ("office.points.price", "office.rewards.taken", "office.rewards.codes_free", "office.rewards.burnt")
    return (
        *(Column(name=words.t(key)) for key in plain),
        *(Column(name=words.t(key), num=True) for key in numbers),
    )


def _row(found: Member, state: RewardState, counts: Mapping[str, CodeCount]) -> tuple[Cell, ...]:
    words, offer, word = found.words, state.offer, state_word(found, state)
    codes, kind = counts.get(offer.reward), words.t(f"office.rewards.kind.{offer.kind}")
    taken = thousands(state.taken) if state.taken is not None else words.t("office.rewards.unlimited")
    limit = words.t("office.rewards.of", n=offer.stock) if offer.stock is not None else ""
    return (
        Cell(text=offer.name(words.locale), href=f"{REWARDS.href}/{offer.reward}", sub=f"{offer.reward} · {kind}"),
        Cell(text=words.t(f"office.rewards.state.{word}"), badge=STATES[word]),
        Cell(text=thousands(offer.points)),
        Cell(text=taken, sub=limit),
        Cell(text=thousands(codes.free) if codes else ""),
        Cell(text=thousands(codes.burnt) if codes else ""),
    )


@get("/office/hadiah/{code:str}", include_in_schema=False)
async def reward_page(request: AnyRequest, code: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One reward: what it gives, its prices, how its codes stand, who closed it when and why."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, REWARDS)
        now = found.here.now
        state = await reward_state(connection, code, now=now) if "\0" not in code else None
        if state is None:
            raise Refused(REWARD_NOT_FOUND(reward=code[:CODE_CHARS_MAX]))
        counts = await code_counts(connection, [code], now=now)
        closures, offers, people = await reward_people(connection, code)
        names = await staff_names(connection, people)
    word = state_word(found, state)
    badge = Badge(text=found.words.t(f"office.rewards.state.{word}"), tone=STATES[word])
    view = reward_thing(found, state, badge, counts.get(code), closures, offers, names)
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


@post("/office/hadiah/{code:str}", include_in_schema=False)
async def switch_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Close a reward in every channel from this moment, or offer it again."""
    form, where = await desk_form(request, OFFICE), f"{REWARDS.href}/{code}"
    reason, is_open = form.text("reason"), form.text("buka") == "ya"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, CLOSE_REWARDS)
        if not REASON_MIN <= len(reason) <= REASON_MAX or "\0" in reason + code:
            return go(f"{where}?pesan=alasan")
        here = found.here
        outcome = await set_reward_open(
            connection,
            code[:CODE_CHARS_MAX],
            is_open=is_open,
            now=here.now,
            actor=found.actor,
            ids=here.app.ids,
            reason=reason,
        )
    return asked_for(request, outcome, where, "hadiah_buka" if is_open else "hadiah_tutup")


@get("/office/hadiah/impor", include_in_schema=False)
async def import_page(request: AnyRequest) -> AnyPage:
    """Where a file of rewards is given."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
    return desk_page(request, OFFICE, "desk/list.html", _import_view(found))


@post("/office/hadiah/impor", include_in_schema=False, request_max_body_size=BODY_BYTES_MAX)
async def import_post(request: AnyRequest) -> AnyPage:
    """Take a file of rewards whole, or show every line that is at fault."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
    file = await _file(request)
    if file is None or not file.raw:
        return _answer(request, found, Alert(tone="error", sentence=_no_file(found, file)))
    here, name = found.here, file.name or "hadiah.csv"
    async with here.app.connection() as connection:
        outcome = await take_rewards(
            connection, file.raw, name, now=here.now, actor=found.actor, ids=here.app.ids, rules=here.rules
        )
    if isinstance(outcome, Refusal):
        alert = Alert(tone="error", sentence=found.words.sentence(outcome))
        return _answer(request, found, alert, faults=outcome.data["faults"])
    return _answer(request, found, Alert(tone="ok", sentence=_imported(found, outcome)), status=200)


@post("/office/hadiah/{code:str}/kode", include_in_schema=False, request_max_body_size=BODY_BYTES_MAX)
async def codes_post(request: AnyRequest, code: FromPath[str]) -> AnyPage:
    """Take a file of codes for a reward whole, or show every line that is at fault."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, IMPORT_REWARDS)
    file = await _file(request)
    if file is None or not file.raw or "\0" in code:
        return go(f"{REWARDS.href}/{code[:CODE_CHARS_MAX]}?pesan=berkas")
    here, name = found.here, file.name or "kode.csv"
    async with here.app.connection() as connection:
        outcome = await take_codes(
            connection,
            file.raw,
            name,
            code[:CODE_CHARS_MAX],
            now=here.now,
            actor=found.actor,
            ids=here.app.ids,
            keys=here.app.keys,
        )
    if isinstance(outcome, Refusal):
        alert = Alert(tone="error", sentence=found.words.sentence(outcome))
        return _answer(request, found, alert, faults=outcome.data.get("faults", ()), status=outcome.status)
    return _answer(request, found, Alert(tone="ok", sentence=_coded(found, outcome)), status=200)


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
    return found.words.t("office.wrong.berkas")


def _imported(found: Member, done: ImportedRewards) -> str:
    return found.words.t(
        "cli.rewards_imported", file=done.file, merchants=done.merchants, offers=done.offers, same=done.same
    )


def _coded(found: Member, done: ImportedCodes) -> str:
    key = "cli.codes_known" if done.again else "cli.codes_imported"
    return found.words.t(key, file=done.file, codes=done.codes, reward=done.reward)


def _answer(
    request: AnyRequest, found: Member, alert: Alert, *, faults: Sequence[Fault] = (), status: int = 422
) -> AnyPage:
    return desk_page(request, OFFICE, "desk/list.html", _import_view(found, alert, faults), status=status)


def _import_view(found: Member, alert: Alert | None = None, faults: Sequence[Fault] = ()) -> ListView:
    words = found.words
    file = Field(name="berkas", label=words.t("office.rewards.file"), kind="file", hint=words.t("office.rewards.hint"))
    take = Action(
        title=words.t("office.rewards.import"),
        note=words.t("office.rewards.import_note"),
        post=f"{REWARDS.href}/impor",
        fields=(file,),
        button=words.t("office.rewards.send"),
    )
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
            for each in faults[:FAULTS_SHOWN_MAX]
        ),
        empty="",
        note=words.t("office.rewards.first_faults", n=FAULTS_SHOWN_MAX) if len(faults) > FAULTS_SHOWN_MAX else "",
    )
    back = Action(title=words.t("office.rewards.title"), href=REWARDS.href, tone="plain")
    return ListView(
        title=words.t("office.rewards.import"),
        note="",
        tables=(table,) if faults else (),
        actions=(take, back),
        alert=alert,
    )


REWARD_DESK_ROUTES = [rewards_page, reward_page, switch_post, import_page, import_post, codes_post]
