"""The versions of a document, which of them is in force, and what changed. For anybody. [T-02]"""

from datetime import datetime

import msgspec

from konter.platform.db import Connection
from konter.platform.refusal import Refusal
from konter.rules.model import Rules
from konter.terms import queries
from konter.terms.model import CUSTOMER_TERMS, Document, VersionLine
from konter.terms.refusals import UNKNOWN_DOCUMENT

VERSIONS_MAX = 100


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A version, the one before it, and all versions newest first. `in_force`: which counts now, if any does."""

    document: Document
    before: Document | None
    versions: tuple[VersionLine, ...]
    in_force: str | None


async def public_documents(connection: Connection, *, at: datetime, rules: Rules) -> list[Document]:
    """The documents in force that anybody may read: those that sellers agree to, and what binds customers by use."""
    codes = list(dict.fromkeys([*rules.terms.documents, CUSTOMER_TERMS]))
    documents = await queries.read_documents_in_force(connection, codes=codes, at=at)
    return sorted(documents, key=lambda document: codes.index(document.code))


async def version_in_force(connection: Connection, code: str, *, at: datetime) -> str | None:
    """The version of a document that counts at a moment: from its first one on, without notice of any kind. [T-02]"""
    return next((each.version for each in await queries.read_documents_in_force(connection, codes=[code], at=at)), None)


async def history_of(connection: Connection, code: str, *, version: str | None, at: datetime) -> Refusal | History:
    """A version of a document, else the one in force, among all its versions."""
    if not f"{code}{version}".isprintable():
        return UNKNOWN_DOCUMENT()
    versions = await queries.read_versions(connection, code=code, limit=VERSIONS_MAX)
    in_force = next((each.version for each in versions if each.valid_from <= at), None)
    wanted = version or in_force
    place = next((n for n, each in enumerate(versions) if each.version == wanted), None)
    if place is None:
        return UNKNOWN_DOCUMENT()
    document = await queries.read_document(connection, code=code, version=versions[place].version)
    assert document is not None, "a stored version is never deleted"
    earlier = versions[place + 1].version if place + 1 < len(versions) else None
    before = await queries.read_document(connection, code=code, version=earlier) if earlier else None
    return History(document=document, before=before, versions=tuple(versions), in_force=in_force)
