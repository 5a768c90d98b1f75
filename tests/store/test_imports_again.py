"""Importing again: the same list changes nothing, a better one changes what is better, a second one adds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from store.actions.contacts import fix
from store.actions.imports import ImportReport, import_recipients
from store.actions.triage import former
from store.database import Store
from store.journal import Operator
from store.models import TABLES
from store.vocabulary import EventType, SkipReason
from tests.store.building import Builder

WHO = Operator("ann", "desk")
Importing = Callable[..., ImportReport]


@pytest.fixture
def listed(store: Store, tmp_path: Path, clock: datetime) -> Importing:
    """Import a text as a list, each time an hour later."""
    now = clock

    def run(text: str, campaign: str = "Autumn") -> ImportReport:
        nonlocal now
        now += timedelta(hours=1)
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return import_recipients(store, path, campaign, WHO, now)

    return run


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return {
        table._meta.table_name: sorted(store.rows(f"SELECT * FROM {table._meta.table_name}"), key=repr)
        for table in TABLES
    }


MESSY = (
    "E-Mail;Name;Firma;Kundennummer;Einwilligung;Tracking-Einwilligung;ausgeschieden\n"
    "ann@shop.example;Ann;Werft;1;ja;ja;\n"
    "bo@shop.example;Bo;;;ja;nein;\n"
    "Ann@shop.example;Another Ann;Bau;2;ja;;\n"
    "ann@other.example;Ann elsewhere;Werft;1;ja;;\n"
    "bo@shop.example;Bo twice;;;nein;;\n"
    ";Nobody;;;ja;;\n"
    ";Nobody;;;ja;;\n"
    "no address;Carl;;;ja;;\n"
    "dan@müller.example;Dän;;;;;ja\n"
    "eve@shop.example;Eve;;;vielleicht;;\n"
)


def test_the_same_list_again_changes_not_one_row(store: Store, listed: Importing) -> None:
    first = listed(MESSY)
    assert first.imported + sum(first.skipped.values()) == first.lines == 10
    before = everything(store)
    again = listed(MESSY)
    assert (again.imported, again.updated, again.unchanged, again.skipped) == (0, 0, 10, {})
    assert everything(store) == before


def test_the_same_list_for_another_campaign_makes_no_contact_twice(store: Store, listed: Importing) -> None:
    listed(MESSY)
    contacts = store.rows("SELECT * FROM contact")
    report = listed(MESSY, "Winter")
    assert report.lines == report.imported + sum(report.skipped.values())
    assert store.rows("SELECT * FROM contact") == contacts


def test_a_second_list_adds_to_the_campaign(store: Store, listed: Importing) -> None:
    listed("E-Mail\nann@shop.example\nbo@shop.example\n")
    report = listed("E-Mail\nbo@shop.example\ncarl@shop.example\ncarl@shop.example\n")
    assert (report.imported, report.unchanged, report.skipped) == (1, 1, {SkipReason.DUPLICATE: 1})
    assert store.rows("SELECT delivery, n FROM campaign_stat ORDER BY delivery") == [(0, 3), (1, 1)]


def test_what_the_list_says_anew_is_taken_over_and_an_empty_field_says_nothing(store: Store, listed: Importing) -> None:
    listed("E-Mail;Name;Firma;Kundennummer\nann@shop.example;Ann Berg;Werft;7\nbo@shop.example;Bo;Bau;8\n")
    report = listed("E-Mail;Name;Firma;Kundennummer\nann@shop.example;Ann Lund;;7\nbo@shop.example;Bo;Bau;8\n")
    assert (report.updated, report.unchanged) == (1, 1)
    assert store.rows("SELECT name, company, sort_key FROM contact WHERE id = 1") == [("Ann Lund", "Werft", "ann lund")]
    assert store.rows("SELECT s FROM contact_search WHERE contact_id = 1") == [("ann lund ann@shop.example werft",)]
    assert store.rows("SELECT sentence FROM journal ORDER BY id DESC LIMIT 1") == [
        ('0 recipients (0 of them skipped) imported from list.csv, 1 updated into "Autumn"',)
    ]


def test_a_person_known_by_mail_gets_the_crm_id_that_a_later_list_brings(store: Store, listed: Importing) -> None:
    listed("E-Mail\nann@shop.example\n")
    assert listed("E-Mail;Kundennummer\nann@shop.example;7\n").updated == 1
    assert store.rows("SELECT ident, crm_id FROM contact") == [("crm:7", "7")]
    assert listed("E-Mail\nann@shop.example\n", "Winter").imported == 1
    assert store.rows("SELECT count(*) FROM contact") == [(1,)]


def test_a_person_known_by_crm_id_gets_the_new_address(store: Store, listed: Importing) -> None:
    listed("E-Mail;Kundennummer\nann@old.example;7\n")
    listed("E-Mail;Kundennummer\nann@new.example;7\n", "Winter")
    assert store.rows("SELECT email, email_key FROM contact") == [("ann@new.example", "ann@new.example")]
    assert store.rows("SELECT address, contact_id FROM recipient ORDER BY id") == [
        ("ann@old.example", 1),
        ("ann@new.example", 1),
    ]


@pytest.mark.parametrize("line", ["ann@gamil.example;Ann;7", "ann@gamil.example;Ann;"])
def test_a_corrected_address_is_not_taken_back_by_the_old_list(
    store: Store, listed: Importing, clock: datetime, line: str
) -> None:
    text = f"E-Mail;Name;Kundennummer\n{line}\n"
    listed(text)
    fix(store, 1, "ann@gmail.example", WHO, clock)
    assert listed(text).unchanged == 1
    assert listed(text, "Winter").imported == 1
    assert store.rows("SELECT email FROM contact") == [("ann@gmail.example",)]


def test_consent_given_later_makes_a_skipped_recipient_ready(store: Store, listed: Importing) -> None:
    listed("E-Mail;Einwilligung\nann@shop.example;nein\n")
    report = listed("E-Mail;Einwilligung\nann@shop.example;ja\n")
    assert (report.updated, report.imported) == (1, 0)
    assert store.rows("SELECT delivery, skip_reason FROM recipient") == [(0, None)]
    assert store.rows("SELECT delivery, n FROM campaign_stat") == [(0, 1)]


def test_who_got_the_mail_is_not_skipped_afterwards(store: Store, listed: Importing) -> None:
    listed("E-Mail\nann@shop.example\n")
    Builder(store).insert("address", key="ann@shop.example", address="ann@shop.example", consecutive=1, blocked_at=1)
    store.execute("UPDATE recipient SET delivery = 30, delivered_at = 1")
    assert listed("E-Mail\nann@shop.example\n").unchanged == 1
    assert store.rows("SELECT skip_reason FROM recipient") == [(None,)]


def test_a_yes_in_an_old_list_does_not_undo_an_unsubscription(store: Store, listed: Importing) -> None:
    listed("E-Mail;Einwilligung\nann@shop.example;ja\n")
    Builder(store).address("ann@shop.example", unsubscribed_at=1)
    store.execute("UPDATE contact SET consent = FALSE")
    assert listed("E-Mail;Einwilligung\nann@shop.example;ja\n", "Winter").skipped == {SkipReason.UNSUBSCRIBED: 1}
    assert store.rows("SELECT consent FROM contact") == [(0,)]


def test_a_former_employee_stays_one(store: Store, listed: Importing, clock: datetime) -> None:
    listed("E-Mail\nann@shop.example\n")
    former(store, [1], WHO, clock)
    assert listed("E-Mail;ausgeschieden\nann@shop.example;nein\n", "Winter").skipped == {SkipReason.FORMER: 1}


def test_two_people_at_one_address_stay_two_people(store: Store, listed: Importing) -> None:
    text = "E-Mail;Name;Kundennummer\ninfo@shop.example;Ann;1\ninfo@shop.example;Bo;2\n"
    assert listed(text).skipped == {SkipReason.DUPLICATE: 1}
    assert store.rows("SELECT name FROM contact ORDER BY id") == [("Ann",), ("Bo",)]
    assert listed(text).unchanged == 2


def test_events_that_came_before_the_list_are_given_to_their_recipients(
    store: Store, listed: Importing, tmp_path: Path, clock: datetime
) -> None:
    from store.ingest import ingest

    events = tmp_path / "events.ndjson"
    events.write_text(
        '{"type": "opened", "recipient": "ann@shop.example", "time": "2026-03-02T08:00:00Z", "campaign": "autumn"}\n'
    )
    ingest(store, [events], clock)
    assert store.rows("SELECT count(*) FROM stranger") == [(1,)]
    listed("E-Mail\nann@shop.example\n")
    assert store.rows("SELECT type FROM event") == [(EventType.OPENED.code,)]
    assert store.rows("SELECT count(*) FROM stranger") == [(0,)]
