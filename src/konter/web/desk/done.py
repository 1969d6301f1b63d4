"""How a desk tells what came of an action."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest
from konter.web.desk.errors import BACK
from konter.web.desk.frame import Member, refused_alert
from konter.web.desk.views import Action, ListView, ThingView
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
WRONG = {"alasan", "detik", "isian", "kode", "kode_penjual", "berkas"}
NOT_FOUND, NOT_TAKEN = 404, 422
Page = TypeVar("Page", ListView, ThingView)


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


def typed_again(found: Member, view: Page, refusal: Refusal, where: str, typed: Mapping[str, str]) -> Page:
    """The page whose form to `where` was refused: what was wrong above, and the form open with what was typed."""
    actions = tuple(_with_typed(each, typed) if each.post == where else each for each in view.actions)
    return msgspec.structs.replace(view, alert=refused_alert(found.words, refusal), actions=actions)


def _with_typed(action: Action, typed: Mapping[str, str]) -> Action:
    shown = [each.name for each in action.fields if each.kind != "hidden" and each.name in typed]
    fields = tuple(
        msgspec.structs.replace(each, value=typed[each.name]) if each.name in shown else each for each in action.fields
    )
    return msgspec.structs.replace(action, fields=fields, open=bool(shown))


def status_again(refusal: Refusal) -> int:
    """Of such a page: the page itself was found, what was typed into it was not."""
    return NOT_TAKEN if refusal.status == NOT_FOUND else refusal.status


def asked_for(request: AnyRequest, outcome: object, where: str, message: str) -> AnyPage:
    """Back to the page after a post, or the refusal as a page that leads back there."""
    if isinstance(outcome, Refusal):
        request.scope["state"][BACK] = where
        raise Refused(outcome)
    return go(f"{where}?pesan={message}")
