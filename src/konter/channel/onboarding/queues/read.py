"""Look at applications: queues with counts and due times, one of them, and, logged, whom it is about. [D-05, D-55]"""

from datetime import datetime
from typing import Literal

from konter.access.step import Step
from konter.channel.geography.find import path_of
from konter.channel.onboarding import queries as onboarding_queries
from konter.channel.onboarding.model import Application, id_of_form
from konter.channel.onboarding.photo.queries import read_photo
from konter.channel.onboarding.queues import queries
from konter.channel.onboarding.queues.model import (
    PAGE_MAX,
    QUEUE_STATES,
    Counts,
    Dossier,
    Form,
    Identity,
    QueueLine,
    QueueState,
    form_of,
    identity_of,
)
from konter.channel.onboarding.refusals import (
    APPLICATION_NOT_FOUND,
    APPLICATION_SIGNED_OUT,
    PHOTO_NOT_FOUND,
)
from konter.channel.onboarding.scope import districts_of, visible
from konter.channel.onboarding.token import read_token
from konter.channel.onboarding.visitor import opens
from konter.channel.scope import Scope
from konter.conduct.blacklist import is_blacklisted
from konter.conduct.model import Suspects, nik_key
from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.cursor import Cursor
from konter.platform.db import Connection
from konter.platform.ids import ApplicationId, IdBlocks, cell_of_id
from konter.platform.refusal import Refusal
from konter.platform.secrets import Keys
from konter.rules.model import Rules
from konter.subscriber.msisdn import parse_msisdn

FOUND_MAX = 20
NIK_DIGITS = 16
REGION_DIGITS = 6


async def queue(
    connection: Connection,
    scope: Scope,
    state: QueueState | None,
    *,
    now: datetime,
    after: Cursor | None = None,
    limit: int = 50,
) -> list[QueueLine]:
    """What waits for the partner (`submitted`), the branch (`recommended`) or either (None), the earliest due first; at
    most 200, the next page from behind the `cursor` of the last line. Two queries, three for either. [G-D09]
    """
    districts, most = await _districts(connection, scope), min(limit, PAGE_MAX)
    lines: list[QueueLine] = []
    for each in QUEUE_STATES if state is None else (state,):  # one by one, as each state has an index of its own
        lines += await queries.read_queue(connection, scope, districts, state=each, now=now, after=after, limit=most)
    return sorted(lines, key=lambda line: (line.due_at, line.id))[:most]


async def counts(connection: Connection, scope: Scope, *, now: datetime) -> Counts:
    """How much waits, and how much of it is late. Two queries."""
    return await queries.read_counts(connection, scope, await _districts(connection, scope), now=now)


async def mine(
    connection: Connection, token: str, *, now: datetime, ids: IdBlocks, keys: Keys, rules: Rules
) -> Refusal | Form:
    """The applicant's own application. One query. APPLICATION_SIGNED_OUT."""
    claim = read_token(keys, token)
    found = await queries.read_found(connection, claim.application_id) if claim is not None else None
    step = Step(now=now, ids=ids, keys=keys, rules=rules)
    if claim is None or found is None or not opens(claim, found.application, step):
        return APPLICATION_SIGNED_OUT()
    return form_of(found.application, district=found.district, partner_name=found.partner_name, keys=keys, clear=True)


async def dossier(
    connection: Connection, scope: Scope, application_id: ApplicationId, *, keys: Keys
) -> Refusal | Dossier:
    """One application, masked, with what a person should know before judging it. APPLICATION_NOT_FOUND."""
    found = await queries.read_found(connection, application_id)
    if found is None or not await _sees(connection, scope, found.application):
        return APPLICATION_NOT_FOUND()
    application = found.application
    nik = keys.reveal(application.nik_sealed) if application.nik_sealed else ""
    suspects = Suspects(niks=(nik,) if nik else (), numbers=application.given)
    (entries,) = await is_blacklisted(connection, [suspects], keys=keys)
    code = f"{nik[:2]}.{nik[2:4]}.{nik[4:REGION_DIGITS]}"
    region = await path_of(connection, code) if nik else []
    return Dossier(
        form=form_of(application, district=found.district, partner_name=found.partner_name, keys=keys, clear=False),
        same_nik=tuple(
            await queries.read_same_nik(connection, application.nik_key, but=application.id)
            if application.nik_key
            else ()
        ),
        nik_region=", ".join(each.name for each in reversed(region)),
        blacklisted=tuple(entry.reason for entry in entries),
    )


async def find(connection: Connection, scope: Scope, text: str, *, keys: Keys) -> list[Form]:
    """By exact form number, number or NIK, the newest first; at most 20, masked. Two queries. [D-55]"""
    typed = text.strip()
    digits = typed.replace("-", "").replace(" ", "")
    msisdn = parse_msisdn(typed)
    is_nik = digits.isascii() and digits.isdigit() and len(digits) == NIK_DIGITS
    application_id = None if msisdn is not None or is_nik else id_of_form(typed)
    if msisdn is None and not is_nik and application_id is None:
        return []
    found = await queries.search(
        connection,
        scope,
        await _districts(connection, scope),
        application_id=application_id,
        msisdn=None if is_nik else msisdn,
        nik_key=nik_key(keys, digits) if is_nik else None,
        limit=FOUND_MAX,
    )
    return [
        form_of(each.application, district=each.district, partner_name=each.partner_name, keys=keys, clear=False)
        for each in found
    ]


async def identity(
    connection: Connection,
    scope: Scope,
    application_id: ApplicationId,
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
) -> Refusal | Identity:
    """Whom it is about, in the clear; that somebody looked stands in the audit. APPLICATION_NOT_FOUND. [D-55]"""
    found = await _looked_at(connection, scope, application_id, "identity", actor=actor, now=now, ids=ids)
    return found if isinstance(found, Refusal) else identity_of(found, keys)


async def photo(
    connection: Connection,
    scope: Scope,
    application_id: ApplicationId,
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    keys: Keys,
) -> Refusal | bytes:
    """The identity card as JPEG; that somebody looked stands in the audit. [D-55]

    APPLICATION_NOT_FOUND, PHOTO_NOT_FOUND once it was erased.
    """
    found = await _looked_at(connection, scope, application_id, "photo", actor=actor, now=now, ids=ids)
    if isinstance(found, Refusal):
        return found
    sealed = await read_photo(connection, application_id)
    return keys.reveal_bytes(sealed) if sealed is not None else PHOTO_NOT_FOUND()


async def _looked_at(
    connection: Connection,
    scope: Scope,
    application_id: ApplicationId,
    what: Literal["identity", "photo"],
    *,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
) -> Refusal | Application:
    found = await onboarding_queries.read_application(connection, application_id)
    if found is None or not await _sees(connection, scope, found):
        return APPLICATION_NOT_FOUND()
    own = await ids.reserve(connection, 1)
    row = AuditRow(cell_of_id(application_id), now, actor, f"application.{what}_seen", application_id, {})
    await write_audit(connection, own, [row])
    return found


async def _sees(connection: Connection, scope: Scope, application: Application) -> bool:
    return visible(application, scope, await districts_of(connection, scope))


async def _districts(connection: Connection, scope: Scope) -> list[str] | None:
    districts = await districts_of(connection, scope)
    return sorted(districts) if districts is not None else None
