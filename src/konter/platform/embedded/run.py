"""Running PostgreSQL's own programs: as the right user, with a bare environment, never waiting for ever."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BARE_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC", "PGCLIENTENCODING": "UTF8"}


class EmbeddedError(RuntimeError):
    """The embedded database cannot be used; the text says what happened and what the operator can do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that runs the server when the caller is root (PostgreSQL refuses to run as root)."""

    uid: int
    gid: int


def run(
    program: str | Path,
    *args: str,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout_s: float | None = 300,
) -> subprocess.CompletedProcess[str]:
    """Run to the end and return what it said; a failure is a return code, also when it could not be started at all.

    Works from `/`, because the folder of the caller may be closed to `account`.
    """
    command = [str(program), *args]
    try:
        return subprocess.run(  # noqa: S603 -- an argument list, no shell
            command,
            input=stdin if stdin is not None else "",
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            env={**BARE_ENVIRONMENT, **(env or {})},
            cwd="/",
            timeout=timeout_s,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            umask=0o077,
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 126, "", f"{error}\n")
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"{program} did not end within {timeout_s:.0f} s\n")


def can_enter(folder: Path, account: Account) -> bool:
    """Asked of the system, as the account, because mode bits alone do not know of ACLs and mount options."""
    return run("/bin/sh", "-c", 'cd "$0"', str(folder), account=account).returncode == 0


def own_folder(folder: Path, account: Account | None) -> None:
    """Make a folder that only the server's user may enter; one that is there is left as it is."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    if account:
        os.chown(folder, account.uid, account.gid)
