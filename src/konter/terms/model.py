"""Legal documents and who accepted which version, and the pure decision what is still to be accepted."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import Literal

import msgspec

from konter.platform.ids import SessionId, UserId

_NUMBER = re.compile(r"^[0-9]+\. ")
Way = Literal["agreed", "deemed"]
# Consent to the use of personal data needs an act of the person; going on using is none. [G-D21]
EXPLICIT_ONLY = frozenset({"privacy-policy"})
# What binds by use alone, without an "Agree": customers from the activation on, applicants from the first step. [T-01]
CUSTOMER_TERMS = "customer-terms"
APPLICANT_TERMS = "terms-of-use"


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


class VersionLine(msgspec.Struct, frozen=True):
    """A version in a list, without its words."""

    version: str
    valid_from: datetime


class Change(msgspec.Struct, frozen=True):
    """A paragraph that a version brought, or that it left out."""

    kind: Literal["new", "gone"]
    paragraph: str


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


def paragraphs(text: str) -> tuple[str, ...]:
    """A text cut where empty lines stand."""
    return tuple(part.strip() for part in text.split("\n\n") if part.strip())


def changes_between(old: str, new: str) -> tuple[Change, ...]:
    """What is said otherwise, paragraph by paragraph in the order of the text; what goes stands before what comes.

    A paragraph that only has another number counts as the same, else one that is put in would change all behind it.
    """
    before, after = paragraphs(old), paragraphs(new)
    matcher = SequenceMatcher(
        None, [_unnumbered(each) for each in before], [_unnumbered(each) for each in after], autojunk=False
    )
    changes: list[Change] = []
    for tag, begin, end, new_begin, new_end in matcher.get_opcodes():
        if tag != "equal":
            changes += [Change("gone", each) for each in before[begin:end]]
            changes += [Change("new", each) for each in after[new_begin:new_end]]
    return tuple(changes)


def _unnumbered(paragraph: str) -> str:
    return _NUMBER.sub("", paragraph)
