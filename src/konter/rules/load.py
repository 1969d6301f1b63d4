"""Loading rulesets into the table, cancelling planned rules, and reading all of it back."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import resources
from pathlib import Path

import msgspec

from konter.platform.audit import Actor, AuditRow, write_audit
from konter.platform.db import Connection
from konter.platform.i18n import text
from konter.platform.ids import IdBlocks
from konter.platform.refusal import Refusal
from konter.rules import queries
from konter.rules.checks import rules_faults
from konter.rules.model import Rulebook, RuleRow, key_types
from konter.rules.refusals import RULE_BEGUN, RULE_NEEDED, RULE_UNKNOWN, RULESET_REFUSED
from konter.rules.ruleset import NAME, Entry, Fault, Ruleset, parse_ruleset

RuleAt = tuple[str, datetime]


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A load that was accepted: rows added, rows that stood already, and the version that everyone now reads."""

    ruleset: str
    added: int
    known: int
    version: int

    def sentence(self, locale: str) -> str:
        """What happened, for people."""
        key = "rules.loaded" if self.added else "rules.nothing_new"
        return text(key, locale, ruleset=self.ruleset, added=self.added, known=self.known, version=self.version)


async def read_rulebook(conn: Connection) -> Rulebook:
    """Every live rule with the version that says so."""
    version, rows = await queries.read_rules(conn)
    return Rulebook(rows, version)


async def load_ruleset(
    conn: Connection, source: str | Path, *, now: datetime, actor: Actor, ids: IdBlocks
) -> Loaded | Refusal:
    """Load a ruleset that ships with Konter (`id-2014`) or a file, all or nothing.

    Rows that stand already are left alone, so loading again is harmless. RULESET_REFUSED carries every `Fault`.
    """
    ruleset = read_ruleset(source)
    if isinstance(ruleset, list):
        return _refused(str(source), ruleset)
    own_ids = await ids.reserve(conn, 1)
    async with conn.transaction():
        await queries.lock_version(conn)
        book = await read_rulebook(conn)
        rows = decide_load(book, ruleset, now=now, actor=actor)
        faults = [row for row in rows if isinstance(row, Fault)]
        if faults:
            return _refused(str(source), faults)
        added = [row for row in rows if isinstance(row, RuleRow)]
        known = len(ruleset.entries) - len(added)
        if not added:
            return Loaded(ruleset=ruleset.name, added=0, known=known, version=book.version)
        written = await queries.insert_rules(conn, rows=added)
        assert written == len(added), "a row of the past was in the way"
        await queries.raise_version(conn)
        data = {
            "ruleset": ruleset.name,
            "version": book.version + 1,
            "rows": [msgspec.to_builtins(row) for row in added],
        }
        await write_audit(conn, own_ids, [AuditRow(0, now, actor, "rules.load", 0, data)])
    return Loaded(ruleset=ruleset.name, added=len(added), known=known, version=book.version + 1)


async def cancel_rule(
    conn: Connection, key: str, valid_from: datetime, *, now: datetime, actor: Actor, ids: IdBlocks
) -> RuleRow | Refusal:
    """Take back a rule that has not begun; the past never changes.

    Refusals: RULE_UNKNOWN, RULE_BEGUN, and RULE_NEEDED when what is left would not fit together.
    """
    own_ids = await ids.reserve(conn, 1)
    async with conn.transaction():
        await queries.lock_version(conn)
        book = await read_rulebook(conn)
        row = decide_cancel(book, key, valid_from, now=now)
        if isinstance(row, Refusal):
            return row
        written = await queries.cancel_rule(conn, key=key, valid_from=valid_from, now=now)
        assert written == 1, "the row was live a moment ago, under the lock"
        await queries.raise_version(conn)
        data = {"version": book.version + 1, "row": msgspec.to_builtins(row)}
        await write_audit(conn, own_ids, [AuditRow(0, now, actor, "rules.cancel", 0, data)])
    return row


def read_ruleset(source: str | Path) -> Ruleset | list[Fault]:
    """A ruleset with those it extends, the most general first; a row replaces the same row of what is extended."""
    found = _read(source)
    if isinstance(found, list):
        return found
    line = [found]
    while (base := line[0].extends) is not None:
        raw = _shipped(base)
        if raw is None or base in [ruleset.name for ruleset in line]:
            return [line[0].source.fault(("extends",), "unknown_base", name=base)]
        found = parse_ruleset(raw, f"{base}.toml")
        if isinstance(found, list):
            return found
        line.insert(0, found)
    merged = {(entry.key, entry.valid_from): entry for ruleset in line for entry in ruleset.entries}
    return msgspec.structs.replace(line[-1], entries=tuple(merged.values()))


