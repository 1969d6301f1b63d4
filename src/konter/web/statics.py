"""Style, script and icons, read once and named by their content: a phone keeps them for ever, a change is new."""

import gzip
import hashlib
import mimetypes
from importlib import resources

import msgspec

COMPRESSED = {".css", ".js", ".svg", ".webmanifest"}
SERVED = {*COMPRESSED, ".png"}


class Asset(msgspec.Struct, frozen=True):
    """One file ready to be sent; `packed` is its gzip form, empty where that saves nothing."""

    name: str
    media_type: str
    body: bytes
    packed: bytes


def _read(folder: str) -> dict[str, Asset]:
    assets = {}
    for file in resources.files("konter.web").joinpath(folder).iterdir():
        stem, _, suffix = file.name.rpartition(".")
        if f".{suffix}" not in SERVED:
            continue  # licences and what says where a file comes from
        body = file.read_bytes()
        digest = hashlib.sha256(body).hexdigest()[:10]
        media_type = "application/manifest+json" if suffix == "webmanifest" else mimetypes.guess_type(file.name)[0]
        packed = gzip.compress(body, 9, mtime=0) if f".{suffix}" in COMPRESSED else b""
        assets[file.name] = Asset(f"{stem}.{digest}.{suffix}", media_type or "application/octet-stream", body, packed)
    return assets


ASSETS = _read("outlet/static")
DESK_ASSETS = _read("office/static")  # of staff and partners, who have newer browsers
BY_ADDRESS = {asset.name: asset for assets in (ASSETS, DESK_ASSETS) for asset in assets.values()}


def static_url(name: str) -> str:
    """The address of a file, with its content's hash in the name."""
    return f"/static/{(ASSETS.get(name) or DESK_ASSETS[name]).name}"
