"""Where an embedded database lives.

DATA_DIR/lock, users     file locks: who may start or stop, who uses the server
DATA_DIR/password        of the roles konter and postgres, 0600, the caller's
DATA_DIR/location        only when root's DATA_DIR is closed to the server's user: the path of HOME
HOME/cluster             PostgreSQL's data directory      (HOME is DATA_DIR unless `location` says otherwise)
HOME/log/server.log      what the server says
HOME/run                 the socket; in /tmp when the path would be too long for a socket
HOME/belongs-to          the DATA_DIR, when it is elsewhere
"""

import hashlib
import os
import re
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from konter.platform.embedded.run import Account, EmbeddedError, can_enter, own_folder
from konter.platform.embedded.system import base_folder, server_account

SOCKET_DIR_BYTES_MAX = 107 - len("/.s.PGSQL.5432") - 4  # macOS has four bytes less than Linux
TEST_PREFIX, DATA_PREFIX = "test-", "data-"


@dataclass(frozen=True, slots=True)
class Place:
    data_dir: Path
    home: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def log_file(self) -> Path:
        return self.home / "log" / "server.log"

    def socket_dir(self) -> Path:
        """The folder for the socket, made if missing; in /tmp when the path is too long or would need quoting."""
        folder = self.home / "run"
        if len(os.fsencode(folder)) > SOCKET_DIR_BYTES_MAX or not re.fullmatch(r"[\w./+-]+", str(folder), re.ASCII):
            folder = Path("/tmp") / f"konter-pg-{_digest(self.home)}"  # noqa: S108 -- owner and mode are checked below
        own_folder(folder, self.account)
        status = folder.lstat()
        owner = self.account.uid if self.account else os.geteuid()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
            raise EmbeddedError(f"{folder}, the folder for the database's socket, belongs to somebody else; remove it.")
        return folder


def find_place(data_dir: Path, *, test: bool) -> Place:
    """Where this folder's database is, or where a new one shall be. Call it under the folder's lock."""
    note = data_dir / "location"
    home = _noted_home(note, data_dir) if note.exists() else data_dir
    account = server_account(home / "cluster")
    if account and not can_enter(home, account):
        if (home / "cluster").exists():
            raise EmbeddedError(
                f"The database in {home} belongs to user number {account.uid}, who can no longer enter that folder. "
                "Let it pass through the folders above again, or move the folder to where it can.",
            )
        home = _new_home(data_dir, account, test=test)
        _write_durably(note, f"{home}\n")
    own_folder(home / "log", account)
    return Place(data_dir, home, account)


def _noted_home(note: Path, data_dir: Path) -> Path:
    home = Path(note.read_text("utf-8").strip())
    owner_note = home / "belongs-to"
    if not owner_note.exists():
        raise EmbeddedError(
            f"{note} says that the data of {data_dir} is in {home}, and it is not there. "
            f"Bring it back, or delete {data_dir} to begin with an empty database.",
        )
    owner = Path(owner_note.read_text("utf-8").strip())
    if owner != data_dir:
        # Moved: the old folder is gone. Copied: it is still there, and two folders must not share one database.
        if (owner / "location").exists():
            raise EmbeddedError(
                f"{data_dir} is a copy of {owner}: the data itself is in {home}. Copy a database with "
                "pg_dump, not by its folder.",
            )
        _write_durably(owner_note, f"{data_dir}\n")
    return home


def _new_home(data_dir: Path, account: Account, *, test: bool) -> Path:
    """Named after the folder so that an operator can tell; never one that exists, because that is somebody's data."""
    base = base_folder(account)
    _sweep(base)
    prefix = TEST_PREFIX if test else DATA_PREFIX
    home = base / f"{prefix}{_digest(data_dir)}-{secrets.token_hex(3)}"
    home.mkdir()
    home.chmod(0o711)  # ours and new: the server's user passes through, nobody lists it
    _write_durably(home / "belongs-to", f"{data_dir}\n")
    return home


def _sweep(base: Path) -> None:
    """Remove what tests left whose folder is gone. A server left running there ends when its data is gone."""
    for home in base.glob(TEST_PREFIX + "*"):
        owner_note = home / "belongs-to"
        if owner_note.exists() and not Path(owner_note.read_text("utf-8").strip()).exists():
            shutil.rmtree(home, ignore_errors=True)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _write_durably(path: Path, text: str) -> None:
    """Whole or not at all, and on the disk before we go on: without it the data could not be found again."""
    new = path.with_name(path.name + ".new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
