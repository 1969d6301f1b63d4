"""How a desk tells what came of an action."""

import msgspec

from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest
from konter.web.desk.errors import BACK
from konter.web.desk.frame import Member
from konter.web.desk.views import ListView, ThingView
from konter.web.pages import AnyPage, go
from konter.web.views import Alert

# What was just done, by the short word in the address; and what was wrong with a form.
DONE = {
    "ambil",
    "selesai",
    "minta",
    "setuju",
    "tolak",
    "tutup",
    "buka",
    "henti",
    "jalan",
    "tahan",
    "akhiri",
    "tamat",
    "lapor",
    "cabut",
    "terima",
    "tolak_pemohon",
    "dukung",
    "putus",
    "usul",
    "hitam",
    "sesi",
    "keluarkan",
    "kunci",
    "mesin",
    "tukar",
    "tukar_tunggu",
    "hadiah_tutup",
    "hadiah_buka",
    "penjual",
    "nomor_penjual",
    "mesin_penjual",
    "tutup_penjual",
}
WRONG = {"alasan", "detik", "isian", "kode", "berkas"}


def notice(found: Member, view: ThingView, message: str) -> ThingView:
    """The page with a word on what was just done."""
    return msgspec.structs.replace(view, alert=_alert(found, message))


def list_notice(found: Member, view: ListView, message: str) -> ListView:
    """The same for a list."""
    return msgspec.structs.replace(view, alert=_alert(found, message))


def _alert(found: Member, message: str) -> Alert | None:
    if message in DONE:
        return Alert(tone="ok", sentence=found.words.t(f"office.done.{message}"))
    return Alert(tone="error", sentence=found.words.t(f"office.wrong.{message}")) if message in WRONG else None


def asked_for(request: AnyRequest, outcome: object, where: str, message: str) -> AnyPage:
    """Back to the page after a post, or the refusal as a page that leads back there."""
    if isinstance(outcome, Refusal):
        request.scope["state"][BACK] = where
        raise Refused(outcome)
    return go(f"{where}?pesan={message}")
