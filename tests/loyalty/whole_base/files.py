"""The people of `people.py` as Parquet files."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tests.loyalty.whole_base.people import People

from konter.loyalty.whole_base.tables import COLUMNS

TYPES = {
    "int64": pa.int64(),
    "string": pa.string(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}


def written(people: People, folder: Path, *names: str) -> dict[str, Path]:
    """A folder with two files for each table; moments are with a zone, as Spark writes them."""
    for name in names or tuple(COLUMNS):
        schema = pa.schema([(column, TYPES[type_]) for column, type_ in COLUMNS[name].items()])
        rows = getattr(people, name)
        for part, some in enumerate((rows[::2], rows[1::2])):
            path = folder / name / f"year={part}" / "part.parquet"
            path.parent.mkdir(parents=True)
            pq.write_table(pa.Table.from_pylist(some, schema=schema), path)
    return {name: folder / name for name in names or tuple(COLUMNS)}
