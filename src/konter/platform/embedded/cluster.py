"""One PostgreSQL data directory: made whole or not at all, started, found running, cleared after a crash, stopped.

Everything here happens under the lock of the data folder.
"""

import contextlib
import os
import shlex
import shutil
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from konter.platform.embedded.place import Place
from konter.platform.embedded.run import EmbeddedError, own_folder, run

ROLE = "konter"
DATABASE = "konter"
START_S_MAX = 600  # replaying the log after a crash may take its time
STOP_S_MAX = 60
ORPHANS_S_MAX = 10
LOG_BYTES_MAX = 10_000_000
LOG_TAIL_LINES = 20

# The same order and case rules on every machine: the built-in provider asks neither the system's locales nor ICU.
INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--no-instructions",
)
# A laptop's share; given at each start, so that a new release brings its own.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
TEST_ONLY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def create(place: Place, bin_dir: Path, password: str, *, test: bool) -> None:
    """Make cluster, role and database beside where they belong, then rename: half a cluster is never used."""
    half_made = place.home / "cluster.new"
    if half_made.exists():
        shutil.rmtree(half_made)
    own_folder(half_made, place.account)
    password_file = _lend_password(place, password)
    sync = ["--no-sync"] if test else []
    done = run(
        bin_dir / "initdb", *INITDB_OPTIONS, *sync, f"--pgdata={half_made}", f"--pwfile={password_file}",
        account=place.account, timeout_s=START_S_MAX,
    )  # fmt: skip
    password_file.unlink()
    if done.returncode:
        raise EmbeddedError(f"A new database could not be made in {half_made}:\n{_tail(done.stdout + done.stderr)}")
    # The role is no superuser, so that what the schema revokes is revoked. It may make databases (restores, tests) and
    # roles (the migrations make the one that the application works as).
    statements = (
        f"CREATE ROLE {ROLE} LOGIN CREATEDB CREATEROLE PASSWORD '{password}'\nGRANT pg_monitor TO {ROLE}\n"
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n"
    )
    single = ["--single", "-D", str(half_made), "-c", "exit_on_error=on", "-c", f"fsync={'off' if test else 'on'}"]
    done = run(bin_dir / "postgres", *single, "postgres", account=place.account, stdin=statements)
    if done.returncode:
        raise EmbeddedError(f"The new database in {half_made} could not be filled:\n{_tail(done.stderr)}")
    half_made.rename(place.cluster)


def _lend_password(place: Place, password: str) -> Path:
    """Initdb reads the password from a file, and as another user than ours."""
    path = place.home / "password.initdb"
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(password + "\n")
    if place.account:
        os.chown(path, place.account.uid, place.account.gid)
    return path


def ensure_running(place: Place, bin_dir: Path, *, test: bool) -> bool:
    """True when the server was started here, False when it ran already."""
    pid = running_pid(place.cluster)
    if pid is not None and _becomes_ready(place.cluster, pid):
        options = (place.cluster / "postmaster.opts").read_text("utf-8")
        if not test and "fsync=off" in options:
            raise EmbeddedError(
                f"The server on {place.cluster} runs for tests: it may lose sales when the power fails. Stop it first.",
            )
        return False
    if (place.cluster / "postmaster.pid").exists():
        _clear_after_crash(place.cluster)
    _start(place, bin_dir, {**SETTINGS, **(TEST_ONLY if test else DURABLE)})
    return True


def running_pid(cluster: Path) -> int | None:
    """The living server's process, or None. A number alone proves nothing: after a restart another process has it."""
    lines = _pid_file(cluster)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    return pid if _works_in(pid, cluster) else None


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    except PermissionError as error:
        raise EmbeddedError(f"The database in {cluster} belongs to another user: {error}") from error


def _works_in(pid: int, cluster: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(cluster))
    except psutil.Error:
        return False


def _becomes_ready(cluster: Path, pid: int) -> bool:
    """Wait for a server that is starting or, when it is stopping, until it is gone (False)."""
    give_up_at = time.monotonic() + START_S_MAX
    while time.monotonic() < give_up_at:
        lines = _pid_file(cluster)
        if len(lines) > 7 and lines[7].strip() == "ready":  # noqa: PLR2004 -- the eighth line is the server's state
            return True
        if not _works_in(pid, cluster):
            return False
        time.sleep(0.05)
    raise EmbeddedError(f"The server on {cluster}, process {pid}, has been starting or stopping for {START_S_MAX} s.")


def _clear_after_crash(cluster: Path) -> None:
    """The postmaster is dead. Its children must end before a new one starts, then its pid file is worth nothing."""
    if not _wait_for_orphans(cluster):
        for pid in _orphans(cluster):
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        if not _wait_for_orphans(cluster):
            raise EmbeddedError(f"Processes of a dead server still hold {cluster}: {_orphans(cluster)}")
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _orphans(cluster: Path) -> list[int]:
    return [pid for pid in psutil.pids() if _works_in(pid, cluster)]


def _wait_for_orphans(cluster: Path) -> bool:
    """Whether all have ended. One that nobody has buried yet (a container's first process may not) holds nothing."""
    give_up_at = time.monotonic() + ORPHANS_S_MAX
    while _orphans(cluster):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


def _start(place: Place, bin_dir: Path, settings: dict[str, str]) -> None:
    log = place.log_file
    socket_dir = place.socket_dir()
    for leftover in socket_dir.glob(".s.PGSQL.*"):  # of a killed server: its number, too, may be somebody else's now
        leftover.unlink()
    with_socket = {**settings, "unix_socket_directories": str(socket_dir)}
    options = [part for name, value in with_socket.items() for part in ("-c", f"{name}={value}")]
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_name(log.name + ".1"))
    begin = log.stat().st_size if log.exists() else 0
    done = run(
        bin_dir / "pg_ctl", "start", "--wait", f"--timeout={START_S_MAX}", f"--pgdata={place.cluster}",
        f"--log={log}", f"--options={shlex.join(options)}", account=place.account, timeout_s=START_S_MAX + 10,
    )  # fmt: skip
    if done.returncode:
        said = log.read_bytes()[begin:].decode("utf-8", "replace") if log.exists() else ""
        raise EmbeddedError(
            f"The database in {place.cluster} did not start: {_tail(done.stderr) or _tail(done.stdout)}\n"
            f"The end of {log}:\n{_tail(said)}",
        )


def stop(place: Place, bin_dir: Path) -> None:
    """Roll back what is open and end. A server too slow to end is cut off: safe, but the next start is slower."""
    for mode in ("fast", "immediate"):
        if running_pid(place.cluster) is None:
            return
        run(
            bin_dir / "pg_ctl", "stop", "--wait", f"--timeout={STOP_S_MAX}", f"--pgdata={place.cluster}",
            f"--mode={mode}", account=place.account, timeout_s=STOP_S_MAX + 10,
        )  # fmt: skip
    if (pid := running_pid(place.cluster)) is not None:
        raise EmbeddedError(f"The server on {place.cluster}, process {pid}, does not stop; see {place.log_file}.")


def socket_of(cluster: Path) -> tuple[str, int]:
    """Folder and port of the running server's socket, as the server itself noted them."""
    lines = _pid_file(cluster)
    return lines[4].strip(), int(lines[3])


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-LOG_TAIL_LINES:])