def _read(source: str | Path) -> Ruleset | list[Fault]:
    raw = _shipped(source) if isinstance(source, str) else None
    if raw is not None:
        return parse_ruleset(raw, f"{source}.toml")
    try:
        return parse_ruleset(Path(source).read_bytes(), Path(source).name)
    except FileNotFoundError:
        return [Fault(file=str(source), line=1, reason="no_such_ruleset", data={"names": ", ".join(shipped_names())})]
    except OSError as error:
        return [Fault(file=str(source), line=1, reason="unreadable", data={"detail": error.strerror or str(error)})]


def shipped_names() -> list[str]:
    """The rulesets that ship with Konter and are whole: the ground that they stand on is not."""
    names = (file.name.removesuffix(".toml") for file in resources.files("konter.rulesets").iterdir())
    found = {name: _read(name) for name in names if _shipped(name) is not None}
    return sorted(name for name, each in found.items() if isinstance(each, Ruleset) and each.extends is not None)


def _shipped(name: str) -> bytes | None:
    if not NAME.fullmatch(name):
        return None
    file = resources.files("konter.rulesets") / f"{name}.toml"
    return file.read_bytes() if file.is_file() else None


def decide_load(book: Rulebook, ruleset: Ruleset, *, now: datetime, actor: Actor) -> list[RuleRow | Fault]:
    """The rows to add, or the faults. Pure.

    A row may begin in the past only for a key that never had a value: the very first load, and keys that a newer
    Konter brings. It changes nothing that anyone has decided by.
    """
    known_keys = {row.key for row in book.rows}
    added: dict[RuleAt, RuleRow] = {}
    faults: list[RuleRow | Fault] = []
    for entry in ruleset.entries:
        standing = book.row(entry.key, entry.valid_from)
        if standing is not None:
            if standing.value != entry.value:
                reason = "planned_already" if entry.valid_from > now else "past_is_fixed"
                faults.append(entry.fault(reason, valid_from=entry.valid_from.isoformat()))
        elif entry.valid_from <= now and entry.key in known_keys:
            faults.append(entry.fault("moment_has_begun", valid_from=entry.valid_from.isoformat()))
        else:
            added[(entry.key, entry.valid_from)] = RuleRow(
                key=entry.key,
                valid_from=entry.valid_from,
                value=entry.value,
                ruleset=ruleset.name,
                recorded_at=now,
                actor=actor.text,
            )
    if faults:
        return faults
    entries = {(entry.key, entry.valid_from): entry for entry in ruleset.entries}
    together = Rulebook([*book.rows, *added.values()], book.version)
    return [*_book_faults(together, entries, now)] or [*added.values()]


def _book_faults(book: Rulebook, entries: Mapping[RuleAt, Entry], now: datetime) -> Iterator[Fault]:
    """What would not fit together at some moment, each fault once, at the line that brings it."""
    if not entries:
        return
    missing = key_types().keys() - {row.key for row in book.in_force(min(book.moments[0], now))}
    *_, some = entries.values()
    for key in sorted(missing):
        yield Fault(file=some.source.file, line=1, reason="missing_key", data={"rule": key})
    if missing:
        return
    told = set()
    for moment in book.moments:
        for key, reason in rules_faults(book.at(moment)):
            row = book.explain(key, moment)
            # The row with the key itself may stand already; then another row of this moment brought the clash.
            entry = entries.get((row.key, row.valid_from)) or next(
                (entry for (_, begins), entry in entries.items() if begins == moment), some
            )
            if (entry.path, reason) not in told:
                told.add((entry.path, reason))
                yield entry.fault(reason)


def decide_cancel(book: Rulebook, key: str, valid_from: datetime, *, now: datetime) -> RuleRow | Refusal:
    """The row to cancel, or why not. Pure."""
    row = book.row(key, valid_from)
    if row is None:
        return RULE_UNKNOWN(rule=key, valid_from=valid_from.isoformat())
    if valid_from <= now:
        return RULE_BEGUN(rule=key, valid_from=valid_from.isoformat())
    left = Rulebook((other for other in book.rows if other is not row), book.version)
    for moment in left.moments:
        if moment > now and (broken := rules_faults(left.at(moment))):
            return RULE_NEEDED(rule=key, valid_from=valid_from.isoformat(), needed_by=broken[0][0])
    return row


def _refused(source: str, faults: list[Fault]) -> Refusal:
    return RULESET_REFUSED(source=source, count=len(faults), faults=tuple(faults))
