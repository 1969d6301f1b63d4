"""The migration runner on a real server: each test has a database and a folder of files of its own."""

import asyncio
import itertools
from pathlib import Path

import asyncpg
import pytest

from konter.platform import migrate as runner
from konter.platform import migration_files
from konter.platform.embedded import start_embedded
from konter.platform.migrate import MigrationError, check, migrate, migrations_dir, pending
from konter.platform.migration_files import read_migrations
from konter.platform.schema import dump_schema
from konter.platform.sqltext import statements

SERIAL = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with start_embedded(tmp_path_factory.mktemp("migrate") / "pg", test=True) as running:
        yield running


@pytest.fixture
async def dsn(server):
    name = f"migrate_{next(SERIAL)}"
    conn = await asyncpg.connect(server.url)
    await conn.execute(f"CREATE DATABASE {name}")
    yield server.url_of(name)
    await conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await conn.close()


@pytest.fixture
async def conn(dsn):
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


def write(folder: Path, **files: str) -> Path:
    """`_0001_pre_one="..."`: a name in Python cannot begin with a digit."""
    for name, text in files.items():
        (folder / f"{name[1:]}.sql").write_text(text)
    return folder


ONE = {"_0001_pre_one": "CREATE TABLE one (n int);"}
TWO = {"_0002_post_two": "CREATE TABLE two (n int);"}
THREE = {"_0003_pre_three": "CREATE TABLE three (n int);"}


# --------------------------------------------------------------------------------------------------------- what runs


async def test_it_works(conn, tmp_path):
    files = write(tmp_path, **ONE, **TWO)
    assert await pending(conn, directory=files) == ["0001_pre_one", "0002_post_two"]
    assert await migrate(conn, directory=files) == ["0001_pre_one", "0002_post_two"]
    assert await pending(conn, directory=files) == []
    assert await migrate(conn, directory=files) == []
    assert await conn.fetchval("SELECT count(*) FROM one, two") == 0
    assert await conn.fetch("SELECT number, name FROM migration ORDER BY 1") == [
        (1, "0001_pre_one"),
        (2, "0002_post_two"),
    ]


async def test_a_dsn_will_do(dsn, tmp_path):
    assert await migrate(dsn, directory=write(tmp_path, **ONE)) == ["0001_pre_one"]
    assert await pending(dsn, directory=tmp_path) == []


async def test_our_own_migrations_run(dsn):
    assert await migrate(dsn) == [migration.name for migration in read_migrations(migrations_dir())]
    await check(dsn)


async def test_a_failing_file_leaves_nothing_of_itself_and_names_its_line(conn, tmp_path):
    files = write(tmp_path, **ONE, _0002_pre_bad="CREATE TABLE half (n int);\n\nCREATE TABEL other (n int);\n")
    with pytest.raises(MigrationError, match=r'0002_pre_bad, line 3, failed: syntax error at or near "TABEL"'):
        await migrate(conn, directory=files)
    assert await conn.fetchval("SELECT to_regclass('half')") is None
    assert await pending(conn, directory=files) == ["0002_pre_bad"]
    write(tmp_path, _0002_pre_bad="CREATE TABLE half (n int);")
    assert await migrate(conn, directory=files) == ["0002_pre_bad"]


async def test_a_changed_file_is_refused_by_name(conn, tmp_path):
    files = write(tmp_path, **ONE)
    await migrate(conn, directory=files)
    write(tmp_path, _0001_pre_one="CREATE TABLE one (n bigint);")
    for call in (migrate, pending, check):
        with pytest.raises(MigrationError, match="0001_pre_one was changed after it had been applied"):
            await call(conn, directory=files)


async def test_other_line_ends_are_no_change(conn, tmp_path):
    files = write(tmp_path, _0001_pre_one="CREATE TABLE one (\n    n int\n);\n")
    await migrate(conn, directory=files)
    (files / "0001_pre_one.sql").write_bytes(b"CREATE TABLE one (\r\n    n int\r\n);\r\n")
    assert await migrate(conn, directory=files) == []


async def test_a_renamed_file_is_refused(conn, tmp_path):
    files = write(tmp_path, **ONE)
    await migrate(conn, directory=files)
    (files / "0001_pre_one.sql").rename(files / "0001_pre_uno.sql")
    with pytest.raises(MigrationError, match="made with 0001_pre_one where this release has 0001_pre_uno"):
        await migrate(conn, directory=files)


