"""The blacklist: who may not register as a seller again; found by whoever knows the NIK or the number. [D-96]"""

from collections.abc import Mapping, Sequence

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.access.staff.people import staff_names
from konter.channel.onboarding.nik import read_nik
from konter.conduct.blacklist import blacklist, blacklist_entries, blacklist_entry, find_entries
from konter.conduct.lifting import LIFT, check_lifting
from konter.conduct.model import EVIDENCE_CHARS_MAX, REASON_CHARS_MAX, Blacklisting, Entry, EntryKind, Suspects
from konter.conduct.refusals import BLACKLIST_ENTRY_LIFTED, BLACKLIST_ENTRY_NOT_FOUND
from konter.platform.audit import audit_of
from konter.platform.clock import business_day
from konter.platform.refusal import Refusal, Refused
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import asked_for, list_notice, notice
from konter.web.desk.frame import Member, desk_form, desk_page, member
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.story import audit_story, names_in, who_text
from konter.web.desk.tables import address
from konter.web.desk.views import (
    Action,
    Badge,
    Cell,
    Choice,
    Column,
    Fact,
    Facts,
    Field,
    Filter,
    ListView,
    Table,
    ThingView,
)
from konter.web.office.access.proposing import propose_page
from konter.web.office.places import BLACKLIST, BLACKLIST_ADD, OFFICE
from konter.web.pages import AnyPage, Form, go, id_of

PAGE = 50
VALUE_CHARS_MAX = 40
KINDS: tuple[EntryKind, ...] = ("nik", "rs", "nn")


@get("/office/daftar-hitam", include_in_schema=False)
async def blacklist_page(
    request: AnyRequest, status: FromQuery[str] = "", dari: FromQuery[str] = "", pesan: FromQuery[str] = ""
) -> Response[bytes]:
    """Who is kept out, newest first; or also who was."""
    after = id_of(dari)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, BLACKLIST)
        rows = await blacklist_entries(connection, live_only=status != "all", after=after, limit=PAGE)
        names = await _names(connection, rows)
    words = found.words
    last = rows[-1].id if len(rows) == PAGE else None
    choices = (Choice(value="", name=words.t("office.blacklist.live")), Choice(value="all", name=words.t("desk.all")))
    table = Table(
        id="entries",
        title=words.t("office.blacklist.live" if status != "all" else "desk.all"),
        columns=_columns(found),
        rows=tuple(_row(found, each, names) for each in rows),
        empty=words.t("office.blacklist.none"),
        action=BLACKLIST.href,
        filters=(Filter(name="status", label=words.t("desk.column.state"), value=status, choices=choices),),
        next_href=address(BLACKLIST.href, status=status, dari=last) if last else "",
        first_href=address(BLACKLIST.href, status=status) if after else "",
    )
    view = ListView(
        title=words.t("office.blacklist.title"),
        note=words.t("office.blacklist.note"),
        tables=(table,),
        actions=_list_actions(found),
    )
    return desk_page(request, OFFICE, "desk/list.html", list_notice(found, view, pesan))


async def _names(connection: object, rows: Sequence[Entry]) -> dict[int, str]:
    ids = [int(each.added_by.partition(":")[2]) for each in rows if each.added_by.startswith("staff:")]
    return await staff_names(connection, ids)  # type: ignore[arg-type]


def _columns(found: Member) -> tuple[Column, ...]:
    keys = ("desk.column.kind", "desk.column.reason", "desk.column.since", "office.blacklist.by", "desk.column.state")
    return tuple(Column(name=found.words.t(key)) for key in keys)


def _row(found: Member, each: Entry, names: Mapping[int, str]) -> tuple[Cell, ...]:
    words = found.words
    lifted = each.lifted_at is not None
    return (
        Cell(text=words.t(f"office.blacklist_kind.{each.kind}"), href=f"{BLACKLIST.href}/{each.id}"),
        Cell(text=each.reason, sub=each.evidence),
        Cell(text=words.long(each.since), sub=words.ago(each.since, found.here.now)),
        Cell(text=who_text(each.added_by, words, names)),
        Cell(
            text=words.t(f"office.blacklist.{'lifted' if lifted else 'barred'}"), badge="plain" if lifted else "error"
        ),
    )


