"""Serving of style, script, icons, manifest and service worker."""

from litestar import Response, get
from litestar.params import FromPath

from konter.platform.refusal import NOT_FOUND, Refused
from konter.web.app import AnyRequest
from konter.web.statics import ASSETS, BY_ADDRESS, Asset

FOR_EVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


def _sent(request: AnyRequest, asset: Asset, headers: dict[str, str]) -> Response[bytes]:
    pack = bool(asset.packed) and "gzip" in request.headers.get("accept-encoding", "")
    return Response(
        content=asset.packed if pack else asset.body,
        media_type=asset.media_type,
        headers={
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Encoding",
            **({"Content-Encoding": "gzip"} if pack else {}),
            **headers,
        },
    )


@get("/static/{name:str}", include_in_schema=False, sync_to_thread=False)
def static_file(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """A file under the name of its content: kept for ever."""
    asset = BY_ADDRESS.get(name)
    if asset is None:
        raise Refused(NOT_FOUND())
    return _sent(request, asset, {"Cache-Control": FOR_EVER})


@get(
    ["/outlet/manifest.webmanifest", "/outlet/icon-192.png", "/outlet/icon-512.png"],
    include_in_schema=False,
    sync_to_thread=False,
)
def named_file(request: AnyRequest) -> Response[bytes]:
    """What an installed page asks for under a fixed name."""
    return _sent(request, ASSETS[request.url.path.rpartition("/")[2]], {"Cache-Control": A_DAY})


@get("/outlet/sw.js", include_in_schema=False, sync_to_thread=False)
def service_worker(request: AnyRequest) -> Response[bytes]:
    """The service worker, asked for again each time, allowed for all of the outlet's pages."""
    return _sent(request, ASSETS["sw.js"], {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/outlet"})
