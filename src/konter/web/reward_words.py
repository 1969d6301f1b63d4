"""What a reward gives, as customers and staff read it alike. [P-21..P-23]"""

from konter.loyalty.rewards.catalogue.model import Gives, GivesBuckets, GivesCode, GivesProvided
from konter.platform.i18n import text
from konter.rules.model import Rules
from konter.web.views import Gain
from konter.web.words import Words


def gains_of(gives: Gives) -> tuple[Gain, ...]:
    """The quotas that a reward gives, if it gives some."""
    if not isinstance(gives, GivesBuckets):
        return ()
    return tuple(
        Gain(asset=each.asset, amount=each.amount, source=each.source, days=each.validity_days)
        for each in gives.buckets
    )


def gives_text(gives: Gives, words: Words) -> str:
    """`500 MB + 20 menit, 7 hari`; how long a code or an activation is good."""
    if isinstance(gives, GivesProvided):
        return text("outlet.poin.active_days", words.locale, span=days_text(gives.days, words))
    if isinstance(gives, GivesCode):
        if not gives.days:
            return text("outlet.poin.gives_code", words.locale)
        return text("outlet.poin.code_days", words.locale, span=days_text(gives.days, words))
    amounts = " + ".join(words.amount(gain) for gain in gains_of(gives))
    days = max((each.validity_days for each in gives.buckets), default=0)
    if not days:
        return amounts
    return text("outlet.poin.for_days", words.locale, what=amounts, span=days_text(days, words))


def days_text(days: int, words: Words) -> str:
    """`1 hari`, `30 hari`."""
    if days == 1:
        return text("outlet.poin.one_day", words.locale)
    return text("outlet.poin.days", words.locale, n=days)


def brand_names(codes: tuple[str, ...], rules: Rules) -> str:
    """`Nusa, Kita`."""
    names = {each.code: each.name for each in rules.brand.table}
    return ", ".join(names.get(code, code) for code in codes)
