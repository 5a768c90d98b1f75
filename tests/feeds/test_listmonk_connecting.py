from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sample_data.world import FIXED_NOW
from store.errors import BadInput
from store.feeds.listmonk import followed
from store.feeds.listmonk.connecting import connect
from store.feeds.listmonk.url import parse_url
from store.following.source import How
from tests.feeds.listmonk_tables import ListmonkTables
from tests.feeds.reading_listmonk import opened, read, read_on
from tests.postgres import OWNER, PASSWORD, Database


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PGPASSWORD", "PGSERVICE", "PGUSER", "PGHOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))


def by_loopback(listmonk: ListmonkTables, user: str = OWNER) -> str:
    database = listmonk.database
    return f"postgresql://{user}@127.0.0.1:{database.cluster.port}/{database.name}?source=listmonk"


def why_not(url: str) -> str:
    with pytest.raises(BadInput) as refused:
        read(url)
    return str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cret@db.example/listmonk?source=listmonk",
        "postgres://me@db.example/listmonk?source=listmonk&password=s3cret",
        "postgresql:///listmonk?sslpassword=s3cret",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str) -> None:
    said = why_not(url)
    assert said.startswith("Leave the password out of the URL")
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "postgresql://db.example/listmonk",
            "has to say whose database it is: postgresql://USER@HOST/DATABASE?source=l",
        ),
        ("postgresql://db.example/x?source=mautic", "does not know the source 'mautic'"),
        ("postgresql://db.example/x?source=listmonk&since=gestern", "since=gestern in the URL: 'gestern' is no time"),
        (
            "postgresql://db.example/x?source=listmonk&colour=red",
            'is not understood: invalid URI query parameter: "colour"',
        ),
        ("postgresql://db.example/x?source=listmonk&connect_timeout=soon", "is not understood"),
        ("mysql://db.example/x", "A PostgreSQL URL looks like"),
    ],
)
def test_a_url_that_means_nothing_is_refused_with_a_sentence(url: str, words: str) -> None:
    assert words in why_not(url)


@pytest.mark.parametrize(
    ("url", "name", "server"),
    [
        (
            "postgres://me@db.example:5433/lm?sslmode=require&source=Listmonk&since=2026-01-01",
            "postgresql://me@db.example:5433/lm?source=listmonk",
            "lm on db.example:5433",
        ),
        (
            "postgresql://me@/lm?source=listmonk&campaign=Spring%20%2B%2026&host=%2Frun%2Fpg&application_name=x",
            "postgresql://me@/lm?source=listmonk&campaign=Spring%20%2B%2026&host=%2Frun%2Fpg",
            "lm on /run/pg",
        ),
        (
            "postgresql:///?service=lm&source=listmonk&campaign=a+b",
            "postgresql:///?source=listmonk&campaign=a%2Bb&service=lm",
            "The service lm",
        ),
    ],
)
def test_the_feed_is_called_by_what_is_read_not_by_how(url: str, name: str, server: str) -> None:
    parsed = parse_url(url)
    assert (parsed.name, parsed.server) == (name, server)
    assert "source=" not in parsed.connection


def test_without_psycopg_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "psycopg, which is not installed here: pip install 'psycopg[binary]'" in why_not(
        "postgresql:///x?source=listmonk"
    )


def test_a_server_that_does_not_answer_is_waited_for(listmonk: ListmonkTables) -> None:
    source = opened("postgresql://me@127.0.0.1:1/listmonk?source=listmonk")
    assert not source.step(10).items
    assert "listmonk on 127.0.0.1:1 cannot be reached: " in str(source.where().waiting)
    source.close()


def test_the_password_comes_from_the_environment_or_the_password_file(
    listmonk: ListmonkTables, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = by_loopback(listmonk)
    assert "asks for a password, and there is none: keep it in ~/.pgpass" in why_not(url)
    monkeypatch.setenv("PGPASSWORD", "s3cret")
    said = why_not(url)
    assert "does not take the name and the password: " in said
    assert "s3cret" not in said
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert read(url).records == []
    monkeypatch.delenv("PGPASSWORD")
    kept = tmp_path / "pgpass"
    kept.write_text(f"127.0.0.1:*:*:{OWNER}:{PASSWORD}\n")
    kept.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(kept))
    assert read(url).records == []


def test_a_database_or_user_that_is_not_there_is_named(listmonk: ListmonkTables) -> None:
    cluster = listmonk.database.cluster
    assert why_not(cluster.url("nowhere", source="listmonk")).endswith(' says: database "nowhere" does not exist.')
    assert why_not(listmonk.database.url("stranger", source="listmonk")).endswith(
        ' says: role "stranger" does not exist.'
    )
    assert why_not("postgresql:///?service=nowhere&source=listmonk") == "The service nowhere is unknown."


