"""Legal documents and who accepted which version, and the pure decision what is still to be accepted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from konter.platform.ids import SessionId, UserId

Way = Literal["agreed", "deemed"]
# Consent to the use of personal data needs an act of the person; going on using is none. [G-D21]
EXPLICIT_ONLY = frozenset({"privacy-policy"})


class DocumentRef(msgspec.Struct, frozen=True):
    """One version of a legal document."""

    document: str
    version: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A text and all amendments up to it as one unit, in both languages; paragraphs stand apart by an empty line."""

    code: str
    version: str
    valid_from: datetime
    title_id: str
    title_en: str
    text_id: str
    text_en: str


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """A user accepted a version: by an act (agreed), or by going on using after a change (deemed)."""

    user_id: UserId
    code: str
    version: str
    way: Way
    at: datetime
    session_id: SessionId | None


class Standing(msgspec.Struct, frozen=True):
    """What a user has still to accept, and which changed texts count as accepted by going on."""

    missing: tuple[DocumentRef, ...]
    deemed: tuple[DocumentRef, ...]


def standing(in_force: Mapping[str, str], accepted: Sequence[tuple[str, str]], *, deemed_acceptance: bool) -> Standing:
    """Compare the versions in force (code -> version) with what was accepted (code, version). [D-75, D-102, D-103]

    A first version always needs an "Agree". A later one is deemed accepted where the rules and the document allow it.
    """
    missing: list[DocumentRef] = []
    deemed: list[DocumentRef] = []
    by_going_on = deemable(list(in_force), deemed_acceptance=deemed_acceptance)
    for code, version in in_force.items():
        if (code, version) in accepted:
            continue
        earlier = any(code == accepted_code for accepted_code, _ in accepted)
        (deemed if earlier and code in by_going_on else missing).append(DocumentRef(code, version))
    return Standing(tuple(missing), tuple(deemed))


def deemable(codes: Sequence[str], *, deemed_acceptance: bool) -> list[str]:
    """Those of the documents whose later versions are accepted by going on using. [D-102, G-D21]"""
    return [code for code in codes if deemed_acceptance and code not in EXPLICIT_ONLY]
