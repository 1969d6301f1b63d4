"""DuckDB for one run: how much memory and disk it may take, Parquet in and out. Never loaded by server or worker."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis  # type: ignore[import-untyped]
import msgspec
from ibis import BaseBackend

from konter.loyalty.whole_base.refusals import FILES_BROKEN, FILES_MISSING, LIMIT_OUT_OF_BOUNDS
from konter.loyalty.whole_base.tables import Base, Table, base_of
from konter.platform.refusal import Refusal

MEMORY_MB = (256, 1_048_576)
SPILL_GB = (1, 65_536)
THREADS = (1, 256)
OutOfMemory = duckdb.OutOfMemoryException


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a run may take: memory, disk for what does not fit into it, in the folder `spill`, and threads."""

    spill: Path
    memory_mb: int = 4_096
    spill_gb: int = 200
    threads: int = 2

    def refusal(self) -> Refusal | None:
        """LIMIT_OUT_OF_BOUNDS for the first that is."""
        for name, (least, most) in (("memory_mb", MEMORY_MB), ("spill_gb", SPILL_GB), ("threads", THREADS)):
            if not least <= getattr(self, name) <= most:
                return LIMIT_OUT_OF_BOUNDS(name=name, least=least, most=most)
        return None


@contextmanager
def engine(limits: Limits) -> Iterator[BaseBackend]:
    """A DuckDB in memory that spills, asks no network for extensions, and is closed at the end."""
    limits.spill.mkdir(parents=True, exist_ok=True)
    backend = ibis.duckdb.connect(
        memory_limit=f"{limits.memory_mb}MiB",
        temp_directory=str(limits.spill),
        max_temp_directory_size=f"{limits.spill_gb}GiB",
        threads=limits.threads,
        preserve_insertion_order=False,
        autoinstall_known_extensions=False,
    )
    try:
        yield backend
    finally:
        backend.disconnect()


def read_base(backend: BaseBackend, folders: Mapping[str, Path]) -> Base | Refusal:
    """The base from Parquet, by the names of `tables.COLUMNS`: each a file, or a folder with files at any depth.

    FILES_MISSING where there is none, FILES_BROKEN for what is no Parquet; else as `base_of`.
    """
    tables: dict[str, Table] = {}
    for name, folder in folders.items():
        files = [folder] if folder.is_file() else sorted(folder.rglob("*.parquet"))
        if not files:
            return FILES_MISSING(table=name, folder=str(folder))
        try:
            tables[name] = backend.read_parquet([str(file) for file in files])
        except duckdb.Error as error:
            return FILES_BROKEN(table=name, detail=str(error).partition("\n")[0])
    return base_of(tables)


def write_parquet(backend: Any, table: Table, path: Path) -> int:
    """Write a table to a file, whole or not at all; returns how many rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    # DuckDB's sums are wider than what Parquet holds: each column gets the type that the expression says.
    columns = ", ".join(
        f'CAST("{name}" AS {_TYPES[str(type_.copy(nullable=True))]}) AS "{name}"'
        for name, type_ in table.schema().items()
    )
    try:
        ((rows,),) = backend.raw_sql(
            f"COPY (SELECT {columns} FROM ({backend.compile(table)})) TO '{_quoted(part)}' (FORMAT parquet)"
        ).fetchall()
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return int(rows)


_TYPES = {"int64": "BIGINT", "date": "DATE", "string": "VARCHAR"}


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def rows_of(backend: Any, table: Table) -> list[tuple[Any, ...]]:
    """All rows as plain tuples in the order of the columns, sorted; for tests and for what is small."""
    found = backend.to_pyarrow(table).to_pylist()
    return sorted((tuple(row.values()) for row in found), key=lambda row: [(each is not None, each) for each in row])
