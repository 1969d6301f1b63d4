"""What became of a file, row by row where people have to look at it."""

from collections.abc import Sequence
from typing import Any

import msgspec

from konter.channel.importing.sheet import Fault, FileKind
from konter.platform.i18n import text


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A row that says something else than what stands; nothing was changed."""

    line: int
    code: str
    columns: tuple[str, ...]

    def sentence(self, locale: str) -> str:
        """`baris 7, 2200000007: nama, alamat`, for people."""
        columns = ", ".join(self.columns)
        return text("importing.differs", locale, line=self.line, code=self.code, columns=columns)


class Report(msgspec.Struct, kw_only=True):
    """Rows by what became of them. `faults` and `differences` name each row that people have to look at."""

    file: str
    kind: FileKind
    added: int = 0
    same: int = 0
    users: int = 0
    conflicts: int = 0
    sellers_linked: int = 0
    sellers_unknown: int = 0
    faults: list[Fault] = []
    differences: list[Difference] = []

    def compared(self, line: int, code: str, columns: Sequence[str]) -> None:
        """Count a row of something that stands already."""
        if columns:
            self.differences.append(Difference(line=line, code=code, columns=tuple(columns)))
        else:
            self.same += 1

    def counts(self) -> dict[str, Any]:
        """The numbers, for the audit."""
        given = msgspec.structs.asdict(self)
        return {**given, "faults": len(self.faults), "differences": len(self.differences)}

    def sentences(self, locale: str) -> list[str]:
        """What happened in a few sentences, for people."""
        counts = self.counts()
        said = [text(f"importing.done.{self.kind}", locale, **counts)]
        said += [
            text(f"importing.{name}", locale, **counts)
            for name in ("users", "conflicts", "sellers_linked", "sellers_unknown", "differences", "faults")
            if counts[name]
        ]
        return said
