"""A text from a phone, and what its sender meant by it. Pure. [P-28]"""

import re
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from konter.platform.ids import Msisdn
from konter.subscriber.model import Subscription

LOOKED_AT_CHARS = 160  # whatever comes after is no keyword
_REFS = UUID("6d9c1f0e-5a77-4b0f-9d0c-7f3c1f6f8a11")  # the space in which texts get their client_ref
_BETWEEN = re.compile(r"[\s,;:]+")
_OPENING_WORD = "INFO"

State = Literal["waiting", "answered", "silent"]


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A text as a provider hands it over. `ref` (1-80 characters) is its own name of it, the same at each delivery."""

    msisdn: Msisdn
    short_number: str
    ref: str
    text: str
    at: datetime


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A text as it is kept, waiting for its answer."""

    id: int
    msisdn: Msisdn
    short_number: str
    ref: str
    text: str
    at: datetime


class Command(msgspec.Struct, frozen=True):
    """What stands in a text: words in upper case, without the punctuation around them. Nothing at all is keyword ""."""

    keyword: str
    arguments: tuple[str, ...] = ()


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text from one of our customers, for the service of its number.

    A worker that dies between serving and answering has the text served once more, with the same `client_ref`: a
    service hands it on to whatever it changes, and the second time finds the first.
    """

    client_ref: UUID
    short_number: str
    words: str
    command: Command
    subscription: Subscription
    now: datetime

    @property
    def locale(self) -> Literal["id", "en"]:
        """The language of the answer."""
        return self.subscription.locale


# Who serves a short number: a text in, the words of the answer out. They are cut to one part of GSM-7. To say no is an
# answer too; what is raised has the text served again later.
Service = Callable[[Text], Awaitable[str]]


def client_ref(msisdn: Msisdn, ref: str) -> UUID:
    """The client_ref of what a text sets off: the same whenever and wherever the same text is served."""
    return uuid5(_REFS, f"{msisdn} {ref}")


def read_command(text: str) -> Command:
    """Keyword and arguments of a text, forgiving what thumbs do: case, blanks, punctuation, a leading INFO.

    ` info  Poin saya.` is POIN with the argument SAYA. Inside a word punctuation stays: `0812-3456` is one argument.
    """
    plain = unicodedata.normalize("NFKC", text[:LOOKED_AT_CHARS])
    words = [word for each in _BETWEEN.split(plain) if (word := _bare(each))]
    if len(words) > 1 and words[0] == _OPENING_WORD:
        del words[0]
    return Command(words[0], tuple(words[1:])) if words else Command("")


def _bare(word: str) -> str:
    """A word in upper case from its first letter or digit to its last."""
    upper = word.upper()
    places = [place for place, char in enumerate(upper) if char.isalnum()]
    return upper[places[0] : places[-1] + 1] if places else ""
