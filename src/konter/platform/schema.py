"""The schema as text: what `schema.sql` holds, dumped by the wheel's own pg_dump."""

import asyncio
import os
import re
from urllib.parse import unquote, urlsplit, urlunsplit

from konter.platform.embedded import wheel_bin_dir
from konter.platform.migration_files import MigrationError

# pg_dump writes a random word into each dump, against text that could break out of it; a fixed one makes it repeatable.
RESTRICT_KEY = "konter"
_VERSION_LINES = re.compile(r"^-- Dumped (from database|by pg_dump) version .*\n", re.MULTILINE)


async def dump_schema(dsn: str) -> str:
    """The same text for the same schema on the same PostgreSQL version, whatever the database's name and owner."""
    parts = urlsplit(dsn)
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGCLIENTENCODING": "UTF8"}
    if parts.password:  # not among the arguments, which every user of the machine can list
        environment["PGPASSWORD"] = unquote(parts.password)
    without_password = urlunsplit(parts._replace(netloc=re.sub(r":[^:@]*@", "@", parts.netloc)))
    process = await asyncio.create_subprocess_exec(
        wheel_bin_dir() / "pg_dump",
        "--schema-only",
        "--no-owner",
        f"--restrict-key={RESTRICT_KEY}",
        f"--dbname={without_password}",
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await process.communicate()
    if process.returncode:
        raise MigrationError(f"pg_dump failed: {said.decode('utf-8', 'replace').strip()}")
    return _VERSION_LINES.sub("", out.decode("utf-8"))
