"""The embedded server: real starts, real kills. As root the server is another user's process; as a normal user it is ours."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from konter.platform.embedded import EmbeddedError, EmbeddedServer, cluster, start_embedded, system

SOURCES = Path(__file__).parents[2] / "src"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="how root runs the server can be seen as root only")


@pytest.fixture
def base(monkeypatch):
    """Stands for /var/lib/konter."""
    folder = Path(tempfile.mkdtemp(prefix="konter-test-base-", dir="/tmp"))
    folder.chmod(0o755)
    monkeypatch.setattr(system, "BASES", (folder,))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data(base):
    """A data folder that every user can reach, so that root's server can live in it."""
    folder = Path(tempfile.mkdtemp(prefix="konter-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder / "pg"
    if (pid := cluster.running_pid(folder / "pg" / "cluster")) is not None:
        os.kill(pid, signal.SIGQUIT)
        wait_until(lambda: cluster.running_pid(folder / "pg" / "cluster") is None)
    shutil.rmtree(folder)


def wait_until(condition, timeout_s: float = 20) -> None:
    give_up_at = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.01)


def sql(server: EmbeddedServer, text: str):
    async def ask():
        conn = await asyncpg.connect(server.url)
        try:
            return await conn.fetchval(text)
        finally:
            await conn.close()

    return asyncio.run(ask())


def python(base: Path, script: str, *args: object, **options) -> subprocess.Popen[str]:
    """Another Konter process. `script` finds start_embedded, its arguments in sys.argv, and the same base folder."""
    head = (
        "import os, sys, time, resource; from pathlib import Path\n"
        "from konter.platform.embedded import start_embedded, system, EmbeddedError\n"
        f"system.BASES = (Path({str(base)!r}),)\n"
    )
    command = [sys.executable, "-c", head + script, *map(str, args)]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(SOURCES)}, stdout=subprocess.PIPE, text=True, **options
    )


HOLD = "server = start_embedded(Path(sys.argv[1]), test=True); print(server.started_here, flush=True); time.sleep(600)"


def modes(path: Path) -> dict[Path, int]:
    return {folder: folder.stat().st_mode for folder in (path, *path.parents)}


# --------------------------------------------------------------------------------------------------- the ordinary way