def _value_fields(found: Member) -> tuple[Field, ...]:
    words = found.words
    kinds = tuple(Choice(value=kind, name=words.t(f"office.blacklist_kind.{kind}")) for kind in KINDS)
    return (
        Field(name="kind", label=words.t("desk.column.kind"), kind="choice", value="nik", choices=kinds),
        Field(
            name="value",
            label=words.t("office.blacklist.value"),
            hint=words.t("office.blacklist.value_hint"),
            length_max=VALUE_CHARS_MAX,
        ),
    )


def _list_actions(found: Member) -> tuple[Action, ...]:
    words = found.words
    search = Action(
        title=words.t("office.blacklist.search"),
        note=words.t("office.blacklist.search_note"),
        post=f"{BLACKLIST.href}/cari",
        fields=_value_fields(found),
    )
    if not BLACKLIST_ADD.open_to(found.who.roles):
        return (search, Action(title=words.t("office.blacklist.add"), why_not=words.t("office.blacklist.add_roles")))
    evidence = Field(
        name="evidence",
        label=words.t("office.blacklist.evidence"),
        hint=words.t("office.blacklist.evidence_hint"),
        length_max=EVIDENCE_CHARS_MAX,
        required=False,
    )
    add = Action(
        title=words.t("office.blacklist.add"),
        note=words.t("office.blacklist.add_note"),
        post=BLACKLIST.href,
        tone="danger",
        fields=(*_value_fields(found), reason_field(found.words, most=REASON_CHARS_MAX), evidence),
    )
    return (search, add)


@post("/office/daftar-hitam/cari", include_in_schema=False)
async def search_post(request: AnyRequest) -> AnyPage:
    """What was ever said against a NIK or number. Posted, so that no address and no log holds the value."""
    form = await desk_form(request, OFFICE)
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, BLACKLIST)
        here, suspect = found.here, _suspect(form, found)
        if isinstance(suspect, Refusal):
            return asked_for(request, suspect, BLACKLIST.href, "")
        rows = await find_entries(
            connection, suspect, actor=found.actor, now=here.now, ids=here.app.ids, keys=here.app.keys
        )
        names = await _names(connection, rows)
    words = found.words
    table = Table(
        id="entries",
        title=words.t("office.blacklist.found"),
        columns=_columns(found),
        rows=tuple(_row(found, each, names) for each in rows),
        empty=words.t("office.blacklist.not_found"),
        first_href=BLACKLIST.href,
    )
    view = ListView(
        title=words.t("office.blacklist.title"),
        note=words.t("office.blacklist.search_note"),
        tables=(table,),
        actions=_list_actions(found),
    )
    return desk_page(request, OFFICE, "desk/list.html", view)


def _suspect(form: Form, found: Member) -> Suspects | Refusal:
    value = form.text("value")[:VALUE_CHARS_MAX]
    if form.text("kind") == "nik":
        nik = read_nik(value, today=business_day(found.here.now))
        return nik if isinstance(nik, Refusal) else Suspects(niks=(nik.digits,))
    msisdn = parse_msisdn(value)
    return BAD_MSISDN(msisdn=value) if msisdn is None else Suspects(numbers=(msisdn,))


@post("/office/daftar-hitam", include_in_schema=False)
async def add_post(request: AnyRequest) -> AnyPage:
    """Keep a NIK or a number out, from now on."""
    form = await desk_form(request, OFFICE)
    kind: EntryKind = {"rs": "rs", "nn": "nn"}.get(form.text("kind"), "nik")  # type: ignore[assignment]
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, BLACKLIST_ADD)
        here, suspect = found.here, _suspect(form, found)
        if isinstance(suspect, Refusal):
            return asked_for(request, suspect, BLACKLIST.href, "")
        if (reason := reason_of(form, most=REASON_CHARS_MAX)) is None:
            return go(f"{BLACKLIST.href}?pesan=alasan")
        new = Blacklisting(
            kind=kind,
            reason=reason,
            evidence=" ".join(form.text("evidence").split()),
            nik=suspect.niks[0] if suspect.niks else None,
            msisdn=suspect.numbers[0] if suspect.numbers else None,
        )
        (outcome,) = await blacklist(
            connection, [new], actor=found.actor, now=here.now, ids=here.app.ids, keys=here.app.keys
        )
    return asked_for(request, outcome, BLACKLIST.href, "hitam")


