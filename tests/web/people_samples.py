"""One sample of every page about an outlet's people, numbers and phones."""

from datetime import timedelta

from tests.access.people import rules
from tests.web.page_samples import AT, NUMBER, SENT, WIB

from konter.channel.numbers.read import UserLine
from konter.platform.ids import Msisdn, UserId
from konter.web import views as v
from konter.web.outlet import access_views
from konter.web.outlet import people_views as pv
from konter.web.outlet.lost import lost_view
from konter.web.outlet.people_forms import PEOPLE, add_view, deed_view
from konter.web.pages import Form
from konter.web.words import Words

WORDS = Words("id", WIB)
NOTHING = Form([])
LINE = UserLine(
    user_id=UserId(7),
    username="sari.kasir",
    name="Sari Kasir Pertama",
    role="FRONTLINER",
    status="active",
    msisdn=NUMBER,
    type="FRONTLINER",
    linked_at=AT,
    last_msisdn=NUMBER,
    released_at=None,
    lost_at=None,
)


def person(number: int | None, **changes: object) -> pv.PersonLine:
    given: dict[str, object] = {
        "href": f"{PEOPLE}/7",
        "name": "Sari Kasir Pertama",
        "username": "sari.kasir",
        "role_key": "role.FRONTLINER",
        "number": Msisdn(number) if number else None,
        "type_key": "nn_type.FRONTLINER" if number else "",
        "status_key": "",
        "mine": False,
    }
    return pv.PersonLine(**{**given, **changes})  # type: ignore[arg-type]


OWNER = person(NUMBER + 9, name="Ibu Pemilik Toko", role_key="role.OUTLET_OWNER", mine=True)
LOST = person(NUMBER, status_key="people.lost")


def links(*deeds: str) -> tuple[v.Link, ...]:
    return tuple(v.Link(href=f"{PEOPLE}/7/{deed}", text_key=f"deed.title_{deed}") for deed in deeds)


def one(line: pv.PersonLine, **changes: object) -> pv.PersonView:
    given: dict[str, object] = {
        "line": line,
        "linked_at": AT,
        "last_number": None,
        "free_from": None,
        "lost_at": None,
        "deeds": links("nomor", "jenis", "lepas", "hilang", "akhiri"),
        "zone": WIB,
    }
    return pv.PersonView(**{**given, **changes})  # type: ignore[arg-type]


def who(number: int, **changes: object) -> pv.WhoLine:
    given: dict[str, object] = {
        "id": str(number),
        "name": "Sari Kasir Pertama",
        "role_key": "role.FRONTLINER",
        "agent": "Chrome, Android 4.4",
        "address": f"10.0.0.{number}",
        "created_at": AT - timedelta(hours=number),
        "mine": False,
    }
    return pv.WhoLine(**{**given, **changes})  # type: ignore[arg-type]


TAKEN = v.Alert(tone="error", sentence="Nomor 081234567890 masih dalam masa tunggu 24 jam. Coba lagi setelah itu.")
PAGES_OF_PEOPLE: dict[str, tuple[str, v.View]] = {
    "otp_trust": (
        "outlet/otp.html",
        access_views.OtpView(
            action="/outlet/masuk/1/otp",
            resend_action="/outlet/masuk/1/kirim-ulang",
            sent=SENT,
            trust_days=30,
            ask_position=True,
        ),
    ),
    "people": (
        "outlet/people.html",
        pv.PeopleView(people=(OWNER, person(NUMBER), LOST, person(None)), reseller=Msisdn(NUMBER + 20), owner=True),
    ),
    "people_own": (
        "outlet/people.html",
        pv.PeopleView(people=(person(NUMBER, mine=True),), reseller=None, owner=False),
    ),
    "person": ("outlet/person.html", one(person(NUMBER), alert=v.Alert(tone="ok", sentence="Nomor sudah diganti."))),
    "person_lost": ("outlet/person.html", one(LOST, lost_at=AT, deeds=links("nomor", "jenis", "lepas", "akhiri"))),
    "person_released": (
        "outlet/person.html",
        one(
            person(None),
            linked_at=None,
            last_number=NUMBER,
            free_from=AT + timedelta(days=1),
            deeds=links("nomor", "akhiri"),
        ),
    ),
    "person_add": ("outlet/deed.html", add_view(WORDS, rules(), NOTHING)),
    **{
        f"person_{deed}": ("outlet/deed.html", deed_view(WORDS, rules(), LINE, deed, NOTHING, mine=deed == "hilang"))
        for deed in ("nomor", "jenis", "lepas", "hilang", "akhiri")
    },
    "person_nomor_taken": (
        "outlet/deed.html",
        deed_view(WORDS, rules(), LINE, "nomor", Form([("nomor", "081234567890")]), mine=True, alert=TAKEN),
    ),
    "lost": ("outlet/deed.html", lost_view(WORDS, NOTHING)),
    "logged_in": (
        "outlet/logged_in.html",
        pv.LoggedInView(
            lines=(who(1, mine=True, name="Ibu Pemilik Toko", role_key="role.OUTLET_OWNER"), who(2), who(3)), zone=WIB
        ),
    ),
    "logged_in_alone": ("outlet/logged_in.html", pv.LoggedInView(lines=(who(1, mine=True),), zone=WIB)),
}