def test_it_works(data):
    with start_embedded(data) as server:
        assert server.started_here
        assert sql(server, "SELECT current_database() || '/' || current_user") == "konter/konter"
        pid = server.pid
    assert server.pid is None
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_data_is_there_after_a_restart_and_the_restart_is_quick(data):
    with start_embedded(data) as server:
        sql(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    begun = time.monotonic()
    with start_embedded(data) as server:
        assert time.monotonic() - begun < 5
        assert sql(server, "SELECT answer FROM kept") == 42


def test_durability_is_on_unless_asked_otherwise(data):
    durability = (
        "SELECT string_agg(setting, ' ' ORDER BY name) FROM pg_settings "
        "WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
    )
    with start_embedded(data) as server:
        assert sql(server, durability) == "on on on"
        assert sql(server, "SHOW data_checksums") == "on"
        assert sql(server, "SHOW shared_buffers") == "256MB"
        assert sql(server, "SHOW max_connections") == "200"
    with start_embedded(data, test=True) as server:
        assert sql(server, durability) == "off off off"


def test_text_is_utf8_and_sorts_the_same_everywhere(data):
    with start_embedded(data, test=True) as server:
        row = "SELECT datlocprovider::text || ' ' || datlocale || ' ' || pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'konter'"
        assert sql(server, row) == "b C.UTF-8 UTF8"
        assert sql(server, "SELECT string_agg(c, '' ORDER BY c) FROM unnest(ARRAY['é', 'a', 'Z', 'b']) c") == "Zabé"
        assert sql(server, "SELECT upper('é')") == "É"


def test_our_role_is_bound_by_what_the_schema_revokes(data):
    with start_embedded(data, test=True) as server:
        assert sql(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        sql(server, "CREATE TABLE book (n int)")
        sql(server, "REVOKE UPDATE ON book FROM konter")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            sql(server, "UPDATE book SET n = 1")


def test_programs_of_the_wheel_reach_it(data):
    with start_embedded(data, test=True) as server:
        sql(server, "CREATE TABLE dumped (n int)")
        assert server.command("psql", "-Atc", "SELECT 6 * 7").stdout == "42\n"
        assert "CREATE TABLE public.dumped" in server.command("pg_dump").stdout
        assert server.command("psql", "-f-", stdin="SELECT 1/0;").stderr


def test_nobody_enters_without_the_password_and_not_from_the_network(data):
    with start_embedded(data, test=True) as server:
        environment = {**server.environment(), "PGPASSWORD": "wrong"}
        said = subprocess.run(
            [server.bin_dir / "psql", "-w", "-c", "SELECT 1"], env=environment, capture_output=True, check=False
        )
        assert b"password authentication failed" in said.stderr
        assert sql(server, "SHOW listen_addresses") == ""
        assert (data / "password").stat().st_mode & 0o777 == 0o600
        assert Path(sql(server, "SHOW unix_socket_directories")).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["long-" * 20, "with blanks, and a comma", "dengan-é"])
def test_a_path_that_no_socket_can_have_works(data, name):
    with start_embedded(data / name, test=True) as server:
        assert sql(server, "SELECT 1") == 1
        socket_dir = Path(sql(server, "SHOW unix_socket_directories"))
        assert not socket_dir.is_relative_to(data)
        assert socket_dir.stat().st_mode & 0o777 == 0o700
    socket_dir.rmdir()


# ----------------------------------------------------------------------------------------------- several users at once


def test_the_second_start_finds_the_first_and_the_last_stop_stops(data):
    first, second = start_embedded(data, test=True), start_embedded(data, test=True)
    assert (first.started_here, second.started_here) == (True, False)
    assert first.pid == second.pid
    first.stop()
    assert sql(second, "SELECT 1") == 1
    first.stop()
    assert sql(second, "SELECT 1") == 1, "a second stop of the same server must count nothing"
    second.stop()
    assert second.pid is None


def test_another_process_is_counted_too(base, data):
    other = python(base, HOLD, data)
    assert other.stdout.readline() == "True\n"
    with start_embedded(data, test=True) as server:
        assert not server.started_here
    assert server.pid is not None, "the other process still uses it"
    other.kill()
    other.wait()
    other.stdout.close()
    with start_embedded(data, test=True) as server:
        assert not server.started_here, "a killed process leaves its server running, and the next one finds it"
    assert server.pid is None, "a killed process must not be counted"


def test_two_first_starts_at_once_make_one_database(base, data):
    script = (
        "print(flush=True); sys.stdin.readline()\n"
        "server = start_embedded(Path(sys.argv[1]), test=True); print(server.started_here, flush=True); sys.stdin.read()"
    )
    twins = [python(base, script, data, stdin=subprocess.PIPE, bufsize=1) for _ in range(2)]
    assert [twin.stdout.readline() for twin in twins] == ["\n", "\n"]  # both have imported what they need
    for twin in twins:
        twin.stdin.write("go\n")
    assert sorted(twin.stdout.readline() for twin in twins) == ["False\n", "True\n"]
    with start_embedded(data, test=True) as server:
        assert sql(server, "SELECT 1") == 1
        for twin in twins:
            twin.communicate("")


def test_a_server_for_tests_is_not_good_enough_for_real_data(data):
    with start_embedded(data, test=True) as server:
        with pytest.raises(EmbeddedError, match="may lose sales"):
            start_embedded(data)
        assert sql(server, "SELECT 1") == 1
    with start_embedded(data), start_embedded(data, test=True) as server:
        assert sql(server, "SHOW fsync") == "on"


@as_root
def test_a_deleted_folder_does_not_leave_its_server_behind(base, tmp_path):
    server = start_embedded(tmp_path / "pg", test=True)
    pid = server.pid
    shutil.rmtree(tmp_path / "pg")
    server.stop()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


# ------------------------------------------------------------------------------------------------------ after a crash


def test_what_was_committed_survives_a_kill_of_the_server(data):
    server = start_embedded(data)
    sql(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(server.pid, signal.SIGKILL)
    with start_embedded(data) as again:
        assert again.started_here
        assert sql(again, "SELECT answer FROM kept") == 42
    server.stop()


def test_a_busy_child_of_a_killed_server_is_ended_first(data, monkeypatch):
    monkeypatch.setattr(cluster, "ORPHANS_S_MAX", 1)
    server = start_embedded(data, test=True)
    busy = subprocess.Popen(
        [server.bin_dir / "psql", "-c", "SELECT count(*) FROM generate_series(1, 1000000000) a WHERE a % 7 = 8"],
        env=server.environment(),
        stderr=subprocess.DEVNULL,
    )
    wait_until(
        lambda: sql(server, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%a % 7 = 8' AND state = 'active'")
    )
    orphans = psutil.Process(server.pid).children()
    os.kill(server.pid, signal.SIGKILL)
    busy.kill()  # the client; its server process goes on computing
    busy.wait()
    with start_embedded(data, test=True) as again:
        assert sql(again, "SELECT 1") == 1
        assert all(not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE for orphan in orphans)
    server.stop()


def test_a_stale_number_that_another_process_has_now_does_not_stop_the_start(data):
    with start_embedded(data, test=True) as server:
        lines = (server.log_file.parent.parent / "cluster" / "postmaster.pid").read_text()
        owner = psutil.Process(server.pid).uids().real
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=owner)
    pid_file = data / "cluster" / "postmaster.pid"
    pid_file.write_text(re.sub(r"^\d+", str(stranger.pid), lines))
    shutil.chown(pid_file, owner)
    try:
        with start_embedded(data, test=True) as server:
            assert server.started_here
            assert stranger.poll() is None, "a stranger's process is none of our business"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_first_start_that_was_killed_is_done_again(base, data):
    killed = python(base, HOLD, data, start_new_session=True)
    wait_until((data / "cluster.new" / "base").exists)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    assert not (data / "cluster").exists(), "the kill came too late to prove anything"
    with start_embedded(data, test=True) as server:
        assert server.started_here
        assert sql(server, "SELECT 1") == 1


def test_a_full_disk_is_told_and_the_next_start_makes_it_good(base, data):
    """A limit on the size of a file stands for the disk: the same writes fail."""
    script = (
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "try: start_embedded(Path(sys.argv[1]), test=True)\n"
        "except EmbeddedError as error: print(error)\n"
    )
    said, _ = python(base, script, data).communicate()
    assert "could not be made" in said
    assert "File too large" in said
    with start_embedded(data, test=True) as server:
        assert sql(server, "SELECT 1") == 1


def test_broken_data_is_told_with_the_end_of_the_log(data):
    with start_embedded(data, test=True):
        pass
    (data / "cluster" / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(EmbeddedError, match=r"(?s)did not start.*server\.log.*pg_control"):
        start_embedded(data, test=True)


def test_a_lost_password_is_told(data):
    with start_embedded(data, test=True):
        pass
    (data / "password").unlink()
    with pytest.raises(EmbeddedError, match="password of the database, is missing"):
        start_embedded(data, test=True)


def test_the_log_does_not_grow_for_ever(data, monkeypatch):
    monkeypatch.setattr(cluster, "LOG_BYTES_MAX", 10)
    for _ in range(3):
        with start_embedded(data, test=True) as server:
            pass
    assert sorted(path.name for path in server.log_file.parent.iterdir()) == ["server.log", "server.log.1"]


# -------------------------------------------------------------------------------------------------- root and others


@as_root
def test_root_keeps_the_data_where_it_was_asked_to_when_that_can_be_reached(data):
    with start_embedded(data, test=True) as server:
        assert psutil.Process(server.pid).uids().effective == (data / "cluster").stat().st_uid != 0
        assert not (data / "location").exists()


@as_root
def test_root_opens_no_folder_wider(base, tmp_path):
    """Pytest's own folders are closed to others, as /root is."""
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    folder = closed / "konter" / "pg"
    folder.mkdir(parents=True, mode=0o755)
    before = modes(folder)
    with start_embedded(folder) as server:
        home = Path((folder / "location").read_text().strip())
        assert home.parent == base
        assert psutil.Process(server.pid).uids().effective == (home / "cluster").stat().st_uid != 0
        sql(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    with start_embedded(folder) as server:
        assert sql(server, "SELECT answer FROM kept") == 42
    assert modes(folder) == before


@as_root
def test_root_copies_binaries_that_the_server_cannot_reach(base, data, tmp_path, monkeypatch):
    package = system.wheel_bin_dir().parent.parent
    closed = tmp_path / "site-packages"
    shutil.copytree(package / system.BUILD, closed / package.name / system.BUILD)
    shutil.copytree(package.parent / f"{package.name}.libs", closed / f"{package.name}.libs")
    closed.chmod(0o700)
    before = modes(closed / package.name / system.BUILD / "bin")
    monkeypatch.setattr(system, "wheel_bin_dir", lambda: closed / package.name / system.BUILD / "bin")
    with start_embedded(data, test=True) as server:
        assert server.bin_dir.is_relative_to(base)
        assert server.bin_dir.stat().st_uid == 0, "the server's user must not be able to change what it runs"
        assert server.command("pg_dump").returncode == 0
    assert modes(closed / package.name / system.BUILD / "bin") == before
    half_copied = server.bin_dir.parent / "share" / "postgresql" / "postgres.bki"
    half_copied.unlink()
    with start_embedded(data, test=True):
        assert half_copied.exists(), "a copy that does not work is made again"


@as_root
def test_a_moved_folder_finds_its_data_and_a_copied_one_is_refused(base, tmp_path):
    with start_embedded(tmp_path / "old", test=True) as server:
        sql(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    (tmp_path / "old").rename(tmp_path / "new")
    with start_embedded(tmp_path / "new", test=True) as server:
        assert sql(server, "SELECT answer FROM kept") == 42
    shutil.copytree(tmp_path / "new", tmp_path / "copy")
    with pytest.raises(EmbeddedError, match="is a copy of"):
        start_embedded(tmp_path / "copy", test=True)


@as_root
def test_lost_data_is_told_and_never_replaced_by_an_empty_database(base, tmp_path):
    with start_embedded(tmp_path / "pg"):
        home = Path((tmp_path / "pg" / "location").read_text().strip())
    home.rename(home.with_name("lost"))
    with pytest.raises(EmbeddedError, match="it is not there"):
        start_embedded(tmp_path / "pg")


@as_root
def test_a_new_database_is_never_put_over_the_data_of_a_deleted_folder(base, tmp_path):
    with start_embedded(tmp_path / "pg") as server:
        sql(server, "CREATE TABLE old (n int)")
    shutil.rmtree(tmp_path / "pg")
    with start_embedded(tmp_path / "pg") as server:
        assert sql(server, "SELECT to_regclass('old')") is None
    assert len(list(base.glob("data-*"))) == 2, "real data is the operator's to delete"


@as_root
def test_what_tests_left_behind_is_swept(base, tmp_path):
    with start_embedded(tmp_path / "one", test=True):
        pass
    shutil.rmtree(tmp_path / "one")
    with start_embedded(tmp_path / "two", test=True):
        assert len(list(base.glob("test-*"))) == 1


@as_root
def test_a_closed_road_to_existing_data_is_told(data):
    with start_embedded(data, test=True):
        pass
    data.chmod(0o700)
    with pytest.raises(EmbeddedError, match="can no longer enter"):
        start_embedded(data, test=True)
    assert data.stat().st_mode & 0o777 == 0o700


@as_root
def test_a_base_folder_that_others_can_write_is_not_used(base, tmp_path):
    base.chmod(0o777)
    with pytest.raises(EmbeddedError, match="only root can write"):
        start_embedded(tmp_path / "pg", test=True)


@as_root
def test_the_system_user_is_made(monkeypatch):
    monkeypatch.setattr(system, "SYSTEM_USER", "konter-pg-test")
    try:
        account = system.server_account(Path("/nowhere"))
        assert account.uid not in {0, os.getuid()}
        assert system.server_account(Path("/nowhere")) == account
    finally:
        subprocess.run(["userdel", "konter-pg-test"], check=True, capture_output=True)


@as_root
def test_without_a_way_to_make_a_user_root_is_told_what_to_do(data, monkeypatch):
    monkeypatch.setattr(system, "SYSTEM_USER", "konter-pg-nobody-made")
    monkeypatch.setattr(system.shutil, "which", lambda *_args, **_options: None)
    with pytest.raises(EmbeddedError, match="useradd --system"):
        start_embedded(data, test=True)


@as_root
def test_a_normal_user_runs_it_as_itself(base, tmp_path):
    """The process drops root after its imports: the interpreter may live where only root can enter."""
    bin_dir = system.wheel_bin_dir()
    nobody = 65534
    folder = Path(tempfile.mkdtemp(prefix="konter-test-", dir="/tmp"))
    os.chown(folder, nobody, nobody)
    package = bin_dir.parent.parent
    shutil.copytree(package, base / package.name, ignore=shutil.ignore_patterns("pginstall", *system.LEFT_OUT))
    shutil.copytree(package.parent / f"{package.name}.libs", base / f"{package.name}.libs")
    script = (
        "import psutil\n"
        "system.wheel_bin_dir = lambda: Path(sys.argv[2])\n"
        f"os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})\n"
        "with start_embedded(Path(sys.argv[1]) / 'pg') as server:\n"
        "    print(psutil.Process(server.pid).uids().real, server.command('psql', '-Atc', 'SELECT 6 * 7').stdout)\n"
    )
    reachable = base / package.name / system.BUILD / "bin"
    said, _ = python(base, script, folder, reachable).communicate()
    assert said.split() == [str(nobody), "42"]
    assert (folder / "pg").stat().st_mode & 0o777 == 0o700
    # Root that comes later runs it as the user whose data it is.
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(start_embedded(folder / "pg"))
        assert psutil.Process(server.pid).uids().real == nobody
    shutil.rmtree(folder)