@get("/office/daftar-hitam/{entry:str}", include_in_schema=False)
async def entry_page(request: AnyRequest, entry: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One entry with its story."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, BLACKLIST)
        each = await blacklist_entry(connection, entry_id(entry))
        if isinstance(each, Refusal):
            raise Refused(each)
        lines = await audit_of(connection, [each.id])
        names = {**await _names(connection, [each]), **await names_in(connection, lines)}
    words, lifted = found.words, each.lifted_at is not None
    facts = [
        Fact(label=words.t("desk.column.reason"), text=each.reason),
        Fact(label=words.t("office.blacklist.evidence"), text=each.evidence or words.t("desk.none")),
        Fact(
            label=words.t("desk.column.since"),
            text=words.long(each.since),
            note=who_text(each.added_by, words, names),
        ),
    ]
    if each.lifted_at is not None:
        note = each.lift_reason or ""
        facts.append(Fact(label=words.t("office.blacklist.lifted"), text=words.long(each.lifted_at), note=note))
    view = ThingView(
        title=words.t(f"office.blacklist_kind.{each.kind}"),
        kind=words.t("office.blacklist.title"),
        back_href=BLACKLIST.href,
        back_name=words.t("office.blacklist.title"),
        badges=(
            Badge(
                text=words.t(f"office.blacklist.{'lifted' if lifted else 'barred'}"),
                tone="plain" if lifted else "error",
            ),
        ),
        facts=(Facts(title=words.t("office.items.about"), facts=tuple(facts)),),
        story=tuple(audit_story(lines, words, names)),
        actions=_entry_actions(found, each),
        note=words.t("office.blacklist.hashed"),
    )
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, view, pesan))


def entry_id(text: str) -> int:
    """An id as it stands in an address."""
    if not (id_ := id_of(text)):
        raise Refused(BLACKLIST_ENTRY_NOT_FOUND())
    return id_


def _entry_actions(found: Member, each: Entry) -> tuple[Action, ...]:
    words, title = found.words, found.words.t("office.blacklist.lift")
    if each.lifted_at is not None:
        return (Action(title=title, why_not=words.sentence(BLACKLIST_ENTRY_LIFTED())),)
    if not BLACKLIST_ADD.open_to(found.who.roles):
        return (Action(title=title, why_not=words.t("office.blacklist.add_roles")),)
    fields = (reason_field(found.words, most=REASON_CHARS_MAX),)
    note, where = words.t("office.proposals.two"), f"{BLACKLIST.href}/{each.id}/cabut"
    return (Action(title=title, note=note, post=where, fields=fields),)


@post("/office/daftar-hitam/{entry:str}/cabut", include_in_schema=False)
async def lift_post(request: AnyRequest, entry: FromPath[str]) -> AnyPage:
    """Propose that the entry ends; somebody else decides."""
    form, where = await desk_form(request, OFFICE), f"{BLACKLIST.href}/{entry}"
    async with app_of(request).connection() as connection:
        found = await member(request, connection, OFFICE, BLACKLIST_ADD)
        if (reason := reason_of(form, most=REASON_CHARS_MAX)) is None:
            return go(f"{where}?pesan=alasan")
        id_ = entry_id(entry)
        each = await check_lifting(connection, id_, reason=reason)
        if isinstance(each, Refusal):
            return asked_for(request, each, where, "")
        data = {"name": each.reason}
        return await propose_page(request, connection, found, LIFT, id_, data, reason=reason, back=where)


BLACKLIST_ROUTES = [blacklist_page, search_post, add_post, entry_page, lift_post]
