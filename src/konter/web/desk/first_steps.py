"""What stands before a desk's work: an own password, and for Users the documents. [D-07, D-63, D-103]"""

from konter.access.change_password import change_password
from konter.platform.refusal import Refused
from konter.terms.accept import agree, documents_in_force
from konter.terms.model import DocumentRef
from konter.web.app import AnyRequest, app_of
from konter.web.desk.door import Desk
from konter.web.desk.frame import Member, desk_form, desk_page, member, refused_alert
from konter.web.desk.views import Field, LoginView, TermsView
from konter.web.outlet.first_steps import DOCUMENTS_MAX, document_view
from konter.web.pages import AnyPage, go
from konter.web.views import Alert


async def password_page(request: AnyRequest, desk: Desk) -> AnyPage:
    """Change the own password; after a given one this is the only page."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, desk, None, "change_password", "ready")
    return desk_page(request, desk, "desk/login.html", _password_view(found))


def _password_view(found: Member, alert: Alert | None = None) -> LoginView:
    words, forced = found.words, found.who.next == "change_password"
    hint = words.t("outlet.password.hint", n=found.here.rules.auth.password_min_length)
    return LoginView(
        title=words.t("outlet.password.title"),
        note=words.t("outlet.password.forced") if forced else "",
        action=f"{found.desk.root}/sandi",
        button=words.t("outlet.password.go"),
        fields=(
            Field(
                name="old",
                label=words.t("outlet.password.initial" if forced else "outlet.password.old"),
                kind="password",
                length_max=128,
            ),
            Field(name="new", label=words.t("outlet.password.new"), kind="password", length_max=128, hint=hint),
            Field(name="again", label=words.t("outlet.password.again"), kind="password", length_max=128),
        ),
        alert=alert,
    )


async def password_post(request: AnyRequest, desk: Desk) -> AnyPage:
    """Save the new password, then whatever comes next."""
    form, app = await desk_form(request, desk), app_of(request)
    async with app.connection() as connection:
        found = await member(request, connection, desk, None, "change_password", "ready")
    if form.secret("new") != form.secret("again"):
        alert = Alert(tone="error", sentence=found.words.t("outlet.password.differ"))
        return desk_page(request, desk, "desk/login.html", _password_view(found, alert), status=422)
    outcome = await change_password(
        app.pool,
        app.passwords,
        found.who,
        old=form.secret("old"),
        new=form.secret("new"),
        origin=found.here.origin,
        **found.here.step,
    )
    if outcome is None:
        return go(f"{desk.root}/akun?pesan=sandi" if found.who.next == "ready" else desk.root)
    if outcome.code == "SESSION_EXPIRED":
        raise Refused(outcome)
    view = _password_view(found, refused_alert(found.words, outcome))
    return desk_page(request, desk, "desk/login.html", view, status=outcome.status)


async def terms_page(request: AnyRequest, desk: Desk, *, alert: Alert | None = None) -> AnyPage:
    """The documents that are still to be accepted; whoever does not agree can only log out."""
    async with app_of(request).connection() as connection:
        found = await member(request, connection, desk, None, "accept_terms", "set_pin", "ready")
        documents = await documents_in_force(connection, at=found.here.now, rules=found.here.rules)
    missing = {(ref.document, ref.version) for ref in found.who.missing_documents}
    shown = tuple(document_view(each, found.words.locale) for each in documents if (each.code, each.version) in missing)
    view = TermsView(documents=shown, alert=alert)
    return desk_page(request, desk, "desk/terms.html", view) if shown else go(desk.root)


async def terms_post(request: AnyRequest, desk: Desk) -> AnyPage:
    """Agree to exactly the versions that were shown."""
    form = await desk_form(request, desk)
    refs = [DocumentRef(*text.partition("@")[::2]) for text in form.every("accept")[:DOCUMENTS_MAX]]
    async with app_of(request).connection() as connection:
        found = await member(request, connection, desk, None, "accept_terms")
        outcome = await agree(
            connection,
            found.who.user_id,
            refs,
            session_id=found.who.session_id,
            actor=found.actor,
            now=found.here.now,
            ids=found.here.app.ids,
            rules=found.here.rules,
        )
    if outcome is not None:
        return await terms_page(request, desk, alert=refused_alert(found.words, outcome))
    return go(desk.root)
