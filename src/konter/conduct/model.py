"""Who is kept from registering, and the pure decisions on it. [D-96]"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from konter.conduct.refusals import (
    ALREADY_BLACKLISTED,
    BLACKLIST_ENTRY_LIFTED,
    BLACKLIST_ENTRY_NOT_FOUND,
    SECOND_PERSON_NEEDED,
)
from konter.platform.audit import Actor
from konter.platform.ids import BlacklistId, Msisdn, cell_of_msisdn, cell_of_text
from konter.platform.refusal import INVALID_INPUT, Refusal
from konter.platform.secrets import Keys

EntryKind = Literal["nik", "rs", "nn"]
REASON_CHARS_MAX = 300
EVIDENCE_CHARS_MAX = 300


class Blacklisting(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may not register again: exactly one of NIK and number, and why."""

    kind: EntryKind
    reason: str
    evidence: str = ""
    nik: str | None = None
    msisdn: Msisdn | None = None

    def place(self, keys: Keys) -> tuple[str, int]:
        """The value by which the entry is found, and its cell."""
        if self.kind == "nik":
            assert self.nik is not None, "an entry by NIK without one"
            return nik_place(keys, self.nik)
        assert self.msisdn is not None, "an entry by number without one"
        return number_place(keys, self.msisdn)


class Suspects(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to register with. Numbers are looked for whatever they were blacklisted as."""

    niks: tuple[str, ...] = ()
    numbers: tuple[Msisdn, ...] = ()

    def places(self, keys: Keys) -> dict[str, int]:
        """Cells by the values to look for."""
        return dict([nik_place(keys, nik) for nik in self.niks] + [number_place(keys, each) for each in self.numbers])


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as the database has it; `key` is a keyed hash, `added_by` such as `staff:123`."""

    id: BlacklistId
    kind: EntryKind
    key: str
    reason: str
    evidence: str
    since: datetime
    added_by: str
    lifted_at: datetime | None
    lift_reason: str | None


class Lifting(msgspec.Struct, frozen=True, kw_only=True):
    """One asks for an entry's end and another decides it. [four eyes]"""

    entry_id: BlacklistId
    reason: str
    asked_by: Actor
    decided_by: Actor


def nik_key(keys: Keys, nik: str) -> str:
    """The keyed hash by which a NIK is found; nobody gets the NIK back from it."""
    return keys.pepper_hash("nik", nik.encode("ascii")).hex()


def nik_place(keys: Keys, nik: str) -> tuple[str, int]:
    """Hash and cell of a NIK: the cell that the hash gives."""
    key = nik_key(keys, nik)
    return key, cell_of_text(key)


def number_place(keys: Keys, msisdn: Msisdn) -> tuple[str, int]:
    """Hash and cell of a number: the number's own cell."""
    return keys.pepper_hash("blacklist.number", str(int(msisdn)).encode("ascii")).hex(), cell_of_msisdn(msisdn)


def decide_blacklistings(
    new: Sequence[Blacklisting], *, live: set[tuple[EntryKind, str]], keys: Keys
) -> list[Refusal | None]:
    """Accept (None) or refuse each entry, in order; `live` holds (kind, key) of what is blacklisted."""
    taken = set(live)
    outcomes: list[Refusal | None] = []
    for each in new:
        place = (each.kind, each.place(keys)[0])
        refusal = reason_refusal(each.reason) or evidence_refusal(each.evidence)
        if refusal is None and place in taken:
            refusal = ALREADY_BLACKLISTED()
        if refusal is None:
            taken.add(place)
        outcomes.append(refusal)
    return outcomes


def decide_liftings(wanted: Sequence[Lifting], entries: Mapping[int, Entry]) -> list[Refusal | None]:
    """Accept (None) or refuse each lifting, in order; who asked may not decide."""
    lifted: set[int] = set()
    outcomes: list[Refusal | None] = []
    for each in wanted:
        entry = entries.get(each.entry_id)
        if entry is None:
            refusal: Refusal | None = BLACKLIST_ENTRY_NOT_FOUND()
        elif entry.lifted_at is not None or entry.id in lifted:
            refusal = BLACKLIST_ENTRY_LIFTED()
        elif each.asked_by.text == each.decided_by.text:
            refusal = SECOND_PERSON_NEEDED()
        else:
            refusal = reason_refusal(each.reason)
        if refusal is None:
            lifted.add(each.entry_id)
        outcomes.append(refusal)
    return outcomes


def reason_refusal(reason: str) -> Refusal | None:
    """A reason is something that can be read."""
    if not reason.strip() or len(reason) > REASON_CHARS_MAX or not reason.isprintable():
        return INVALID_INPUT(field="reason", reason=f"1-{REASON_CHARS_MAX}")
    return None


def evidence_refusal(evidence: str) -> Refusal | None:
    """Where the evidence is may be left open; what is said can be read."""
    if len(evidence) > EVIDENCE_CHARS_MAX or not evidence.isprintable():
        return INVALID_INPUT(field="evidence", reason=f"0-{EVIDENCE_CHARS_MAX}")
    return None
