"""GET /api/v1 for people, /api/v1/openapi.json for programs."""

from functools import cache
from importlib import resources
from typing import Annotated

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Litestar, MediaType, Response, get
from litestar.params import QueryParameter
from markdown_it import MarkdownIt
from markupsafe import Markup

from konter.api.description import describe
from konter.api.principal import AnyRequest
from konter.api.problems import HEADERS
from konter.api.reference.model import chapters, shapes
from konter.platform.i18n import Locale, locale_of, text

_FILES = resources.files("konter.api.reference")
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_PAGES = Environment(
    loader=PackageLoader("konter.api.reference", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_POLICY = {**HEADERS, "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'"}


@cache
def _described(app: Litestar, locale: Locale = "en") -> bytes:
    return msgspec.json.encode(describe(app, locale))


@cache
def _page(app: Litestar, locale: Locale) -> bytes:
    document = msgspec.json.decode(_described(app, locale))

    def marked(words: str) -> Markup:
        return Markup(_MARKDOWN.render(words))  # noqa: S704 - HTML in the words is escaped by the renderer

    def say(key: str) -> str:
        return text(f"reference.{key}", locale)

    def who(caller: str) -> str:
        return text(f"reference.caller.{caller}", locale)

    template = _PAGES.get_template("reference.html")
    return template.render(
        info=document["info"],
        chapters=chapters(document),
        shapes=shapes(document),
        marked=marked,
        say=say,
        who=who,
        locale=locale,
    ).encode()


@get("/", include_in_schema=False, sync_to_thread=False)
def reference(request: AnyRequest, lang: Annotated[str | None, QueryParameter(max_length=8)] = None) -> Response[bytes]:
    """Every operation on one page, in the language that its address names, else in the browser's."""
    locale = locale_of(request.headers.get("accept-language"), lang)
    headers = {**_POLICY, "Content-Language": locale, "Vary": "Accept-Language"}
    return Response(_page(request.app, locale), media_type=MediaType.HTML, headers=headers)


@get("/reference.css", include_in_schema=False, sync_to_thread=False)
def reference_style() -> Response[bytes]:
    """The page's style."""
    return Response((_FILES / "reference.css").read_bytes(), media_type=MediaType.CSS, headers=HEADERS)


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi_json(request: AnyRequest) -> Response[bytes]:
    """The description for programs."""
    return Response(_described(request.app), media_type=MediaType.JSON, headers=HEADERS)


REFERENCE_ROUTES = [reference, reference_style, openapi_json]
