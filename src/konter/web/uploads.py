"""A form with one file, as a plain file input sends it: bounded, and read without touching the disk."""

from pathlib import PurePath

import msgspec
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from konter.platform.forms import file_name
from konter.platform.refusal import CSRF_FAILED, MALFORMED_BODY, UNSUPPORTED_MEDIA_TYPE, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.csrf import csrf_holds
from konter.web.pages import OUTLET, Door, words

UPLOAD_TYPE = "multipart/form-data"
PARTS_MAX = 8


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """What a form with a file brought: `raw` is empty when none was chosen, `name` is the file's, without folders."""

    name: str
    raw: bytes
    texts: dict[str, str]


async def uploaded(request: AnyRequest, name: str) -> bytes:
    """The bytes of the file field `name` of a post from our own page; empty when none was chosen.

    Raises Refused for any other post, and what Litestar raises for a body that is larger than the route allows.
    """
    return (await upload(request, name)).raw


async def upload(request: AnyRequest, name: str, door: Door = OUTLET) -> Upload:
    """The file field `name` of a post from a page of that door, with the form's other fields. Raises as `uploaded`."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != UPLOAD_TYPE or not options.get("boundary"):
        raise Refused(UNSUPPORTED_MEDIA_TYPE(expected=UPLOAD_TYPE))
    body = await request.body()
    try:
        fields, files = _fields(body, options["boundary"])
    except (MultipartError, ValueError) as error:
        raise Refused(MALFORMED_BODY(reason=words(request).t("error.form"))) from error
    seed = request.cookies.get(door.session) or request.cookies.get(door.seed) or ""
    token = fields.get("csrf", b"").decode("ascii", "replace")
    if not csrf_holds(app_of(request).keys, seed, token):
        raise Refused(CSRF_FAILED())
    texts = {each: value.decode("utf-8", "replace") for each, value in fields.items() if each != name}
    return Upload(name=files.get(name, ""), raw=fields.get(name, b""), texts=texts)


def _fields(body: bytes, boundary: str) -> tuple[dict[str, bytes], dict[str, str]]:
    """Every field once, the first of a name, and what files are called."""
    found: dict[str, list[bytes]] = {}
    files: dict[str, str] = {}
    name = ""
    with PushMultipartParser(boundary, content_length=len(body), max_segment_count=PARTS_MAX) as parser:
        for event in parser.parse(body):
            if isinstance(event, MultipartSegment):
                name = event.name if event.name not in found else ""
                found.setdefault(name, [])
                if event.filename:
                    files.setdefault(name, file_name(PurePath(event.filename.replace("\\", "/")).name))
            elif event is not None:
                found[name].append(bytes(event))
    return {name: b"".join(parts) for name, parts in found.items()}, files
