"""What one proposed and another decides: the queue, and one proposal with its decision."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from konter.access.four_eyes.decide import decide
from konter.access.four_eyes.model import Proposal
from konter.access.four_eyes.propose import find_proposal, waiting_proposals
from konter.access.four_eyes.refusals import PROPOSAL_NOT_FOUND
from konter.access.staff.people import staff_names
from konter.platform.audit import AuditLine, audit_of
from konter.platform.cursor import cursor_of, cursor_text
from konter.platform.ids import ProposalId
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.desk.done import list_notice, notice
from konter.web.desk.errors import BACK
from konter.web.desk.frame import Member, desk_form, desk_page, member, roles_text
from konter.web.desk.reasons import reason_field, reason_of
from konter.web.desk.story import audit_story, names_in
from konter.web.desk.tables import address
from konter.web.desk.views import Action, Badge, BadgeTone, Cell, Column, Fact, Facts, Field, ListView, Table, ThingView
from konter.web.office.places import BLACKLIST, OFFICE, PROPOSALS, SALES, STAFF
from konter.web.pages import AnyPage, go, id_of
from konter.web.views import Alert

PAGE = 50
TONES: Mapping[str, BadgeTone] = {"waiting": "info", "approved": "ok", "rejected": "error", "lapsed": "plain"}
SUBJECTS: Mapping[str, str] = {
    "blacklist.lift": BLACKLIST.href,
    "staff.account": STAFF.href,
    "staff.totp_reset": STAFF.href,
    "staff.password_reset": STAFF.href,
}


@get("/office/usulan", include_in_schema=False)
async def proposals_page(request: AnyRequest, dari: FromQuery[str] = "", pesan: FromQuery[str] = "") -> Response[bytes]:
    """What waits, oldest first: of the kinds that this member of staff proposes or decides."""
    app = app_of(request)
    async with app.connection() as connection:
        found = await member(request, connection, OFFICE, PROPOSALS)
        rows = await waiting_proposals(
            connection, app.kinds, found.who, now=found.here.now, after=cursor_of(dari), limit=PAGE
        )
        names = await staff_names(connection, [each.subject_id for each in rows if each.kind.startswith("staff.")])
    words = found.words
    last = rows[-1] if len(rows) == PAGE else None
    table = Table(
        id="proposals",
        title=words.t("office.waiting"),
        columns=tuple(
            Column(name=words.t(key))
            for key in ("desk.column.what", "desk.column.reason", "desk.column.asked_by", "desk.column.due")
        ),
        rows=tuple(_row(found, each, names) for each in rows),
        empty=words.t("desk.all_done"),
        next_href=address(PROPOSALS.href, dari=cursor_text(last.proposed_at, last.id)) if last else "",
        first_href=PROPOSALS.href if dari else "",
        refresh_href=address(PROPOSALS.href, dari=dari),
    )
    view = ListView(title=words.t("office.proposals.title"), note=words.t("office.proposals.note"), tables=(table,))
    return desk_page(request, OFFICE, "desk/list.html", list_notice(found, view, pesan))


def _row(found: Member, each: Proposal, names: Mapping[int, str]) -> tuple[Cell, ...]:
    words, due = found.words, found.words.due(each.expires_at, found.here.now)
    own = words.t("office.proposals.own") if _is_own(found, each) else ""
    return (
        Cell(text=kind_text(found, each.kind), href=f"{PROPOSALS.href}/{each.id}", sub=subject_text(each, names)),
        Cell(text=each.reason),
        Cell(text=each.proposer, sub=own or words.ago(each.proposed_at, found.here.now)),
        Cell(text=due.text, badge=due.tone),
    )


def kind_text(found: Member, kind: str) -> str:
    """What is proposed, in words."""
    return found.words.known(f"office.proposal_kind.{kind}", kind)


def _is_own(found: Member, each: Proposal) -> bool:
    return found.who.user_id in (each.proposed_by, each.subject_id)


def subject_text(each: Proposal, names: Mapping[int, str]) -> str:
    """Whom or what it is about, as people call it."""
    return str(each.data.get("name") or each.data.get("code") or names.get(each.subject_id, each.subject_id))


@get("/office/usulan/{proposal:str}", include_in_schema=False)
async def proposal_page(request: AnyRequest, proposal: FromPath[str], pesan: FromQuery[str] = "") -> AnyPage:
    """One proposal: what, why, by whom, and the decision."""
    app = app_of(request)
    async with app.connection() as connection:
        found = await member(request, connection, OFFICE, PROPOSALS)
        each = await find_proposal(connection, app.kinds, found.who, proposal_id(proposal))
        if isinstance(each, Refusal):
            raise Refused(each)
        lines = await audit_of(connection, [each.subject_id])
        names = await names_in(connection, lines, f"staff:{each.subject_id}", f"staff:{each.decided_by or 0}")
    return desk_page(request, OFFICE, "desk/thing.html", notice(found, _thing(found, each, lines, names), pesan))


def proposal_id(text: str) -> int:
    """An id as it stands in an address."""
    if not (id_ := id_of(text)):
        raise Refused(PROPOSAL_NOT_FOUND())
    return id_


def _thing(found: Member, each: Proposal, lines: Sequence[AuditLine], names: Mapping[int, str]) -> ThingView:
    words, none = found.words, found.words.t("desk.none")
    root, code = SUBJECTS.get(each.kind, ""), each.data.get("code")
    about = [
        Fact(
            label=words.t("desk.column.what"),
            text=subject_text(each, names),
            href=f"{root}/{each.subject_id}" if root else f"{SALES.href}/{code}" if code else "",
        ),
        Fact(label=words.t("desk.column.reason"), text=each.reason),
        Fact(label=words.t("desk.column.asked_by"), text=each.proposer, note=words.long(each.proposed_at)),
        Fact(label=words.t("desk.column.due"), text=words.long(each.expires_at)),
    ]
    if each.decided_at is not None:
        who = names.get(each.decided_by or 0, none)
        about.append(
            Fact(
                label=words.t("office.proposals.decided"),
                text=who,
                note=f"{words.long(each.decided_at)} {each.decided_why or ''}".strip(),
            )
        )
    asked = tuple(
        Fact(label=words.known(f"office.proposal_data.{name}", name), text=_said(found, name, value) or none)
        for name, value in each.data.items()
        if name != "name"
    )
    return ThingView(
        title=kind_text(found, each.kind),
        kind=words.t("office.proposals.one"),
        back_href=PROPOSALS.href,
        back_name=words.t("office.proposals.title"),
        badges=(Badge(text=words.t(f"office.proposal_state.{each.state}"), tone=TONES[each.state]),),
        facts=(
            Facts(title=words.t("office.items.about"), facts=tuple(about)),
            *((Facts(title=words.t("office.proposals.asked"), facts=asked),) if asked else ()),
        ),
        story=tuple(audit_story(lines, words, names)),
        actions=_actions(found, each),
    )


def _said(found: Member, name: str, value: Any) -> str:
    if name == "roles":
        return roles_text(found.words, tuple(value))
    if name == "delivered":
        return found.words.t(f"office.outcome.{'delivered' if value else 'not_delivered'}")
    if name == "taken_back":
        return found.words.t(f"office.outcome.{'taken_back' if value else 'not_taken_back'}")
    if name == "area":
        return str(value or found.words.t("office.staff.everywhere"))
    return str(value or "")


def _actions(found: Member, each: Proposal) -> tuple[Action, ...]:
    words, title = found.words, found.words.t("office.proposals.decide")
    kind = found.here.app.kinds[each.kind]
    refusal = each.refusal_for(found.who, permission=kind.decide, now=found.here.now)
    if refusal is not None:
        why = words.t("desk.forbidden") if refusal.code == "FORBIDDEN" else words.sentence(refusal)
        return (Action(title=title, why_not=why),)
    where = f"{PROPOSALS.href}/{each.id}"
    return tuple(
        Action(
            title=words.t(f"office.proposals.{verb}"),
            note=words.t(f"office.proposals.{verb}_note"),
            post=where,
            tone="primary" if verb == "approve" else "danger",
            fields=(
                Field(name="setuju", label="", kind="hidden", value=value),
                reason_field(words, name="why"),
            ),
        )
        for verb, value in (("approve", "ya"), ("reject", "tidak"))
    )


@post("/office/usulan/{proposal:str}", include_in_schema=False)
async def decide_post(request: AnyRequest, proposal: FromPath[str]) -> AnyPage:
    """Approve or reject, with a reason. What an approval gives, such as a first password, is shown this once."""
    form, where, app = await desk_form(request, OFFICE), f"{PROPOSALS.href}/{proposal}", app_of(request)
    why, approve = reason_of(form, name="why"), form.text("setuju") == "ya"
    async with app.connection() as connection:
        found = await member(request, connection, OFFICE, PROPOSALS)
        each = await find_proposal(connection, app.kinds, found.who, proposal_id(proposal))
        if isinstance(each, Refusal):
            raise Refused(each)
    request.scope["state"][BACK] = where
    if why is None:
        return go(f"{where}?pesan=alasan")
    here = found.here
    ruled = await decide(
        app.pool,
        app.passwords,
        app.kinds,
        ProposalId(each.id),
        approve=approve,
        why=why,
        principal=found.who,
        origin=here.origin,
        **here.step,
    )
    if isinstance(ruled, Refusal):
        raise Refused(ruled)
    if "password" in ruled.result:
        return _handed_over(request, found, each, ruled.result)
    return go(f"{PROPOSALS.href}?pesan={'setuju' if approve else 'tolak'}")


def _handed_over(request: AnyRequest, found: Member, each: Proposal, result: Mapping[str, Any]) -> AnyPage:
    """The first password: it stands on this page alone, which is kept nowhere."""
    words = found.words
    view = ThingView(
        title=kind_text(found, each.kind),
        kind=words.t("office.proposals.one"),
        back_href=PROPOSALS.href,
        back_name=words.t("office.proposals.title"),
        badges=(Badge(text=words.t("office.proposal_state.approved"), tone="ok"),),
        facts=(
            Facts(
                title=words.t("office.proposals.first_password"),
                facts=(
                    Fact(label=words.t("outlet.login.username"), text=str(result["username"])),
                    Fact(label=words.t("outlet.login.password"), text=str(result["password"])),
                ),
            ),
        ),
        story=None,
        actions=(Action(title=words.t("office.proposals.title"), href=PROPOSALS.href),),
        alert=Alert(tone="warn", sentence=words.t("office.proposals.shown_once")),
    )
    return desk_page(request, OFFICE, "desk/thing.html", view)


PROPOSAL_ROUTES = [proposals_page, proposal_page, decide_post]
