"""Every answer by text is one part of GSM-7, whatever it is filled with."""

from datetime import date, datetime
from itertools import product

import pytest
from tests.loyalty.shipped import shipped_rules

from konter.loyalty.dialogue.words import ending_words, points_words
from konter.loyalty.points.view import PointsView, Vintage
from konter.messaging.gsm7 import SINGLE_SEPTETS, septets
from konter.platform.clock import WIB
from konter.platform.i18n import catalogue, text

RULES = {name: shipped_rules(name) for name in ("id-2014", "id-2026")}
MOST = 99_999_999


def seen(*points: int, debt: int = 0, tier: str = "red", minimum_rp: int = 50_000, earns: bool = True) -> PointsView:
    vintages = tuple(
        Vintage(
            year=2026 + place,
            points=each,
            expires_at=datetime(2027 + place, 4, 1, tzinfo=WIB),
            last_day=date(2027 + place, 3, 31),
        )
        for place, each in enumerate(points)
    )
    return PointsView(
        points=sum(points) - debt,
        debt=debt,
        vintages=vintages,
        tier=tier,
        tier_since=None,
        tier_last_day=None,
        month_rp=0,
        minimum_rp=minimum_rp,
        earns=earns,
    )


@pytest.mark.requirement("P-28", "P-41")
def test_it_works() -> None:
    said = points_words(seen(48), "id", rules=RULES["id-2014"])
    assert said == "Poin Anda 48 (berlaku s.d. 31/03/2027), status RED"


@pytest.mark.requirement("P-20", "P-28")
def test_two_vintages_are_both_named() -> None:
    said = points_words(seen(100, 30, tier="gold"), "id", rules=RULES["id-2014"])
    assert said == "Poin Anda 130 (berlaku 100 s.d. 31/03/2027, 30 s.d. 31/03/2028), status GOLD"


def test_a_debt_is_told() -> None:
    said = points_words(seen(debt=12), "id", rules=RULES["id-2014"])
    assert said.startswith("Poin Anda -12 karena")
    assert said.endswith("status RED. Poin berikutnya menutupnya lebih dulu.")


@pytest.mark.requirement("P-41")
def test_nothing_and_the_lowest_tier_are_told_with_what_it_takes() -> None:
    said = points_words(seen(tier="mass"), "en", rules=RULES["id-2014"])
    assert said == "Your points: 0, status MASS. Recharge from Rp50.000 in a month to earn points."
    assert "Rp50.000" in points_words(seen(tier="mass", minimum_rp=0), "en", rules=RULES["id-2014"])
    never = points_words(seen(tier="mass", minimum_rp=0, earns=False), "en", rules=RULES["id-2014"])
    assert never == "Your points: 0, status MASS. Your plan collects no points."


@pytest.mark.requirement("P-28")
@pytest.mark.parametrize(("locale", "name"), list(product(("id", "en"), RULES)))
def test_every_balance_is_one_part(locale: str, name: str) -> None:
    for tier in RULES[name].tier.names:
        for view in (
            seen(tier=tier),
            seen(MOST, tier=tier),
            seen(MOST, MOST, tier=tier),
            seen(debt=MOST, tier=tier),
            seen(tier=tier, minimum_rp=0),
            seen(tier=tier, minimum_rp=0, earns=False),
        ):
            for said in (points_words(view, locale, rules=RULES[name]), ending_words(view, locale, code="*700#")):
                assert 0 < (septets(said) or 999) <= SINGLE_SEPTETS, said


@pytest.mark.parametrize("locale", ["id", "en"])
def test_every_other_answer_is_one_part(locale: str) -> None:
    name, code = "N" * 60, "C" * 30
    filled = {
        "points": MOST,
        "tier": "PLATINUM",
        "day": "31/03/2027",
        "minimum": 50_000,
        "bill": 50_000,
        "keyword": "POIN",
        "parts": "x",
        "name": name,
    }
    for key in (key for key in catalogue() if key.startswith("dialogue.points.code_")):
        if not key.endswith("refused"):
            assert (septets(text(key, locale, **filled, code=code)) or 999) <= SINGLE_SEPTETS, key
    unknown = text("dialogue.points.code_refused", locale, code="***C0D", why=text("refusal.CODE_UNKNOWN", locale))
    assert (septets(unknown) or 999) <= SINGLE_SEPTETS, unknown
    for refused in ("CODE_BURNT", "CODE_EXPIRED", "CODE_OF_ANOTHER", "BURN_REF_REUSED"):
        why = text(f"refusal.{refused}", locale, shown="28/11/2026 10:00")
        said = text("dialogue.points.code_refused", locale, code=code, why=why)
        assert (septets(said) or 999) <= SINGLE_SEPTETS, said
    said = text("dialogue.points.already_used", locale, code="***C0D", at="10:15", name=name)
    assert (septets(said) or 999) <= SINGLE_SEPTETS, said
    for key in ("no_sending", "help", "no_merchant", "merchant_help"):
        said = text(f"dialogue.points.{key}", locale, **filled, code="*700#")
        assert (septets(said) or 999) <= SINGLE_SEPTETS, said
