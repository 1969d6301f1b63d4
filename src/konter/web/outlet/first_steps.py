"""What stands before everything else: an own password, the documents, a PIN; and changing the first and the last."""

import msgspec
from litestar import get, post

from konter.access.change_password import change_password
from konter.access.set_pin import set_pin
from konter.platform.audit import Actor
from konter.platform.db import Connection
from konter.terms.accept import agree, documents_in_force
from konter.terms.model import Document, DocumentRef, paragraphs
from konter.web.app import AnyRequest, app_of
from konter.web.outlet.access_views import PasswordView, PinView, TermsView
from konter.web.outlet.login import NEXT_PAGES, refused, require_session
from konter.web.outlet.visit import Seller, seller
from konter.web.pages import AnyPage, Form, go, locale, page, posted, words
from konter.web.views import Alert, DocumentView
from konter.web.visit import Visit, visit

DOCUMENTS_MAX = 10


def unusable(request: AnyRequest, form: Form, length_min: int) -> Alert | None:
    """What is wrong with a new password before any rule of access is asked: one fault at a time, the plainest first."""
    if len(form.secret("new")) < length_min:
        return Alert(tone="error", sentence=words(request).t("password.short", n=length_min))
    return None if form.secret("new") == form.secret("again") else differ(request, "password.differ")


def differ(request: AnyRequest, key: str) -> Alert:
    """Two fields that must be the same are not."""
    return Alert(tone="error", sentence=words(request).t(key))


@get("/outlet/sandi", include_in_schema=False)
async def password_page(request: AnyRequest) -> AnyPage:
    """Change the own password; after the initial one this is the only page. [D-07]"""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here, "change_password", "ready")
    return page(request, "outlet/password.html", _password_view(here, found))


@post("/outlet/sandi", include_in_schema=False)
async def password_post(request: AnyRequest) -> AnyPage:
    """Save the new password, then whatever comes next."""
    form = await posted(request)
    app = app_of(request)
    async with app.connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here, "change_password", "ready")
    view = _password_view(here, found)
    if (alert := unusable(request, form, view.length_min)) is not None:
        return page(request, "outlet/password.html", msgspec.structs.replace(view, alert=alert), status=422)
    outcome = await change_password(
        app.pool,
        app.passwords,
        found.who,
        old=form.secret("old"),
        new=form.secret("new"),
        origin=here.origin,
        **here.step,
    )
    if outcome is not None:
        require_session(outcome)
        alert = refused(request, outcome)
        return page(request, "outlet/password.html", msgspec.structs.replace(view, alert=alert), status=outcome.status)
    return go("/outlet?pesan=sandi")


@get("/outlet/ketentuan", include_in_schema=False)
async def terms_page(request: AnyRequest) -> AnyPage:
    """The documents that are still to be accepted; whoever does not agree can only log out. [D-103]"""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here, "accept_terms", "set_pin", "ready")
        view = await _terms_view(request, connection, here, found)
    return page(request, "outlet/terms.html", view) if view.documents else go(NEXT_PAGES.get(found.who.next, "/outlet"))


@post("/outlet/ketentuan", include_in_schema=False)
async def terms_post(request: AnyRequest) -> AnyPage:
    """Agree to exactly the versions that were shown. [D-63, D-75]"""
    form = await posted(request)
    refs = [DocumentRef(*text.partition("@")[::2]) for text in form.every("accept")[:DOCUMENTS_MAX]]
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here, "accept_terms")
        who = found.who
        outcome = await agree(
            connection,
            who.user_id,
            refs,
            session_id=who.session_id,
            actor=Actor("outlet_user", who.user_id, who.session_id, here.origin.address, here.origin.agent),
            now=here.now,
            ids=here.app.ids,
            rules=here.rules,
        )
        if outcome is not None:
            view = await _terms_view(request, connection, here, found)
            view = msgspec.structs.replace(view, alert=refused(request, outcome))
            return page(request, "outlet/terms.html", view, status=outcome.status)
    return go("/outlet")


@get("/outlet/pin", include_in_schema=False)
async def pin_page(request: AnyRequest) -> AnyPage:
    """Set the first PIN; to change one, password and OTP are asked first."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here, "set_pin", "ready")
    if found.who.next == "ready":
        return go("/outlet/lupa-pin")
    return page(request, "outlet/pin.html", PinView(action="/outlet/pin", first=True))


@post("/outlet/pin", include_in_schema=False)
async def pin_post(request: AnyRequest) -> AnyPage:
    """Save the first PIN: from now on this user sells."""
    form = await posted(request)
    view = PinView(action="/outlet/pin", first=True)
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        found = await seller(request, connection, here, "set_pin")
        if form.text("pin") != form.text("again"):
            alert = differ(request, "pin.differ")
            return page(request, "outlet/pin.html", msgspec.structs.replace(view, alert=alert), status=422)
        outcome = await set_pin(connection, found.who, form.text("pin"), origin=here.origin, **here.step)
    if outcome is not None:
        alert = refused(request, outcome)
        return page(request, "outlet/pin.html", msgspec.structs.replace(view, alert=alert), status=outcome.status)
    return go("/outlet?pesan=pin")


def document_view(document: Document, language: str) -> DocumentView:
    """A document in the reader's language, cut into paragraphs."""
    english = language == "en"
    body = document.text_en if english else document.text_id
    return DocumentView(
        code=document.code,
        version=document.version,
        title=document.title_en if english else document.title_id,
        paragraphs=paragraphs(body),
        valid_from=document.valid_from,
    )


async def _terms_view(request: AnyRequest, connection: Connection, here: Visit, found: Seller) -> TermsView:
    missing = {(ref.document, ref.version) for ref in found.who.missing_documents}
    documents = await documents_in_force(connection, at=here.now, rules=here.rules)
    language = locale(request)
    return TermsView(
        documents=tuple(document_view(each, language) for each in documents if (each.code, each.version) in missing)
    )


def _password_view(here: Visit, found: Seller) -> PasswordView:
    return PasswordView(
        action="/outlet/sandi",
        ask_old=True,
        forced=found.who.next == "change_password",
        length_min=here.rules.auth.password_min_length,
        username=found.who.username,
    )
