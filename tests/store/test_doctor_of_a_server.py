"""The doctor on PostgreSQL: what can be looked at there, and what is the server's own business."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store import derive
from store.database import Store, open_store
from store.recompute import differences
from store.rows.health import Health, Verdict
from store.upkeep.doctor import examine
from store.vocabulary import Delivery, Engagement, EventType, Triage
from tests.cli.conftest import _here as command
from tests.postgres import Database


def quiet(what: str, done: int, total: int) -> None:
    pass


def verdicts(health: Health) -> dict[str, Verdict]:
    return {one.check: one.verdict for one in health.findings}


def fill(store: Store) -> None:
    """Plan three recipients, one of whom clicked."""
    store.execute(
        "INSERT INTO campaign (name, key, subject, keyed, started_at, ended_at, created_at)"
        " VALUES ('Spring', 'spring', '', FALSE, 7, 7, 1)"
    )
    for name in ("ann", "bo", "cy"):
        store.execute(
            "INSERT INTO contact (ident, email, email_key, name, company, language, responsible, former, sort_key,"
            " company_key, created_at, updated_at) VALUES (?, ?, ?, ?, '', '', '', FALSE, ?, '', 1, 1)",
            (name, f"{name}@a.example", f"{name}@a.example", name, name),
        )
    store.execute("INSERT INTO contact_search (contact_id, s) SELECT id, name FROM contact")
    store.execute(
        "INSERT INTO recipient (campaign_id, contact_id, address, address_key, occurrence, delivery, engagement,"
        " triage, partly, clicks) SELECT 1, id, email, email_key, 0, ?, ?, ?, FALSE, 0 FROM contact",
        (Delivery.READY.code, Engagement.NONE.code, Triage.NONE.code),
    )
    store.execute(
        "INSERT INTO event (campaign_id, recipient_id, type, ts, source, location, expired, actor, hop, attribution,"
        " dedupe) VALUES (1, 2, ?, 7, 0, '', FALSE, 0, 0, 0, ?)",
        (EventType.SENT.code, b"12345678abcdefgh"),
    )
    store.execute("UPDATE recipient SET sent_at = 7, delivery = ? WHERE id = 2", (Delivery.SENT.code,))
    derive.recount(store, 1)


@pytest.fixture
def served(postgres_database: Database) -> Iterator[Store]:
    """A store on a server with three recipients."""
    store = open_store(postgres_database.url())
    store.run(lambda: fill(store))
    yield store
    store.close()


def test_what_the_server_looks_after_is_said_not_to_have_been_seen(served: Store) -> None:
    health, _ = examine(served.url, quiet)
    assert health.sound
    assert verdicts(health) == {
        **dict.fromkeys(("tables", "references", "sends", "derived"), Verdict.FINE),
        **dict.fromkeys(("file", "modes", "backup"), Verdict.UNSEEN),
    }
    assert health.store.rows["recipient"] == 3
    assert health.store.size_bytes
    assert health.store.users == ()


def test_what_is_wrong_is_found(served: Store) -> None:
    served.run(lambda: served.execute("UPDATE recipient SET clicks = 4, opened_at = 5"))
    served.run(lambda: served.execute("UPDATE campaign_stat SET n = n + 1"))
    served.run(lambda: served.execute("UPDATE contact_search SET contact_id = 99 WHERE contact_id = 1"))
    health, astray = examine(served.url, quiet)
    assert health.wrong == ("references", "derived")
    assert astray is not None
    assert astray.recipients == {1, 2, 3}
    assert astray.campaigns == {1}


def test_backup_and_restore_name_the_servers_own_tools(served: Store) -> None:
    for words, tool in ((("backup",), "pg_dump --format=custom"), (("restore", "b.db"), "pg_restore --clean")):
        result = command("--store", served.url, *words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert tool in result.stderr
    assert command("--store", served.url, "doctor").exit_code == 0


def test_a_repair_on_a_server_derives_anew_what_is_wrong(served: Store) -> None:
    for sql in (
        "UPDATE recipient SET clicks = 4, opened_at = 5, sent_at = NULL, delivery = 0",
        "UPDATE campaign_stat SET n = n + 1",
        "UPDATE campaign SET started_at = 1",
        "INSERT INTO clicker (campaign_id, link_id, recipient_id, clicks, machine_clicks, first_at, last_at)"
        " VALUES (1, 1, 1, 3, 0, 5, 6)",
        "INSERT INTO address (key, address, consecutive) VALUES ('bo@a.example', 'bo@a.example', 3)",
    ):
        served.run(lambda sql=sql: served.execute(sql))  # type: ignore[misc]
    result = command("--store", served.url, "doctor", "--repair")
    assert "Derived anew from the events" in result.stdout, result.output
    assert list(differences(served)) == []
    assert verdicts(examine(served.url, quiet)[0])["derived"] is Verdict.FINE
    assert served.rows("SELECT sent_at, clicks, opened_at FROM recipient WHERE id = 2") == [(7, 0, None)]
    assert "Derived anew" in command("--store", served.url, "journal").stdout
