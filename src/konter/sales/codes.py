"""The transaction code that people read out, `K7Q2-9M4D`, and the verify code that opens its public view.

A code is the sale's id written another way: no index, no second number, and its cell is known. Ids are scrambled by a
multiplication that has an inverse, so that neighbours look nothing alike and a typo hardly ever names a real sale.
"""

from functools import lru_cache

from konter.platform.ids import SaleId
from konter.platform.secrets import Keys, equal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
VALUES = {sign: value for value, sign in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
BITS = 5
GROUP = 4
# (signs, odd multiplier below 2^(5 * signs)); an id takes the shortest form that it fits in.
FORMS = ((8, 0x9E3779B97F % (1 << 40) | 1), (12, 0x9E3779B97F4A7C1 % (1 << 60) | 1), (16, 0x9E3779B97F4A7C15F39C | 1))
LENGTHS = tuple(form[0] for form in FORMS)
VERIFY_SIGNS = 10


@lru_cache(maxsize=4096)  # a new sale's is written in two texts and in the answer
def sale_code(id_: int) -> str:
    """The transaction code of a sale: two groups of four signs, more only past 2^40. [D-40, D-41]"""
    for signs, multiplier in FORMS:
        if id_ < 1 << (BITS * signs):
            scrambled = id_ * multiplier % (1 << (BITS * signs))
            text = _written(scrambled, signs)
            return "-".join(text[at : at + GROUP] for at in range(0, signs, GROUP))
    raise ValueError("no sale has such an id")


def sale_of_code(code: str) -> SaleId | None:
    """The id that a typed code names, with or without `TRX` and dashes, in any case; None when it can be none."""
    signs = code.upper().replace("-", "").replace(" ", "")
    if len(signs) not in LENGTHS:  # T, R and X are signs too: only what makes a code too long is taken off
        signs = signs.removeprefix("TRX")
    form = next((form for form in FORMS if form[0] == len(signs)), None)
    if form is None or any(sign not in VALUES for sign in signs):
        return None
    modulus = 1 << (BITS * form[0])
    value = 0
    for sign in signs:
        value = value << BITS | VALUES[sign]
    id_ = value * pow(form[1], -1, modulus) % modulus
    return SaleId(id_) if id_ < 1 << 63 and sale_code(id_).replace("-", "") == _written(value, form[0]) else None


def verify_code(keys: Keys, id_: int) -> str:
    """What a receipt's link carries so that a stranger can look but not guess: 50 bits under the pepper."""
    digest = int.from_bytes(keys.pepper_hash("sale.verify", id_.to_bytes(8, "big"))[:8], "big")
    return _written(digest % (1 << (BITS * VERIFY_SIGNS)), VERIFY_SIGNS)


def verifies(keys: Keys, id_: int, given: str) -> bool:
    """Whether a verify code is the sale's; in constant time."""
    return given.isascii() and equal(verify_code(keys, id_).encode(), given.upper().encode())


def _written(value: int, signs: int) -> str:
    return "".join(ALPHABET[value >> BITS * place & 31] for place in reversed(range(signs)))