async def test_a_gap_in_the_history_is_refused(conn, tmp_path):
    files = write(tmp_path, **ONE, **TWO)
    await migrate(conn, directory=files)
    await conn.execute("DELETE FROM migration WHERE number = 1")
    with pytest.raises(MigrationError, match="gap before 0002_post_two"):
        await migrate(conn, directory=files)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"_0001_pre_a": "", "_0003_pre_c": ""}, "0003_pre_c: number 0002 is missing"),
        ({"_0001_pre_a": "", "_0001_pre_b": ""}, "0001_pre_b: the number 0001 is used twice"),
        ({"_0002_pre_a": ""}, "number 0001 is missing"),
        ({"_1_pre_a": ""}, "a migration is named NNNN_pre"),
        ({"_0001_during_a": ""}, "a migration is named NNNN_pre"),
        ({"_0001_pre_a": "SELECT 1; commit; SELECT 2"}, "the runner holds the transaction"),
        ({"_0001_pre_a": "CREATE INDEX CONCURRENTLY i ON t (n); UPDATE t SET n = 1"}, "nothing else may stand"),
        ({"_0001_pre_a": "CREATE INDEX CONCURRENTLY ON t (n)"}, "nothing else may stand"),
        ({"_0001_pre_a": "DROP INDEX CONCURRENTLY i"}, "nothing else may stand"),
    ],
)
def test_files_that_cannot_be_run_as_promised_are_refused(tmp_path, files, said):
    with pytest.raises(MigrationError, match=said):
        read_migrations(write(tmp_path, **files))


# ------------------------------------------------------------------------------------------------------------- phases


async def test_pre_stops_before_the_first_post(conn, tmp_path):
    files = write(tmp_path, **ONE)
    await migrate(conn, directory=files)
    write(tmp_path, _0002_pre_a="SELECT 1", _0003_pre_b="SELECT 1", _0004_post_c="SELECT 1")
    assert await migrate(conn, phase="pre", directory=files) == ["0002_pre_a", "0003_pre_b"]
    assert await migrate(conn, phase="pre", directory=files) == []
    await check(conn, directory=files)
    assert await migrate(conn, phase="post", directory=files) == ["0004_post_c"]


async def test_post_before_pre_is_refused(conn, tmp_path):
    files = write(tmp_path, **ONE, **TWO)
    with pytest.raises(MigrationError, match="0001_pre_one has not run yet"):
        await migrate(conn, phase="post", directory=files)
    assert await pending(conn, directory=files) == ["0001_pre_one", "0002_post_two"]


async def test_a_post_of_an_earlier_release_is_not_passed_over(conn, tmp_path):
    files = write(tmp_path, **ONE)
    await migrate(conn, directory=files)
    write(tmp_path, **TWO, **THREE)
    for phase in ("pre", "post"):
        with pytest.raises(MigrationError, match="0002_post_two of an earlier release"):
            await migrate(conn, phase=phase, directory=files)
    assert await migrate(conn, directory=files) == ["0002_post_two", "0003_pre_three"]


async def test_an_empty_database_has_no_earlier_release(conn, tmp_path):
    files = write(tmp_path, **ONE, **TWO, **THREE)
    assert await migrate(conn, phase="pre", directory=files) == ["0001_pre_one", "0002_post_two", "0003_pre_three"]


# -------------------------------------------------------------------------------------------------------------- check


async def test_check_refuses_an_older_database(conn, tmp_path):
    files = write(tmp_path, **ONE)
    with pytest.raises(MigrationError, match="is empty: name the folder of another with --data"):
        await check(conn, directory=files)
    await migrate(conn, directory=files)
    await check(conn, directory=files)
    write(tmp_path, **TWO)
    await check(conn, directory=files)
    write(tmp_path, **THREE)
    with pytest.raises(MigrationError, match="older than this release: 0003_pre_three must run first"):
        await check(conn, directory=files)


