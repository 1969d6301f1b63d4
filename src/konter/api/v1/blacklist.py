"""The blacklist for staff: who may not register as a seller again. [D-96]"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from konter.access.four_eyes.refusals import ALREADY_PROPOSED
from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_staff
from konter.api.v1.bodies import Body, Reason
from konter.api.v1.proposals import ProposalIdView, propose_for
from konter.channel.onboarding.nik import read_nik
from konter.channel.onboarding.refusals import NIK_INVALID
from konter.conduct.blacklist import blacklist, blacklist_entries, find_entries
from konter.conduct.lifting import LIFT, check_lifting
from konter.conduct.model import EVIDENCE_CHARS_MAX, REASON_CHARS_MAX, Blacklisting, Entry, EntryKind, Suspects
from konter.conduct.refusals import ALREADY_BLACKLISTED, BLACKLIST_ENTRY_LIFTED, BLACKLIST_ENTRY_NOT_FOUND
from konter.platform.clock import business_day
from konter.platform.refusal import Refused
from konter.subscriber.msisdn import parse_msisdn
from konter.subscriber.refusals import BAD_MSISDN

ID_MAX = 2**63 - 1
NIK_KIND = "nik"
EntryPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
EntryKindName = Annotated[EntryKind, msgspec.Meta(examples=["nik"])]
Value = Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["3273014107900001"])]
Why = Annotated[str, msgspec.Meta(min_length=3, max_length=REASON_CHARS_MAX, examples=["voucher palsu"])]
Evidence = Annotated[str, msgspec.Meta(max_length=EVIDENCE_CHARS_MAX, examples=["berita acara 12/2026"])]


class SuspectBody(Body, frozen=True):
    """A NIK, or a number that somebody sold or was called with."""

    kind: EntryKindName
    value: Value


class NewEntryBody(SuspectBody, frozen=True):
    """Whom to keep out, why, and where the evidence is."""

    reason: Why
    evidence: Evidence = ""


class LiftEntryBody(Body, frozen=True):
    """Why the entry is to end."""

    reason: Reason


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry. What it is about is kept as a keyed hash only: whoever knows the NIK or number finds it."""

    id: str
    kind: str
    reason: str
    evidence: str
    since: datetime
    added_by: str
    lifted_at: datetime | None
    lift_reason: str | None

    @classmethod
    def of(cls, entry: Entry) -> "EntryView":
        """What staff see of an entry."""
        shown = {name: value for name, value in msgspec.structs.asdict(entry).items() if name != "key"}
        return cls(**{**shown, "id": str(entry.id)})


class EntryList(msgspec.Struct, frozen=True):
    """Newest first, a hundred at most; the next page begins `after` the last one's id."""

    items: list[EntryView]


class EntryIdView(msgspec.Struct, frozen=True):
    """The entry that keeps somebody out now."""

    id: str


@get("/blacklist", tags=["conduct"], opt=says("staff"))
async def list_blacklist(
    request: AnyRequest,
    after: Annotated[int, QueryParameter(ge=0, le=ID_MAX)] = 0,
    show: FromQuery[Literal["live", "all"]] = "live",
) -> EntryList:
    """Who is kept out; `show=all`: also who was."""
    require_staff(await principal(request), "blacklist.look")
    async with app_of(request).connection() as connection:
        entries = await blacklist_entries(connection, live_only=show == "live", after=after, limit=100)
    return EntryList([EntryView.of(entry) for entry in entries])


@post("/blacklist/search", status_code=200, tags=["conduct"], opt=says("staff", BAD_MSISDN, NIK_INVALID))
async def search_blacklist(data: JSONBody[SuspectBody], request: AnyRequest) -> EntryList:
    """What was ever said against a NIK or a number. It is sent in the body, so that no log of addresses holds it."""
    staff = require_staff(await principal(request), "blacklist.look")
    app, now = app_of(request), app_of(request).clock.now()
    suspect = _suspect(data, now)
    actor = actor_of(staff, origin_of(request))
    async with app.connection() as connection:
        found = await find_entries(connection, suspect, actor=actor, now=now, ids=app.ids, keys=app.keys)
    return EntryList([EntryView.of(entry) for entry in found])


@post("/blacklist", tags=["conduct"], opt=says("staff", BAD_MSISDN, NIK_INVALID, ALREADY_BLACKLISTED))
async def add_to_blacklist(data: JSONBody[NewEntryBody], request: AnyRequest) -> EntryIdView:
    """Keep a NIK or a number out, from now on."""
    staff = require_staff(await principal(request), "blacklist.add")
    app, now = app_of(request), app_of(request).clock.now()
    suspect = _suspect(data, now)
    new = Blacklisting(
        kind=data.kind,
        reason=data.reason,
        evidence=data.evidence,
        nik=suspect.niks[0] if suspect.niks else None,
        msisdn=suspect.numbers[0] if suspect.numbers else None,
    )
    actor = actor_of(staff, origin_of(request))
    async with app.connection() as connection:
        (outcome,) = await blacklist(connection, [new], actor=actor, now=now, ids=app.ids, keys=app.keys)
    return EntryIdView(str(accepted(outcome)))


@post(
    "/blacklist/{entry:int}/lift",
    tags=["conduct"],
    opt=says("staff", BLACKLIST_ENTRY_NOT_FOUND, BLACKLIST_ENTRY_LIFTED, ALREADY_PROPOSED),
)
async def propose_lift(entry: EntryPath, data: JSONBody[LiftEntryBody], request: AnyRequest) -> ProposalIdView:
    """Propose that an entry ends; somebody else decides."""
    caller = require_staff(await principal(request), "blacklist.add")
    async with app_of(request).connection() as connection:
        each = accepted(await check_lifting(connection, entry, reason=data.reason))
    return await propose_for(request, caller, LIFT, entry, {"name": each.reason}, data.reason)


def _suspect(data: SuspectBody, now: datetime) -> Suspects:
    if data.kind == NIK_KIND:
        return Suspects(niks=(accepted(read_nik(data.value, today=business_day(now))).digits,))
    if (msisdn := parse_msisdn(data.value)) is None:
        raise Refused(BAD_MSISDN(msisdn=data.value))
    return Suspects(numbers=(msisdn,))


BLACKLIST_ROUTES = [list_blacklist, search_blacklist, add_to_blacklist, propose_lift]
