"""A store on a PostgreSQL server: what goes wrong is said, nobody waits for nobody, and everybody hears of a commit."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
import pytest

from store.changes import Watch
from store.database import Connection, Store, interrupted, open_store
from store.engines.rewriting import rewritten
from store.engines.server_url import server_url
from store.errors import BadInput, StoreError, StoreUnavailable
from tests.engines import emptied
from tests.postgres import PASSWORD, Cluster, Database, new_database


@pytest.fixture
def server_store(store_database: Database):  # type: ignore[no-untyped-def]
    with emptied(store_database) as opened:
        yield opened


def named(store: Store, name: str) -> None:
    store.run(lambda: store.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, "x")))


def test_a_missing_store_is_said_and_reading_makes_none(postgres_database: Database) -> None:
    with pytest.raises(StoreUnavailable, match="There is no store at postgresql://"):
        open_store(postgres_database.url(), create=False)
    assert postgres_database.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_tables_of_another_program_are_left_alone(postgres_database: Database) -> None:
    postgres_database.run("CREATE TABLE campaign (id int)")
    with pytest.raises(StoreUnavailable, match="another program"):
        open_store(postgres_database.url())


def test_what_keeps_a_server_from_being_opened_is_said_without_the_password(postgres: Cluster) -> None:
    there = f"127.0.0.1:{postgres.port}"
    for url, why in (
        (f"postgresql://tests:wr%20ong@{there}/postgres", "does not take the name and the password"),
        (f"postgresql://tests:{PASSWORD.replace(' ', '%20').replace('&', '%26')}@{there}/nowhere", "does not exist"),
        ("postgresql://tests:wr%20ong@127.0.0.1:1/x", "cannot be reached"),
        ("postgresql://tests:wr%zzong@127.0.0.1:port/x", "is not understood"),
    ):
        with pytest.raises(StoreError, match=why) as found:
            open_store(url)
        assert "ong" not in str(found.value)
        assert "geheim" not in str(found.value)


def test_a_user_who_may_not_make_tables_is_told(postgres_database: Database) -> None:
    postgres_database.run("CREATE ROLE reader LOGIN")
    try:
        with pytest.raises(StoreUnavailable, match="permission denied for schema"):
            open_store(postgres_database.url("reader"))
    finally:
        postgres_database.run("DROP ROLE reader")


def test_a_place_shows_no_password() -> None:
    at = server_url("postgresql://ann:s3cret@db.example:6432/after?sslmode=require")
    assert at.place == "postgresql://ann@db.example:6432/after"
    assert "s3cret" not in repr(at)
    assert not isinstance(at, BadInput)


def test_a_database_in_another_order_sorts_as_a_file_does(postgres: Cluster) -> None:
    with new_database(postgres) as database:
        store = open_store(database.url())
        for name in ("b", "A", "a", "B", "é", "z"):
            named(store, name)
        assert [name for (name,) in store.rows("SELECT name FROM setting ORDER BY name")] == list("ABabzé")
        store.close()


def test_several_processes_may_make_the_tables_at_once(postgres_database: Database) -> None:
    failed: list[BaseException] = []

    def make() -> None:
        try:
            open_store(postgres_database.url()).close()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_writers_stand_in_a_queue_and_none_is_refused(server_store: Store) -> None:
    url, failed = server_store.url, []

    def write(first: str, second: str) -> None:
        mine = open_store(url)
        try:
            for number in range(15):
                for name in (first, second):
                    mine.run(lambda name=name, number=number: touch(mine, name, number))  # type: ignore[misc]
        except BaseException as error:
            failed.append(error)
        finally:
            mine.close()

    def touch(mine: Store, name: str, number: int) -> None:
        mine.execute("UPDATE setting SET value = ? WHERE name = ?", (str(number), name))
        mine.execute("UPDATE setting SET value = ? WHERE name = ?", (str(number), {"a": "b", "b": "a"}[name]))

    for name in "ab":
        named(server_store, name)
    threads = [threading.Thread(target=write, args=pair) for pair in ("ab", "ba", "ab")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_change_that_another_one_was_in_the_way_of_is_made_again(server_store: Store) -> None:
    tries = []

    def change() -> str:
        tries.append(1)
        server_store.execute("INSERT INTO setting (name) VALUES (?)", ("once",))
        if len(tries) < 3:
            server_store.execute("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")
        return "made"

    assert server_store.run(change) == "made"
    assert len(tries) == 3
    assert server_store.rows("SELECT name FROM setting") == [("once",)]


def test_a_connection_that_the_server_ended_is_opened_anew(server_store: Store, store_database: Database) -> None:
    watch = Watch(server_store)
    me = store_database.connection.info.backend_pid
    store_database.run(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> %s",
        (me,),
    )
    with pytest.raises(StoreUnavailable):
        server_store.rows("SELECT 1")
    assert server_store.rows("SELECT 1") == [(1,)]
    with pytest.raises(StoreUnavailable):
        watch.changed()
    named(server_store, "a")
    assert watch.changed()
    watch.close()


def test_a_commit_is_heard(server_store: Store) -> None:
    listener = server_store.version()
    before = listener.now()
    named(server_store, "a")
    for _ in range(1000):
        heard = listener._heard()  # type: ignore[attr-defined]
        if heard:
            break
        threading.Event().wait(0.01)
    assert heard > before
    listener.close()


def test_a_commit_that_was_not_told_of_is_asked_for(server_store: Store) -> None:
    watch = Watch(server_store)
    watch._version._connection.execute(b"UNLISTEN *")  # type: ignore[attr-defined]
    assert not watch.changed()
    named(server_store, "a")
    assert watch.changed()
    assert not watch.changed()
    watch.close()


def _interrupt_once_it_runs(store: Store, connection: Connection) -> None:
    runs = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(60)'"
    while not store.rows(runs):
        pass
    connection.interrupt()
    store.close()


def test_reading_that_is_broken_off_ends(server_store: Store) -> None:
    connection = server_store.connection()
    asked = threading.Thread(target=lambda: _interrupt_once_it_runs(server_store, connection))
    asked.start()
    with pytest.raises(psycopg.Error) as found:
        connection.execute("SELECT pg_sleep(60)")
    asked.join()
    assert interrupted(found.value)
    assert connection.execute("SELECT 1").fetchall() == [(1,)]
    with pytest.raises(psycopg.Error) as late, connection.within(0.05):
        connection.execute("SELECT pg_sleep(60)")
    assert interrupted(late.value)
    connection.close()


def test_readers_see_one_state(server_store: Store) -> None:
    named(server_store, "a")
    other = server_store.connection()
    other.execute("BEGIN")
    assert other.execute("SELECT count(*) FROM setting").fetchone() == (1,)
    named(server_store, "b")
    assert other.execute("SELECT count(*) FROM setting").fetchone() == (1,)
    other.execute("COMMIT")
    assert other.execute("SELECT count(*) FROM setting").fetchone() == (2,)
    other.close()


def test_read_only_refuses_to_write(server_store: Store) -> None:
    reading = open_store(server_store.url, read_only=True)
    with pytest.raises(StoreUnavailable, match="read-only"):
        named(reading, "a")
    reading.close()


def test_what_a_server_cannot_hold_is_replaced(server_store: Store, tmp_path: Path) -> None:
    named(server_store, "nul \0 and lone \udc80")
    assert server_store.rows("SELECT name FROM setting") == [("nul \ufffd and lone ?",)]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT ?2, ?1, ?2", "SELECT %(p2)s, %(p1)s, %(p2)s"),
        ("SELECT :a || '100%' || ':b'", "SELECT %(a)s || '100%%' || ':b'"),
        ("INSERT OR IGNORE INTO t (a) VALUES (?)", "INSERT INTO t (a) VALUES (%s) ON CONFLICT DO NOTHING"),
        (
            "SELECT 1 FROM a CROSS JOIN b ON b.x = a.x WHERE +a.y = 1",
            "SELECT 1 FROM a JOIN b ON b.x = a.x WHERE a.y = 1",
        ),
        ("SELECT 1 FROM a AS x INDEXED BY i WHERE x.y IS ?", "SELECT 1 FROM a AS x WHERE x.y IS NOT DISTINCT FROM %s"),
        ("SELECT max(a, 0), max(a), max(a = 1)", "SELECT greatest(a, 0), max(a), bool_or(a = 1)"),
        ("SELECT a FROM (SELECT 1 AS a) LIMIT ?", "SELECT a FROM (SELECT 1 AS a) AS q1 LIMIT nullif(%s, -1)"),
        ("DELETE FROM temp.t", "TRUNCATE pg_temp.t RESTART IDENTITY"),
        ("CREATE TEMP TABLE t (n INTEGER)", "CREATE TEMP TABLE t (n BIGINT)"),
    ],
)
def test_sql_in_the_words_of_a_server(sql: str, words: str) -> None:
    assert " ".join(rewritten(sql).sql.split()) == words


def test_a_statement_is_rewritten_once() -> None:
    rewritten.cache_clear()
    assert rewritten("SELECT 1") is rewritten("SELECT 1")
    assert rewritten.cache_info().hits == 1
