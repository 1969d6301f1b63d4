"""A form with one file, as a plain file input sends it: bounded, and read without touching the disk."""

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from konter.platform.refusal import CSRF_FAILED, MALFORMED_BODY, UNSUPPORTED_MEDIA_TYPE, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.csrf import csrf_holds
from konter.web.pages import SEED_COOKIE, SESSION_COOKIE, words

UPLOAD_TYPE = "multipart/form-data"
PARTS_MAX = 8


async def uploaded(request: AnyRequest, name: str) -> bytes:
    """The bytes of the file field `name` of a post from our own page; empty when none was chosen.

    Raises Refused for any other post, and what Litestar raises for a body that is larger than the route allows.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != UPLOAD_TYPE or not options.get("boundary"):
        raise Refused(UNSUPPORTED_MEDIA_TYPE(expected=UPLOAD_TYPE))
    body = await request.body()
    try:
        fields = _fields(body, options["boundary"])
    except (MultipartError, ValueError) as error:
        raise Refused(MALFORMED_BODY(reason=words(request).t("error.form"))) from error
    seed = request.cookies.get(SESSION_COOKIE) or request.cookies.get(SEED_COOKIE) or ""
    token = fields.get("csrf", b"").decode("ascii", "replace")
    if not csrf_holds(app_of(request).keys, seed, token):
        raise Refused(CSRF_FAILED())
    return fields.get(name, b"")


def _fields(body: bytes, boundary: str) -> dict[str, bytes]:
    """Every field once, the first of a name."""
    found: dict[str, list[bytes]] = {}
    name = ""
    with PushMultipartParser(boundary, content_length=len(body), max_segment_count=PARTS_MAX) as parser:
        for event in parser.parse(body):
            if isinstance(event, MultipartSegment):
                name = event.name if event.name not in found else ""
                found.setdefault(name, [])
            elif event is not None:
                found[name].append(bytes(event))
    return {name: b"".join(parts) for name, parts in found.items()}