async def test_check_refuses_a_newer_database_unless_it_was_only_prepared(conn, tmp_path):
    files = write(tmp_path, **ONE, _0002_pre_two="SELECT 1")
    await migrate(conn, directory=files)
    (files / "0002_pre_two.sql").unlink()
    await check(conn, directory=files)
    with pytest.raises(MigrationError, match="newer than this release: it has 0002_pre_two"):
        await migrate(conn, directory=files)
    write(tmp_path, _0002_pre_two="SELECT 1", _0003_post_three="SELECT 1")
    await migrate(conn, directory=files)
    (files / "0002_pre_two.sql").unlink()
    (files / "0003_post_three.sql").unlink()
    with pytest.raises(MigrationError, match="does not know 0003_post_three"):
        await check(conn, directory=files)


# ------------------------------------------------------------------------------------------------ locks and time-outs


async def test_of_two_runners_the_second_waits_and_has_nothing_to_do(dsn, tmp_path):
    files = write(tmp_path, _0001_pre_slow="SELECT pg_sleep(0.5); CREATE TABLE one (n int);")
    done = await asyncio.gather(*(migrate(dsn, directory=files) for _ in range(3)))
    assert sorted(done) == [[], [], ["0001_pre_slow"]]


async def test_a_waiting_runner_does_not_hold_up_an_index(dsn, tmp_path, monkeypatch):
    """A session that hangs in pg_advisory_lock holds a snapshot; the index would wait for it and it for the index."""
    monkeypatch.setitem(migration_files.CONCURRENT_TIMEOUTS, "lock_timeout", "3s")
    files = write(
        tmp_path,
        _0001_pre_table="CREATE TABLE one (n int); SELECT pg_sleep(0.5);",
        _0002_pre_index="CREATE INDEX CONCURRENTLY one_n ON one (n)",
    )
    done = await asyncio.gather(*(migrate(dsn, directory=files) for _ in range(2)))
    assert sorted(done) == [[], ["0001_pre_table", "0002_pre_index"]]


async def test_the_lock_is_given_back_after_a_failure(conn, dsn, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "LOCK_WAIT_S_MAX", 1)
    files = write(tmp_path, _0001_pre_bad="SELECT 1/0")
    for target in (conn, dsn):
        with pytest.raises(MigrationError, match="division by zero"):
            await migrate(target, directory=files)


async def test_a_runner_does_not_wait_for_ever(conn, dsn, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "LOCK_WAIT_S_MAX", 0.3)
    await conn.execute(f"SELECT pg_advisory_lock({runner.LOCK_KEY})")
    with pytest.raises(MigrationError, match="Another runner"):
        await migrate(dsn, directory=write(tmp_path, **ONE))


async def test_a_migration_gives_up_a_lock_soon_and_can_be_repeated(conn, dsn, tmp_path, monkeypatch):
    monkeypatch.setitem(migration_files.TIMEOUTS, "lock_timeout", "100ms")
    files = write(tmp_path, **ONE)
    await migrate(dsn, directory=files)
    write(tmp_path, _0002_pre_column="ALTER TABLE one ADD COLUMN m int")
    async with conn.transaction():
        await conn.execute("SELECT * FROM one")
        with pytest.raises(MigrationError, match=r"0002_pre_column.* lock timeout"):
            await migrate(dsn, directory=files)
    assert await migrate(dsn, directory=files) == ["0002_pre_column"]


async def test_a_file_may_ask_for_its_own_timeouts_and_leaves_none_behind(conn, tmp_path):
    text = "-- lock_timeout: 7s\n-- statement_timeout: 2min\nCREATE TABLE seen AS SELECT current_setting('lock_timeout') a, current_setting('statement_timeout') b"
    await migrate(
        conn, directory=write(tmp_path, _0001_pre_seen=text, _0002_pre_i="DROP INDEX CONCURRENTLY IF EXISTS i")
    )
    assert await conn.fetchrow("SELECT a, b FROM seen") == ("7s", "2min")
    assert await conn.fetchval("SHOW lock_timeout") == "0"
    assert await conn.fetchval("SHOW statement_timeout") == "0"


async def test_a_connection_in_a_transaction_is_refused(conn, tmp_path):
    async with conn.transaction():
        with pytest.raises(MigrationError, match="in none"):
            await migrate(conn, directory=write(tmp_path, **ONE))