def test_another_programs_database_is_told_by_its_missing_tables(postgres_database: Database) -> None:
    assert why_not(postgres_database.url(source="listmonk")).endswith(
        " is no database of listmonk: it has no table campaigns."
    )


def test_a_listmonk_whose_views_have_no_ids_is_too_old(altered_listmonk: ListmonkTables) -> None:
    altered_listmonk.database.run("ALTER TABLE campaign_views DROP COLUMN id")
    assert "is of a listmonk older than 2.0, or none: campaign_views has no column id." in why_not(
        altered_listmonk.url()
    )


def test_a_listmonk_whose_campaigns_have_no_headers_is_read(altered_listmonk: ListmonkTables) -> None:
    altered_listmonk.view(altered_listmonk.campaign("Spring 26"), altered_listmonk.subscriber("ann@shop.example"))
    altered_listmonk.database.run("ALTER TABLE campaigns DROP COLUMN headers")
    assert read(altered_listmonk.url()).records[0].keys == ("Spring 26",)


@pytest.fixture
def reader(listmonk: ListmonkTables) -> Iterator[str]:
    """A role that may connect and nothing more."""
    name = f"reader_{listmonk.database.name}"
    listmonk.database.run(f"CREATE ROLE {name} LOGIN")
    yield name
    listmonk.database.run(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_tables_that_the_user_may_not_read_are_named(listmonk: ListmonkTables, reader: str) -> None:
    url = listmonk.database.url(reader, source="listmonk")
    listmonk.database.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}")
    assert read(url).records == []
    listmonk.database.run(f"REVOKE SELECT ON bounces, links FROM {reader}")
    said = why_not(url)
    assert "does not let this user read links, bounces" in said
    assert "GRANT SELECT ON links, bounces TO the user." in said


def test_a_column_that_the_user_may_not_read_is_answered_with_the_servers_words(
    listmonk: ListmonkTables, reader: str
) -> None:
    listmonk.database.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}")
    listmonk.database.run(f"REVOKE SELECT ON subscribers FROM {reader}; GRANT SELECT (id) ON subscribers TO {reader}")
    assert "permission denied for table subscribers; GRANT SELECT" in why_not(
        listmonk.database.url(reader, source="listmonk")
    )


def test_the_transaction_can_write_nothing(listmonk: ListmonkTables) -> None:
    import psycopg

    with (
        closing(connect(parse_url(listmonk.url()))) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("DELETE FROM campaigns")


def states(listmonk: ListmonkTables) -> list[str]:
    asked = "SELECT state FROM pg_stat_activity WHERE application_name = 'aftersend' AND datname = %s"
    return [state for (state,) in listmonk.database.run(asked, (listmonk.database.name,))]


def test_between_two_looks_no_transaction_is_open(listmonk: ListmonkTables) -> None:
    ann, spring = listmonk.subscriber("ann@shop.example"), listmonk.campaign("Spring 26")
    for _ in range(2):
        listmonk.view(spring, ann)
    source = opened(listmonk.url())
    source.step(1)
    assert states(listmonk) == ["idle in transaction"]
    read_on(source)
    assert states(listmonk) == ["idle"]
    source.close()


def test_a_connection_lost_in_the_middle_is_taken_up_again_without_losing_or_doubling(listmonk: ListmonkTables) -> None:
    ann, spring = listmonk.subscriber("ann@shop.example"), listmonk.campaign("Spring 26")
    listmonk.database.run(
        "INSERT INTO campaign_views (campaign_id, subscriber_id, created_at)"
        " SELECT %s, %s, timestamptz '2026-03-02' + n * interval '1 second' FROM generate_series(1, 5000) n",
        (spring, ann),
    )
    listmonk.bounce(spring, ann)
    source = opened(listmonk.url())
    taken = [item.where for item in source.step(1500).items]
    listmonk.database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'aftersend'")
    step = source.step(4000)
    taken += [item.where for item in step.items]
    assert "terminating connection" in str(source.where().waiting)
    assert not step.more
    taken += read_on(source, 4000).wheres
    source.close()
    assert taken == [*(f"campaign_views {n}" for n in range(1, 5001)), "bounces 1"]


def test_opening_a_source_does_not_connect() -> None:
    source = followed("postgresql://me@127.0.0.1:1/listmonk?source=listmonk", How(now=lambda: FIXED_NOW))
    assert (source.name, source.where().waiting) == ("postgresql://me@127.0.0.1:1/listmonk?source=listmonk", None)
