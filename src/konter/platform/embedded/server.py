"""The embedded server as the rest of Konter sees it: start it, use its address, stop it."""

import os
import secrets
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from konter.platform.embedded import cluster
from konter.platform.embedded.lock import exclusive, is_last, share
from konter.platform.embedded.place import Place, find_place
from konter.platform.embedded.run import EmbeddedError, run
from konter.platform.embedded.system import usable_binaries
from konter.platform.folders import make_private


class EmbeddedServer:
    """A running server that this process is counted in on. Whoever stops last stops the server.

    A killed process is counted out by the kernel; the server it leaves behind is found by the next start.
    """

    def __init__(self, place: Place, bin_dir: Path, password: str, *, started_here: bool, users: int) -> None:
        self.bin_dir = bin_dir
        self.started_here = started_here
        self._place = place
        self._users: int | None = users
        self._password = password
        self._socket_dir, self._port = cluster.socket_of(place.cluster)

    @property
    def url(self) -> str:
        """For asyncpg and libpq; holds the password, so it goes into no log."""
        return self.url_of(cluster.DATABASE)

    def url_of(self, database: str) -> str:
        host = quote(self._socket_dir, safe="")
        return f"postgresql://{cluster.ROLE}:{self._password}@/{quote(database)}?host={host}&port={self._port}"

    @property
    def pid(self) -> int | None:
        """The server's main process, None when it is not running."""
        return cluster.running_pid(self._place.cluster)

    @property
    def log_file(self) -> Path:
        return self._place.log_file

    def command(
        self,
        name: str,
        *args: str,
        database: str = cluster.DATABASE,
        stdin: str | None = None,
        timeout_s: float | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the wheel's client programs (psql, pg_dump, pg_restore, pgbench) on this server, as the caller."""
        return run(self.bin_dir / name, *args, env=self.environment(database), stdin=stdin, timeout_s=timeout_s)

    def environment(self, database: str = cluster.DATABASE) -> dict[str, str]:
        """What libpq needs to find the server; the password does not show in the list of processes."""
        return {
            "PGHOST": self._socket_dir,
            "PGPORT": str(self._port),
            "PGUSER": cluster.ROLE,
            "PGPASSWORD": self._password,
            "PGDATABASE": database,
        }

    def revive(self) -> bool:
        """Start the server again if it died under us; whether it had. Recovery is PostgreSQL's own."""
        if self.pid is not None or self._users is None:
            return False
        with exclusive(self._place.data_dir / "lock"):
            return cluster.ensure_running(self._place, self.bin_dir, test=False)

    def stop(self) -> None:
        """Count this process out; the last one stops the server. A second call does nothing."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            if not self._place.data_dir.exists():  # deleted under our feet: nobody can find this server any more
                cluster.stop(self._place, self.bin_dir)
                return
            with exclusive(self._place.data_dir / "lock"):
                if is_last(users):
                    cluster.stop(self._place, self.bin_dir)
        finally:
            os.close(users)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_embedded(data_dir: Path, *, test: bool = False) -> EmbeddedServer:
    """Make the database on first use, then start its server or find it running. The database "konter" is ours.

    `test` gives up durability for speed: for data that nobody will miss. Raises `EmbeddedError`.
    """
    make_private(data_dir)  # what is inside is closed file by file
    data_dir = data_dir.resolve()
    with exclusive(data_dir / "lock"):
        place = find_place(data_dir, test=test)
        bin_dir = usable_binaries(place.account)
        is_new = not place.cluster.exists()
        password = _password(data_dir / "password", may_create=is_new)
        if is_new:
            cluster.create(place, bin_dir, password, test=test)
        started_here = cluster.ensure_running(place, bin_dir, test=test)
        users = share(data_dir / "users")
    return EmbeddedServer(place, bin_dir, password, started_here=started_here, users=users)


def _password(path: Path, *, may_create: bool) -> str:
    if path.exists():
        return path.read_text("utf-8").strip()
    if not may_create:
        raise EmbeddedError(f"{path}, the password of the database, is missing. Bring it back from a backup.")
    password = secrets.token_hex(24)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(password + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
    return password
