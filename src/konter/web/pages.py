"""What every page needs from its request and gives with its answer: language, CSRF, cookies, weight, headers."""

import gzip
import re
from urllib.parse import parse_qsl, quote
from uuid import UUID

import msgspec
from litestar import MediaType, Response
from litestar.datastructures import Cookie

from konter.app import App
from konter.platform.i18n import Locale, locale_of
from konter.platform.refusal import CSRF_FAILED, MALFORMED_BODY, UNSUPPORTED_MEDIA_TYPE, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.csrf import csrf_holds, csrf_token, new_seed
from konter.web.modules import off_for
from konter.web.render import render
from konter.web.views import View
from konter.web.words import Words

SESSION_COOKIE = "konter_session"
SEED_COOKIE = "konter_form"
LANGUAGE_COOKIE = "lang"
LANGUAGE_TTL_S = 365 * 24 * 3600
FORM_TYPE = "application/x-www-form-urlencoded"
FIELDS_MAX = 40
ID_DIGITS_MAX = 18
OWN_PATH = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?")  # no "//host", no backslash, no line break
GZIP_FROM_BYTES = 400
URI_SIGNS = "%/:?#[]@!$&'()*+,;=~"  # stand in an address as they are
CUSTOMERS = ("/saya/perangkat", "/saya", "/poin/mitra", "/poin")  # pages that the answers to posts below them belong to
HOME_ZONE = "Asia/Jakarta"

# CSP 1.0 as Chrome 30 reads it; newer browsers also heed the later names.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self';"
    " worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
AnyPage = Response[bytes] | Response[None]
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Vary": "Accept-Encoding, Accept-Language, Cookie",
}


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """A way in: its home page and the cookies of whoever came through it, so that a seller, a member of staff and a
    partner can be logged in side by side in one browser.
    """

    root: str
    session: str
    seed: str
    path: str


OUTLET = Door(root="/outlet", session=SESSION_COOKIE, seed=SEED_COOKIE, path="/")


def locale(request: AnyRequest) -> Locale:
    """The visitor's language."""
    return locale_of(request.headers.get("accept-language"), request.cookies.get(LANGUAGE_COOKIE))


def words(request: AnyRequest, zone: str = HOME_ZONE) -> Words:
    """How to speak to this visitor."""
    return Words(locale(request), zone)


def page(
    request: AnyRequest,
    template: str,
    view: View,
    *,
    status: int = 200,
    keep: bool = False,
    headers: dict[str, str] | None = None,
    back: str = "",
) -> Response[bytes]:
    """A page as an answer. `keep` lets Back show it again as it was, which keeps a form's `client_ref`. `back` is where
    the answer to a post can be asked for again, as the language switch does.
    """
    app = app_of(request)
    seed, cookies = form_seed(request, app)
    html = render(
        template,
        view,
        locale=locale(request),
        zone=getattr(view, "zone", HOME_ZONE),
        csrf=csrf_token(app.keys, seed),
        path=way_back(request, asked_for=back),
        off=off_for(request),
    )
    response = Response(
        content=html.encode(),
        status_code=status,
        media_type=MediaType.HTML,
        headers={**HEADERS, "Cache-Control": "private, no-cache" if keep else "no-store", **(headers or {})},
        cookies=cookies,
    )
    return packed(request, response)


def packed(request: AnyRequest, response: Response[bytes]) -> Response[bytes]:
    """The same answer, gzipped where the browser takes it and it is worth it."""
    if "gzip" in request.headers.get("accept-encoding", "") and len(response.content) >= GZIP_FROM_BYTES:
        response.content = gzip.compress(response.content, 6, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    return response


def go(where: str, *, cookies: list[Cookie] | None = None) -> Response[None]:
    """After a post: see the result under its own address. What a visitor had typed into the address goes back as a URI:
    a header holds neither line breaks nor other letters than Latin ones.
    """
    headers = {"Location": quote(where, safe=URI_SIGNS, errors="replace"), "Cache-Control": "no-store"}
    return Response(content=None, status_code=303, headers=headers, cookies=cookies or [])


def own_path(text: str, otherwise: str) -> str:
    """A path on this site, as one of our own forms or cookies gave it; anything else leads to `otherwise`."""
    return text if OWN_PATH.fullmatch(text) else otherwise


class Form:
    """The fields of a posted form."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def text(self, name: str) -> str:
        """A field's value without spaces around it; empty when it is missing."""
        return self.secret(name).strip()

    def secret(self, name: str) -> str:
        """A field's value exactly as it was typed."""
        return next((value for key, value in self._pairs if key == name), "")

    def every(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for key, value in self._pairs if key == name]


def ref_of(text: str) -> UUID | None:
    """A client_ref, or None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def id_of(text: str) -> int:
    """The id in an address; 0, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX else 0


async def posted(request: AnyRequest, door: Door = OUTLET) -> Form:
    """The form of a post from our own page. Raises Refused for any other."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM_TYPE:
        raise Refused(UNSUPPORTED_MEDIA_TYPE(expected=FORM_TYPE))
    try:
        body = (await request.body()).decode("ascii")
        form = Form(parse_qsl(body, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"))
    except ValueError as error:
        raise Refused(MALFORMED_BODY(reason=words(request).t("error.form"))) from error
    seed = request.cookies.get(door.session) or request.cookies.get(door.seed) or ""
    if not csrf_holds(app_of(request).keys, seed, form.secret("csrf")):
        raise Refused(CSRF_FAILED())
    return form


def cookie(app: App, name: str, value: str, *, max_age_s: int | None = None, path: str = "/") -> Cookie:
    """A cookie that no script reads and no other site sends."""
    return Cookie(
        key=name,
        value=value,
        path=path,
        httponly=True,
        samesite="lax",
        secure=app.settings.secure_cookies,
        max_age=max_age_s,
    )


def ended_session(app: App, door: Door = OUTLET) -> Cookie:
    """Take the session's cookie away."""
    return cookie(app, door.session, "", max_age_s=0, path=door.path)


def form_seed(request: AnyRequest, app: App, door: Door = OUTLET) -> tuple[str, list[Cookie]]:
    """What the forms of a page are bound to, and the cookie that says so where the visitor had none."""
    seed = request.cookies.get(door.session) or request.cookies.get(door.seed)
    if seed:
        return seed, []
    seed = new_seed()
    return seed, [cookie(app, door.seed, seed, path=door.path)]


def way_back(request: AnyRequest, door: Door = OUTLET, *, asked_for: str = "") -> str:
    """Where the language switch returns to: this page when it can be asked for again, else what the answer to a post
    names, else the page or the home page that it belongs to.
    """
    if request.method != "GET":
        path = request.url.path
        return asked_for or next((root for root in CUSTOMERS if path.startswith(root)), door.root)
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
