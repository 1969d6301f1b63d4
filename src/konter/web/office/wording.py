"""How the office tells what came of an action, and what the sides of a transfer say."""

from collections.abc import Mapping
from typing import Any

import msgspec

from konter.platform.money import rupiah
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest
from konter.web.desk.errors import BACK
from konter.web.desk.frame import Member
from konter.web.desk.views import Badge, Fact, ListView, ThingView
from konter.web.desk.words import DeskWords
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


def side_facts(
    words: DeskWords, said: Mapping[str, Any], *, before: Mapping[str, Any] | None = None
) -> tuple[Fact, ...]:
    """What sale, payment, receipt and network say; what changed since `before` is marked."""
    return tuple(
        Fact(
            label=words.known(f"office.side.{name}", name),
            text=_said(words, name, value),
            badge=Badge(text=words.t("office.side.changed"), tone="info")
            if before is not None and before.get(name) != value
            else None,
        )
        for name, value in said.items()
        if not isinstance(value, list | dict)
    )


def _said(words: DeskWords, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return words.t("desk.yes") if value else words.t("desk.no")
    if name.endswith("_rp") or name in ("promised", "credited"):
        return rupiah(int(value))
    return words.known(f"office.word.{value}", str(value))