# ------------------------------------------------------------------------------------------------- concurrent indexes


async def is_valid(conn, index: str):
    return await conn.fetchval("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", index)


async def test_an_index_is_built_without_a_transaction(conn, tmp_path):
    files = write(
        tmp_path,
        **ONE,
        _0002_pre_index="-- two of them\nCREATE INDEX CONCURRENTLY one_n ON one (n);\nCREATE UNIQUE INDEX CONCURRENTLY\n one_u ON one ((n + 1));",
        _0003_post_drop="DROP INDEX CONCURRENTLY IF EXISTS one_n;",
    )
    assert await migrate(conn, directory=files) == ["0001_pre_one", "0002_pre_index", "0003_post_drop"]
    assert await is_valid(conn, "one_u")
    assert await is_valid(conn, "one_n") is None


async def test_after_a_failure_finished_indexes_stay_and_half_built_ones_are_built_anew(conn, tmp_path):
    files = write(tmp_path, _0001_pre_one="CREATE TABLE one (n int); INSERT INTO one VALUES (1), (1);")
    await migrate(conn, directory=files)
    write(
        tmp_path,
        _0002_pre_index="CREATE INDEX CONCURRENTLY first ON one (n); CREATE UNIQUE INDEX CONCURRENTLY second ON one (n);",
    )
    with pytest.raises(MigrationError, match="0002_pre_index failed: could not create unique index"):
        await migrate(conn, directory=files)
    assert (await is_valid(conn, "first"), await is_valid(conn, "second")) == (True, False)
    assert await pending(conn, directory=files) == ["0002_pre_index"]
    first = await conn.fetchval("SELECT 'first'::regclass::oid")
    await conn.execute("DELETE FROM one")
    assert await migrate(conn, directory=files) == ["0002_pre_index"]
    assert (await is_valid(conn, "first"), await is_valid(conn, "second")) == (True, True)
    assert await conn.fetchval("SELECT 'first'::regclass::oid") == first


async def test_the_word_in_a_comment_or_a_string_makes_no_file_concurrent(conn, tmp_path):
    text = "-- not CONCURRENTLY\nCREATE TABLE one (t text DEFAULT 'CONCURRENTLY'); SELECT 1/0"
    with pytest.raises(MigrationError, match="division by zero"):
        await migrate(conn, directory=write(tmp_path, _0001_pre_one=text))
    assert await conn.fetchval("SELECT to_regclass('one')") is None


# ------------------------------------------------------------------------------------------------------------ the rest


def test_statements_are_cut_where_postgresql_cuts_them():
    text = """
        SELECT ';' -- a comment; with one
        , "a;b", E'it\\'s;', 'it''s;' /* and; /* nested; */ ; */ ;
        CREATE FUNCTION f() RETURNS void AS $body$ BEGIN; $$;$$ END; $body$ LANGUAGE plpgsql;
        DO $$ BEGIN; END $$
    """
    found = [" ".join(statement.split()) for statement in statements(text)]
    assert found == [
        """SELECT ';' , "a;b", E'it\\'s;', 'it''s;'""",
        "CREATE FUNCTION f() RETURNS void AS $body$ BEGIN; $$;$$ END; $body$ LANGUAGE plpgsql",
        "DO $$ BEGIN; END $$",
    ]


async def test_a_schema_dump_is_the_same_twice_and_loads(server, dsn, conn, tmp_path):
    await migrate(dsn)
    dump = await dump_schema(dsn)
    assert dump == await dump_schema(dsn)
    assert "CREATE TABLE public.migration" in dump
    assert "OWNER TO" not in dump
    assert "Dumped" not in dump
    await conn.execute("CREATE DATABASE reloaded")
    done = server.command("psql", "-v", "ON_ERROR_STOP=1", "-qf-", database="reloaded", stdin=dump)
    assert done.returncode == 0, done.stderr
    assert await dump_schema(server.url_of("reloaded")) == dump
    await conn.execute("DROP DATABASE reloaded")


async def test_a_failing_dump_is_told_without_the_password(server):
    with pytest.raises(MigrationError, match='database "nowhere" does not exist') as caught:
        await dump_schema(server.url_of("nowhere"))
    assert server.environment()["PGPASSWORD"] not in str(caught.value)
