"""Whoever is forgotten stands nowhere in the store's files any more, and every number stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from peewee import TextField

from store import models
from store.actions.forgetting import forget, traces
from store.database import Store, open_store
from store.mentions import TEXTS
from store.queries.identity import identity_of, who_is
from store.queries.reconciliation import reconcile
from store.recompute import differences
from store.sweeping import sweep
from tests.rights.world import FOLDED, NOW, OLD, WHO, build

OWN = {
    *("contact.ident", "contact.crm_id", "contact.email", "contact.email_key", "contact.name", "contact.company"),
    *("contact.language", "contact.responsible", "contact.sort_key", "contact.company_key", "contact_search.s"),
    *("contact.tracking_source", "recipient.address", "recipient.address_key", "address.key", "address.address"),
    *("event.address", "event.message_id", "stranger.address_key", "stranger.message_id", "guess.address_key"),
    *("guess.message_id", "outbox.mail_id", "pulled.message_id", "pulled.queue_id", "mapping.name"),
}
"""Columns that are emptied or veiled with the rows of the person."""

HOUSE = {
    *("recipient.reason", "recipient.status", "recipient.decided_by", "address.operator_blocked_by", "event.status"),
    *("campaign.guessed", "feed.format", "feed.fingerprint", "journal.operator", "journal.host", "journal.verb"),
    *("journal.undone_by", "journal_line.subject", "mail_list.created_by", "segment.created_by", "setting.name"),
    *("tripwire.name", "tripwire.value", "trip.wire", "trip.acked_by", "message.sender", "message.reply_to"),
    *("message.digest", "message.relay", "message.made_by", "message.claimant", "outbox.claimant", "outbox.command"),
    *("outbox.status", "pulled.instance", "pulled.sender", "vouch.digest", "vouch.rule", "vouch.given_by"),
    *("forgotten.digest",),
}
"""Columns with words of the program, codes of servers, and names of operators."""


@pytest.fixture
def needle(store: Store, tmp_path: Path) -> int:
    """The contact who wants to be forgotten, in a store that mentions her everywhere."""
    return build(store, tmp_path)


def numbers(store: Store) -> dict[str, object]:
    """Return whatever is counted."""
    counted = {
        "buckets": "SELECT campaign_id, delivery, triage, facts, n FROM campaign_stat",
        "times": "SELECT id, sent_at, delivered_at, bounced_at, opened_at, clicked_at, clicks, delivery, engagement,"
        " bounce_kind, reason FROM recipient WHERE delivery <> 0 AND skip_reason IS NULL",
        "clickers": "SELECT campaign_id, link_id, recipient_id, clicks, machine_clicks, first_at, last_at FROM clicker",
        "events": "SELECT campaign_id, type, ts, count(*) FROM event GROUP BY 1, 2, 3",
        "strangers": "SELECT campaign_id, type, ts FROM stranger",
        "campaigns": "SELECT id, started_at, ended_at FROM campaign",
    }
    return {name: sorted(map(repr, store.rows(sql))) for name, sql in counted.items()}


def in_files(store: Store) -> set[str]:
    """Return which needles stand in the store's files, free pages and log among them."""
    name = store.path.name
    data = b"".join(path.read_bytes() for path in store.path.parent.glob(f"{name}*")).lower()
    return {word for word in FOLDED if word.encode() in data}


def test_every_column_with_text_is_looked_after() -> None:
    told = {f"{table}.{column}" for table, (_, columns) in TEXTS.items() for column in columns}
    columns = {
        f"{table._meta.table_name}.{name}"
        for table in models.TABLES
        for name, field in table._meta.fields.items()
        if isinstance(field, TextField)
    }
    assert columns - told - OWN - HOUSE == set()


def test_the_person_stands_in_every_column_that_is_looked_after(store: Store, needle: int) -> None:
    missing = set()
    for table, (_, columns) in TEXTS.items():
        for column in columns:
            texts = [str(text).lower() for (text,) in store.rows(f"SELECT {column} FROM {table}")]
            if not any(word in text for text in texts for word in FOLDED):
                missing.add(f"{table}.{column}")
    assert missing == {"campaign.name", "campaign.key", "event.reason"}
    assert in_files(store) == set(FOLDED)


def test_nothing_is_left_in_any_file(store: Store, needle: int) -> None:
    forget(store, [identity_of(store, [needle])], WHO, NOW)
    swept = sweep(store)
    assert swept.clean, swept.why
    assert in_files(store) == set()


def test_nothing_is_left_in_the_index_of_the_search(store: Store, needle: int) -> None:
    def trigrams() -> set[str]:
        store.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab (main, contact_trigram, row)")
        return {term for (term,) in store.rows("SELECT term FROM terms")}

    assert {"edl", "adj"} <= trigrams()
    forget(store, [identity_of(store, [needle])], WHO, NOW)
    sweep(store)
    assert not {"edl", "adj"} & trigrams()


def test_every_number_stays(store: Store, needle: int) -> None:
    before = numbers(store)
    assert list(differences(store)) == []
    forget(store, [identity_of(store, [needle])], WHO, NOW)
    after = numbers(store)
    assert {name for name in before if before[name] != after[name]} == {"buckets"}, "ready became skipped"
    assert list(differences(store)) == []
    assert all(account.adds_up for account in reconcile(store).campaigns)


def test_a_trial_counts_and_changes_nothing(store: Store, needle: int, tmp_path: Path) -> None:
    before = numbers(store)
    found = traces(store, [identity_of(store, [needle])], NOW)
    assert found.counts["recipients"] == 2
    assert numbers(store) == before
    assert in_files(store) == set(FOLDED)
    assert not list(tmp_path.glob("*.forget-key"))
    done = forget(store, [identity_of(store, [needle])], WHO, NOW)
    assert done.count == found.people


def test_copies_of_the_store_are_named(store: Store, needle: int) -> None:
    copy = store.path.with_name(f"{store.path.name}.before-0001_create")
    copy.write_bytes(b"everything")
    assert sweep(store).copies == (copy,)


def test_an_open_reader_keeps_the_log_and_that_is_said(store: Store, needle: int) -> None:
    forget(store, [identity_of(store, [needle])], WHO, NOW)
    reader = store.connection()
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM contact").fetchone()
    swept = sweep(store)
    assert not swept.clean
    assert "forget --sweep" in swept.why
    reader.close()
    assert sweep(store).clean


def test_the_person_is_found_by_any_address_and_the_name(store: Store, needle: int) -> None:
    for text in (OLD, OLD.upper(), "Nadja.N@secret-host.example", "needlemann", "crm:CRM-NEEDLE-77"):
        assert who_is(store, text).contacts == (needle,), text


def test_the_file_opens_again(store: Store, needle: int) -> None:
    forget(store, [identity_of(store, [needle])], WHO, NOW)
    sweep(store)
    store.close()
    again = open_store(store.path)
    assert again.row("PRAGMA integrity_check") == ("ok",)
    again.close()
