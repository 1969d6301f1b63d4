"""Each no of access, channel and terms has its sentence in both languages, filled from the data that it is made with."""

import string

import pytest

from konter.access import refusals as access
from konter.access.clients import refusals as clients
from konter.access.four_eyes import refusals as four_eyes
from konter.channel import refusals as channel
from konter.channel.lost_phones import refusals as lost_phones
from konter.channel.partner_users import refusals as partner_users
from konter.platform.i18n import catalogue, text
from konter.platform.refusal import Refusal
from konter.terms import refusals as terms

# What each refusal is made with; whatever is not here is made with nothing.
DATA = {
    "ACCOUNT_LOCKED": {"retry_after_s": 900, "minutes": 15},
    "OTP_WRONG": {"tries_left": 4},
    "OTP_RESEND_TOO_SOON": {"retry_after_s": 41},
    "OTP_TOO_MANY": {"retry_after_s": 3300, "minutes": 55},
    "WRONG_PASSWORD": {"tries_left": 4},
    "WRONG_PIN": {"tries_left": 2},
    "WEAK_PASSWORD": {"reason": "short", "length_min": 8, "length_max": 128},
    "WEAK_PIN": {"reason": "date"},
    "USERNAME_TAKEN": {"username": "kasir1"},
    "UNKNOWN_AREA": {"area": "ATLANTIS"},
    "PARTNER_CODE_TAKEN": {"partner": "SBP-1"},
    "OUTLET_CODE_TAKEN": {"outlet": "OTL-1"},
    "RS_NOT_OPERATOR": {"msisdn": "081712345678"},
    "RS_ALREADY_REGISTERED": {"msisdn": "081212345678"},
    "NN_NOT_OPERATOR": {"msisdn": "081712345678"},
    "NN_ALREADY_LINKED": {"msisdn": "081212345678"},
    "NN_COOLING_DOWN": {"msisdn": "081212345678", "hours": 23},
    "NN_REPORTED_LOST": {"msisdn": "081212345678"},
    "SIM_TOO_FRESH": {"msisdn": "081212345678", "hours": 20},
    "PARTNER_NUMBER_TAKEN": {"msisdn": "081212345678"},
    "AREA_NOT_OF_PARTNER": {"area": "JATIM"},
    "SCOPE_MISSING": {"scope": "phones.report"},
    "UNKNOWN_SCOPE": {"scope": "x"},
    "CLIENT_NAME_TAKEN": {"name": "Call centre"},
    "TOO_MANY_KEYS": {"most": 2},
    "UNKNOWN_ROLE": {"role": "raja"},
    "UNKNOWN_STAFF_AREA": {"area": "ATLANTIS"},
    "DOCUMENT_NOT_IN_FORCE": {"version": "1.1"},
}
REFUSALS = [
    make(**DATA.get(name, {}))
    for module in (access, clients, four_eyes, channel, lost_phones, partner_users, terms)
    for name, make in vars(module).items()
    if name.isupper()
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
@pytest.mark.parametrize("locale", ["id", "en"])
def test_it_is_a_sentence(refusal: Refusal, locale: str) -> None:
    words = text(refusal.sentence_key, locale, **refusal.data)
    assert words[0].isupper()
    assert words.endswith(".")
    assert "{" not in words


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_both_languages_tell_the_same_facts(refusal: Refusal) -> None:
    versions = catalogue()[refusal.sentence_key]
    fields = [{name for _, name, _, _ in string.Formatter().parse(words) if name} for words in versions.values()]
    assert fields[0] == fields[1] <= set(refusal.data)
