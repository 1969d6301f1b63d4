"""The legal documents for anybody: what is in force, every version ever, and what changed. [D-63, D-105, T-02]"""

from datetime import datetime

from litestar import get
from litestar.params import FromPath, FromQuery

from konter.platform.refusal import NOT_FOUND, Refusal, Refused
from konter.terms.history import History, history_of, public_documents
from konter.terms.model import Document, changes_between
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.first_steps import document_view
from konter.web.pages import AnyPage, locale, page
from konter.web.public.views import ChangeLine, DocumentPageView, DocumentsView, VersionLink
from konter.web.visit import visit

VERSION_CHARS_MAX = 20
CODE_CHARS_MAX = 60


@get("/dokumen", include_in_schema=False)
async def documents_page(request: AnyRequest) -> AnyPage:
    """The documents in force, without log-in."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        documents = await public_documents(connection, at=here.now, rules=here.rules)
    language = locale(request)
    view = DocumentsView(documents=tuple(document_view(each, language) for each in documents))
    return page(request, "public/documents.html", view)


@get("/dokumen/{code:str}", include_in_schema=False)
async def document_page(request: AnyRequest, code: FromPath[str], versi: FromQuery[str] = "") -> AnyPage:
    """One document: the version in force, or the one that is asked for, with its history. [D-63, T-02]"""
    if "\0" in code + versi:
        raise Refused(NOT_FOUND())
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await history_of(
            connection, code[:CODE_CHARS_MAX], version=versi[:VERSION_CHARS_MAX] or None, at=here.now
        )
    if isinstance(found, Refusal):
        raise Refused(found)
    return page(request, "public/document.html", _view(found, locale(request), here.now))


def _view(found: History, language: str, now: datetime) -> DocumentPageView:
    def state(version: str, valid_from: datetime) -> str:
        return "coming" if valid_from > now else "in_force" if version == found.in_force else "past"

    shown, before = found.document, found.before
    changes = changes_between(_text(before, language), _text(shown, language)) if before else ()
    return DocumentPageView(
        document=document_view(shown, language),
        state=state(shown.version, shown.valid_from),
        before=before.version if before else "",
        changes=tuple(ChangeLine(gone=each.kind == "gone", paragraph=each.paragraph) for each in changes),
        versions=tuple(
            VersionLink(
                version=each.version,
                valid_from=each.valid_from,
                state=state(each.version, each.valid_from),
                here=each.version == shown.version,
            )
            for each in found.versions
        ),
    )


def _text(document: Document, language: str) -> str:
    return document.text_en if language == "en" else document.text_id


DOCUMENT_PAGES = [documents_page, document_page]
