"""The legal documents, readable by anybody. [D-63, D-75]"""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import PathParameter, QueryParameter

from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of
from konter.platform.i18n import locale_of
from konter.terms.accept import documents_in_force, read_document
from konter.terms.history import history_of
from konter.terms.model import Document
from konter.terms.refusals import UNKNOWN_DOCUMENT


class DocumentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A document in force, without its words."""

    document: str
    version: str
    valid_from: datetime
    title: str


class DocumentsView(msgspec.Struct, frozen=True, kw_only=True):
    """The documents that a user has to accept."""

    items: list[DocumentLine]


class DocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """One version in the caller's language; paragraphs stand apart by an empty line."""

    document: str
    version: str
    valid_from: datetime
    title: str
    text: str


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a document. It counts from `valid_from` until the next one does."""

    version: str
    valid_from: datetime
    in_force: bool


class VersionsView(msgspec.Struct, frozen=True, kw_only=True):
    """Every version of a document, the newest first."""

    document: str
    items: list[VersionView]


@get("/documents", tags=["terms"], opt=says("anybody"))
async def get_documents(request: AnyRequest) -> DocumentsView:
    """The documents in force."""
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        documents = await documents_in_force(connection, at=now, rules=await app.rules(connection, now))
    return DocumentsView(
        items=[
            DocumentLine(
                document=document.code,
                version=document.version,
                valid_from=document.valid_from,
                title=_in_language(request, document)[0],
            )
            for document in documents
        ]
    )


@get("/documents/{code:str}", tags=["terms"], opt=says("anybody", UNKNOWN_DOCUMENT))
async def get_document(
    code: Annotated[str, PathParameter(max_length=60)],
    request: AnyRequest,
    version: Annotated[str | None, QueryParameter(max_length=20, description="left out: the one in force")] = None,
) -> DocumentView:
    """A document's words; every version is kept for ever."""
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        document = accepted(await read_document(connection, code, version=version, at=now))
    title, words = _in_language(request, document)
    return DocumentView(
        document=document.code, version=document.version, valid_from=document.valid_from, title=title, text=words
    )


@get("/documents/{code:str}/versions", tags=["terms"], opt=says("anybody", UNKNOWN_DOCUMENT))
async def list_versions(code: Annotated[str, PathParameter(max_length=60)], request: AnyRequest) -> VersionsView:
    """All versions of a document, those to come too. A new one counts without notice from its moment on. [T-02]"""
    app, now = app_of(request), app_of(request).clock.now()
    async with app.connection() as connection:
        history = accepted(await history_of(connection, code, version=None, at=now))
    return VersionsView(
        document=code,
        items=[
            VersionView(version=each.version, valid_from=each.valid_from, in_force=each.version == history.in_force)
            for each in history.versions
        ],
    )


def _in_language(request: AnyRequest, document: Document) -> tuple[str, str]:
    if locale_of(request.headers.get("accept-language")) == "en":
        return document.title_en, document.text_en
    return document.title_id, document.text_id


DOCUMENT_ROUTES = [get_documents, get_document, list_versions]
