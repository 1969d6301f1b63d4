"""Reading a ruleset: TOML text in, typed entries or faults out, each fault with its line. Pure.

A file names itself and the set it stands on, then gives tables of rules, each from a moment on:

    name = "lebaran-2027"
    extends = "id-2014"                      # optional

    [[rules]]
    valid_from = 2027-03-01T00:00:00+07:00
    promo.max_per_day = 2
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec

from konter.platform.i18n import text as sentence_of
from konter.rules.lines import Path, line_of
from konter.rules.model import key_types

SIZE_MAX_BYTES = 256 * 1024
NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
YEARS = range(2000, 2101)
TOP_KEYS = {"name", "title", "extends", "rules"}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong where. `reason` is the last part of the text key `rules.fault.<reason>`."""

    file: str
    line: int
    reason: str
    data: dict[str, Any] = {}

    def sentence(self, locale: str) -> str:
        """`base.toml, line 12: …`, for people."""
        said = sentence_of(f"rules.fault.{self.reason}", locale, **self.data)
        return sentence_of("rules.fault.at", locale, file=self.file, line=self.line, sentence=said)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as a file states it; `value` is plain JSON of the right type, `path` leads to it in the file."""

    key: str
    valid_from: datetime
    value: Any
    source: "Source"
    path: Path

    def fault(self, reason: str, **data: Any) -> Fault:
        """A fault at this entry's line."""
        return self.source.fault(self.path, reason, rule=self.key, **data)


class Source(msgspec.Struct, frozen=True):
    """A file's name and text, kept to tell lines."""

    file: str
    text: str

    def fault(self, path: Path, reason: str, **data: Any) -> Fault:
        """A fault at the line where `path` stands."""
        return Fault(file=self.file, line=line_of(self.text, path), reason=reason, data=data)


class Ruleset(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read without a fault."""

    name: str
    extends: str | None
    source: Source
    entries: tuple[Entry, ...]


def parse_ruleset(raw: bytes, file: str) -> Ruleset | list[Fault]:
    """A ruleset, or every fault that can be seen without knowing what is loaded already."""
    if len(raw) > SIZE_MAX_BYTES:
        return [Fault(file=file, line=1, reason="too_large", data={"max_bytes": SIZE_MAX_BYTES})]
    try:
        source = Source(file, raw.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        return [Fault(file=file, line=raw[: error.start].count(b"\n") + 1, reason="not_utf8")]
    try:
        tree = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        return [_syntax_fault(source, str(error))]
    faults = list(_head_faults(source, tree))
    if faults:
        return faults
    entries: list[Entry] = []
    for item in _items(source, tree["rules"]):
        if isinstance(item, Fault):
            faults.append(item)
        else:
            entries.append(item)
    faults += _overlaps(entries)
    if faults:
        return sorted(faults, key=lambda fault: fault.line)
    return Ruleset(name=tree["name"], extends=tree.get("extends"), source=source, entries=tuple(entries))


def _syntax_fault(source: Source, message: str) -> Fault:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line = int(found[1]) if found else max(1, len(source.text.splitlines()))
    detail = message.partition(" (at ")[0]
    return Fault(file=source.file, line=line, reason="syntax", data={"detail": detail})


def _head_faults(source: Source, tree: dict[str, Any]) -> Iterator[Fault]:
    for name in tree:
        if name not in TOP_KEYS:
            yield source.fault((name,), "unknown_head", rule=name)
    for name in ("name", "extends"):
        value = tree.get(name)
        if value is None and name == "extends":
            continue
        if not isinstance(value, str) or not NAME.fullmatch(value):
            yield source.fault((name,), "wrong_name", rule=name)
    tables = tree.get("rules")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        yield source.fault(("rules",), "no_rules")


def _items(source: Source, tables: list[dict[str, Any]]) -> Iterator[Entry | Fault]:
    for number, table in enumerate(tables):
        here: Path = ("rules", number)
        moment = table.get("valid_from")
        if moment is None:
            yield source.fault(here, "no_moment")
        elif not isinstance(moment, date):
            yield source.fault((*here, "valid_from"), "not_a_moment")
        elif not isinstance(moment, datetime) or moment.tzinfo is None:
            yield source.fault((*here, "valid_from"), "naive_moment", value=moment.isoformat())
        elif moment.year not in YEARS:
            yield source.fault((*here, "valid_from"), "year_out_of_range", low=YEARS[0], high=YEARS[-1])
        else:
            rest = {name: value for name, value in table.items() if name != "valid_from"}
            for path, value in _leaves(rest, here):
                yield _entry(source, path, value, moment)


def _leaves(table: dict[str, Any], path: Path, prefix: str = "") -> Iterator[tuple[Path, Any]]:
    """Dotted keys and their values: a table is walked into until its path is a known key."""
    for name, value in table.items():
        here = (*path, name)
        key = f"{prefix}{name}"
        if isinstance(value, dict) and value and key not in key_types():
            yield from _leaves(value, here, f"{key}.")
        else:
            yield here, value


def _entry(source: Source, path: Path, value: Any, moment: datetime) -> Entry | Fault:
    key = ".".join(str(step) for step in path[2:])
    if key not in key_types():
        return source.fault(path, "unknown_key", rule=key)
    try:
        typed = msgspec.convert(value, type=key_types()[key])
    except msgspec.ValidationError as error:
        return source.fault(path, "wrong_value", rule=key, detail=str(error))
    plain = msgspec.json.decode(msgspec.json.encode(typed))  # as the table will give it back
    return Entry(key=key, valid_from=moment, value=plain, source=source, path=path)


def _overlaps(entries: list[Entry]) -> Iterator[Fault]:
    seen: set[tuple[str, datetime]] = set()
    for entry in entries:
        if (entry.key, entry.valid_from) in seen:
            yield entry.fault("overlap", valid_from=entry.valid_from.isoformat())
        seen.add((entry.key, entry.valid_from))
