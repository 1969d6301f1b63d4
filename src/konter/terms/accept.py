"""Agree to documents, and see which are in force and which were agreed to."""

from collections.abc import Sequence
from datetime import datetime

from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.ids import IdBlocks, SessionId, UserId, cell_of_id
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.terms import queries
from konter.terms.model import Acceptance, Document, DocumentRef
from konter.terms.refusals import DOCUMENT_NOT_IN_FORCE, UNKNOWN_DOCUMENT


async def agree(
    connection: Connection,
    user_id: UserId,
    refs: Sequence[DocumentRef],
    *,
    session_id: SessionId,
    actor: Actor,
    now: datetime,
    ids: IdBlocks,
    rules: Rules,
) -> Refusal | None:
    """Record a click on "Agree" for versions in force; again is no harm. All or nothing. [D-63, D-75, D-103]"""
    in_force = {d.code: d.version for d in await documents_in_force(connection, at=now, rules=rules)}
    for ref in refs:
        if ref.document not in in_force:
            return UNKNOWN_DOCUMENT()
        if ref.version != in_force[ref.document]:
            return DOCUMENT_NOT_IN_FORCE(version=in_force[ref.document])
    own = await ids.reserve(connection, 1)
    async with connection.transaction():
        await queries.insert_acceptances(
            connection,
            [
                Acceptance(
                    user_id=user_id, code=r.document, version=r.version, way="agreed", at=now, session_id=session_id
                )
                for r in refs
            ],
        )
        accepted = [f"{ref.document} {ref.version}" for ref in refs]
        row = AuditRow(cell_of_id(user_id), now, actor, "terms.agreed", user_id, {"documents": accepted})
        await write_audit(connection, own, [row])
    return None


async def record_acceptances(connection: Connection, acceptances: Sequence[Acceptance]) -> None:
    """Acceptances decided elsewhere (deemed ones at a login, those brought along by an import), in the caller's
    transaction. Only versions that are stored.
    """
    if acceptances:
        await queries.insert_acceptances(connection, acceptances)


async def carry_acceptances(connection: Connection, pairs: Sequence[tuple[UserId, UserId]]) -> None:
    """What users agreed to holds for other rows of theirs too, as (user, other row), in the caller's transaction."""
    await queries.copy_acceptances(connection, pairs)


async def documents_in_force(connection: Connection, *, at: datetime, rules: Rules) -> list[Document]:
    """The documents that the rules ask for, each in its newest version whose day has come, in the rules' order."""
    documents = await queries.read_documents_in_force(connection, codes=rules.terms.documents, at=at)
    return sorted(documents, key=lambda document: rules.terms.documents.index(document.code))


async def read_document(connection: Connection, code: str, *, version: str | None, at: datetime) -> Refusal | Document:
    """A version asked for, or the one in force. [D-63]"""
    if not f"{code}{version}".isprintable():
        return UNKNOWN_DOCUMENT()
    if version is not None:
        document = await queries.read_document(connection, code=code, version=version)
    else:
        document = next(iter(await queries.read_documents_in_force(connection, codes=[code], at=at)), None)
    return document or UNKNOWN_DOCUMENT()


async def acceptances_of(connection: Connection, user_id: UserId) -> list[Acceptance]:
    """Which version a user accepted when and how, oldest first. [D-63]"""
    return await queries.read_acceptances(connection, user_id=user_id)
