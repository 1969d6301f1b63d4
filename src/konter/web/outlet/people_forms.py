"""What the forms about an outlet's people ask for, and what they say before anything happens."""

from collections.abc import Mapping
from typing import get_args

from konter.channel.numbers.model import NumberType
from konter.channel.numbers.read import UserLine
from konter.rules.model import Rules
from konter.subscriber.msisdn import pretty
from konter.web.outlet.people_views import DeedView, Field
from konter.web.pages import Form
from konter.web.views import Alert, Choice
from konter.web.words import Words

PEOPLE = "/outlet/pengguna"
NUMBER_CHARS_MAX = 24
NAME_CHARS_MAX = 80
USERNAME_CHARS_MAX = 32
NOTE_CHARS_MAX = 200
PASSWORD_CHARS_MAX = 128
TYPES: tuple[NumberType, ...] = get_args(NumberType)
# What a deed does at that moment, by the keys of its sentences; some hold for the own user alone.
EFFECTS: Mapping[str, tuple[str, ...]] = {
    "nomor": ("deed.nomor_dies", "deed.nomor_cools", "deed.nomor_tells"),
    "jenis": (),
    "lepas": ("deed.lepas_dies", "deed.lepas_cools", "deed.lepas_back"),
    "hilang": ("deed.hilang_dies", "deed.hilang_otp", "deed.hilang_sales", "deed.hilang_back"),
    "akhiri": ("deed.akhiri_dies", "deed.akhiri_cools", "deed.akhiri_stays"),
}
GRAVE = frozenset({"lepas", "hilang", "akhiri"})


def type_of(form: Form, otherwise: NumberType = "FRONTLINER") -> NumberType:
    """The type that was chosen; what no radio button says counts as not chosen."""
    return next((each for each in TYPES if each == form.text("jenis")), otherwise)


def add_view(words: Words, rules: Rules, form: Form, alert: Alert | None = None) -> DeedView:
    """One more front-liner."""
    t = words.t
    return DeedView(
        title=t("deed.title_tambah"),
        lead=t("deed.lead_tambah"),
        effects=(t("deed.tambah_sends", hours=rules.auth.initial_password_ttl_h), t("deed.tambah_sells")),
        fields=(
            Field(name="nama", label=t("deed.name"), value=form.text("nama")[:NAME_CHARS_MAX]),
            Field(
                name="username",
                label=t("login.username"),
                kind="username",
                value=form.text("username")[:USERNAME_CHARS_MAX],
                hint=t("deed.username_hint"),
                length_max=USERNAME_CHARS_MAX,
            ),
            _number(words, form),
            _type(words, type_of(form)),
        ),
        action=f"{PEOPLE}/tambah",
        button=t("deed.go_tambah"),
        back=PEOPLE,
        alert=alert,
    )


def deed_view(
    words: Words, rules: Rules, line: UserLine, deed: str, form: Form, *, mine: bool, alert: Alert | None = None
) -> DeedView:
    """What is to be done with a user, with what it does said first."""
    t = words.t
    number = pretty(line.msisdn) if line.msisdn is not None else ""
    said = {"name": line.name, "number": number, "hours": rules.outlet.nn_cooldown_h}
    effects = [key for key in EFFECTS[deed] if number or key not in ("deed.nomor_dies", "deed.nomor_cools")]
    if mine and deed in ("nomor", "hilang"):
        effects.append(f"deed.mine_{deed}")
    fields: tuple[Field, ...] = ()
    if deed == "nomor":
        fields = (_number(words, form), _type(words, type_of(form, line.type or "FRONTLINER")))
        fields += (password_field(words),) if mine else ()
    elif deed == "jenis":
        fields = (_type(words, type_of(form, line.type or "FRONTLINER")),)
    elif deed == "hilang":
        fields = (note_field(words, form),)
    return DeedView(
        title=t(f"deed.title_{deed}"),
        lead=t(f"deed.lead_{deed}", **said),
        effects=tuple(t(key, **said) for key in effects),
        fields=fields,
        action=f"{PEOPLE}/{line.user_id}/{deed}",
        button=t(f"deed.go_{deed}"),
        back=f"{PEOPLE}/{line.user_id}",
        grave=deed in GRAVE,
        alert=alert,
    )


def note_field(words: Words, form: Form) -> Field:
    """Where and how it was lost, for whoever helps later."""
    return Field(
        name="catatan",
        label=words.t("deed.note"),
        value=form.text("catatan")[:NOTE_CHARS_MAX],
        length_max=NOTE_CHARS_MAX,
        needed=False,
    )


def password_field(words: Words) -> Field:
    """Never filled in again from what was typed."""
    return Field(name="password", label=words.t("login.password"), kind="password", length_max=PASSWORD_CHARS_MAX)


def _number(words: Words, form: Form) -> Field:
    t = words.t
    return Field(
        name="nomor",
        label=t("deed.number"),
        kind="tel",
        value=form.text("nomor")[:NUMBER_CHARS_MAX],
        hint=t("deed.number_hint"),
        length_max=NUMBER_CHARS_MAX,
    )


def _type(words: Words, chosen: NumberType) -> Field:
    t = words.t
    choices = tuple(Choice(value=each, name=t(f"nn_type.{each}")) for each in TYPES)
    return Field(name="jenis", label=t("deed.type"), kind="choice", value=chosen, choices=choices)
