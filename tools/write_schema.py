"""Writes schema.sql: what a fresh database is after all migrations. A test compares the two."""

import asyncio
import tempfile
from pathlib import Path

from konter.platform.embedded import start_embedded
from konter.platform.migrate import migrate
from konter.platform.schema import dump_schema

SCHEMA = Path(__file__).parent.parent / "schema.sql"


async def _dump(dsn: str) -> str:
    await migrate(dsn)
    return await dump_schema(dsn)


def main() -> None:
    """Migrate a database that lives for this moment only, and dump it."""
    with tempfile.TemporaryDirectory() as folder, start_embedded(Path(folder) / "data", test=True) as server:
        SCHEMA.write_text(asyncio.run(_dump(server.url)), encoding="utf-8")
    print(f"wrote {SCHEMA.name}")


if __name__ == "__main__":
    main()
