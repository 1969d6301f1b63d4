"""Write what the database holds of the programme as the files that the whole base is reckoned from."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import parquet

from konter.loyalty.whole_base import queries
from konter.loyalty.whole_base.tables import COLUMNS
from konter.platform.db import Connection, allow_long_work
from konter.platform.ids import CELLS
from konter.rules.model import Rules

_TYPES = {
    "int64": pa.int64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


async def export(connection: Connection, folder: Path, *, rules: Rules) -> Mapping[str, int]:
    """`recharges.parquet`, `bills.parquet`, `members.parquet`, `tiers.parquet` and `plans.parquet`, of one moment; how
    many rows each has. The folder exists. A file is whole or not there; memory is what one cell, a 256th of all, takes.
    """
    written: dict[str, int] = {}
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await allow_long_work(connection)
        for name, columns in COLUMNS.items():
            schema = pa.schema([(column, _TYPES[type_]) for column, type_ in columns.items()])
            part = folder / f"{name}.part"
            try:
                written[name] = await _write(connection, name, schema, part, rules)
                part.rename(folder / f"{name}.parquet")
            finally:
                part.unlink(missing_ok=True)
    return written


async def _write(connection: Connection, name: str, schema: pa.Schema, path: Path, rules: Rules) -> int:
    count = 0
    with parquet.ParquetWriter(path, schema) as writer:
        for cell in range(CELLS):
            rows = await queries.read_table(connection, name, cell=cell, zone=rules.poin.time_zone)
            if rows:
                columns = [
                    pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), schema, strict=True)
                ]
                writer.write_table(pa.table(columns, schema=schema))
            count += len(rows)
    return count
