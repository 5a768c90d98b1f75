"""Importing a recipient list: who becomes a recipient, who is skipped and why, and what else is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from store.actions.imports import ImportReport, import_recipients
from store.database import Store, open_store
from store.errors import BadInput, DiskFull, Refused, StoreUnavailable
from store.feeds.record import Progress
from store.journal import Operator
from store.vocabulary import BlockReason, SkipReason
from tests.store.building import Builder

WHO = Operator("ann", "desk")
Importing = Callable[..., ImportReport]


@pytest.fixture
def listed(store: Store, tmp_path: Path, clock: datetime) -> Importing:
    """Import a text as a list."""

    def run(text: str, campaign: str = "Autumn", **options: object) -> ImportReport:
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return import_recipients(store, path, campaign, WHO, clock, **options)  # type: ignore[arg-type]

    return run


def skipped(store: Store) -> list[tuple[str, int, str | None]]:
    rows = store.rows("SELECT address, occurrence, skip_reason, delivery FROM recipient ORDER BY id")
    assert all((reason is None) == (delivery == 0) for _, _, reason, delivery in rows)
    return [(address, nth, None if code is None else SkipReason.of(code).value) for address, nth, code, _ in rows]


def test_a_line_becomes_a_contact_and_a_recipient(store: Store, listed: Importing, clock: datetime) -> None:
    report = listed(
        "E-Mail;Name;Firma;Sprache;Betreuer;Kundennummer;Einwilligung;Tracking-Einwilligung\n"
        "Jörg@Müller.example;Jörg Müller;Bäckerei;de;Eva;17;ja;nein\n"
    )
    assert (report.campaign_id, report.campaign) == (1, "Autumn")
    assert (report.lines, report.imported, report.updated, report.unchanged) == (1, 1, 0, 0)
    assert (report.skipped, report.defects) == ({}, ())
    assert store.rows("SELECT ident, crm_id, email, email_key, name, company, language, responsible FROM contact") == [
        ("crm:17", "17", "Jörg@Müller.example", "jörg@xn--mller-kva.example", "Jörg Müller", "Bäckerei", "de", "Eva")
    ]
    assert store.rows("SELECT consent, tracking_consent, former, sort_key, company_key FROM contact") == [
        (1, 0, 0, "jorg muller", "backerei")
    ]
    assert store.rows("SELECT * FROM contact_search") == [(1, "jorg muller jorg@muller.example backerei")]
    assert store.rows("SELECT campaign_id, contact_id, address, address_key, delivery FROM recipient") == [
        (1, 1, "Jörg@Müller.example", "jörg@xn--mller-kva.example", 0)
    ]


def test_recipients_stand_in_the_order_of_the_file(store: Store, listed: Importing) -> None:
    listed("E-Mail\n" + "".join(f"{letter}@shop.example\n" for letter in "zmaqb"))
    listed("E-Mail\n" + "".join(f"{letter}@shop.example\n" for letter in "ycx"), "Winter")
    rows = store.rows("SELECT id, substr(address, 1, 1) FROM recipient ORDER BY id")
    assert rows == list(enumerate("zmaqbycx", start=1))


def test_nobody_is_lost_and_every_skipped_one_has_a_reason(store: Store, listed: Importing) -> None:
    report = listed(
        "E-Mail;Name;Einwilligung;ausgeschieden\n"
        "ann@shop.example;Ann;ja;\n"
        ";Bo;ja;\n"
        "no address;Carl;ja;\n"
        "ANN@shop.example;Ann again;ja;\n"
        "dan@shop.example;Dan;nein;\n"
        "eve@shop.example;Eve;;\n"
        "fay@shop.example;Fay;ja;ja\n"
        ";Gus;ja;\n"
        "ann@shop.example;Ann a third time;nein;\n"
    )
    assert skipped(store) == [
        ("ann@shop.example", 0, None),
        ("", 0, "no address"),
        ("no address", 0, "invalid address"),
        ("ANN@shop.example", 1, "duplicate"),
        ("dan@shop.example", 0, "no consent"),
        ("eve@shop.example", 0, "no consent"),
        ("fay@shop.example", 0, "former employee"),
        ("", 1, "no address"),
        ("ann@shop.example", 2, "duplicate"),
    ]
    assert report.imported == 1
    assert report.skipped == {
        SkipReason.DUPLICATE: 2,
        SkipReason.NO_ADDRESS: 2,
        SkipReason.INVALID: 1,
        SkipReason.NO_CONSENT: 2,
        SkipReason.FORMER: 1,
    }
    assert report.lines == 9
    assert store.rows("SELECT count(*) FROM contact WHERE email = ''") == [(2,)]


def test_without_a_consent_column_nobody_is_skipped_for_it(store: Store, listed: Importing) -> None:
    assert listed("E-Mail\nann@shop.example\n").imported == 1
    assert store.rows("SELECT consent FROM contact") == [(None,)]


def test_who_refused_consent_before_is_skipped_in_a_list_without_that_column(store: Store, listed: Importing) -> None:
    listed("E-Mail;Einwilligung\nann@shop.example;nein\n")
    assert listed("E-Mail\nann@shop.example\n", "Winter").skipped == {SkipReason.NO_CONSENT: 1}


def test_an_unknown_word_for_consent_is_reported_and_skips(store: Store, listed: Importing) -> None:
    report = listed("E-Mail;Einwilligung\nann@shop.example;eventuell\n")
    assert report.skipped == {SkipReason.NO_CONSENT: 1}
    assert [(defect.where, "eventuell" in defect.sentence) for defect in report.defects] == [("line 2", True)]


def test_what_is_known_of_an_address_decides_in_a_fixed_order(store: Store, listed: Importing, clock: datetime) -> None:
    builder = Builder(store)
    at = 1_772_438_400_000
    block = {"blocked_at": at, "block_reason": BlockReason.HARD_BOUNCE.code}
    builder.address("ann@shop.example", **block)
    builder.address("bo@shop.example", **block, unsubscribed_at=at)
    builder.address("carl@shop.example", **block, unsubscribed_at=at, complained_at=at)
    builder.address("dan@shop.example", last_success_at=at)
    listed("E-Mail\nAnn@shop.example\nbo@shop.example\ncarl@shop.example\ncarl@shop.example\ndan@shop.example\n")
    assert [reason for _, _, reason in skipped(store)] == ["blocked", "unsubscribed", "complained", "duplicate", None]


def test_a_list_of_several_thousand_lines_lands_whole_and_tells_how_far_it_is(store: Store, listed: Importing) -> None:
    told: list[Progress] = []
    text = "E-Mail,Name\n" + "".join(f"r{number}@shop{number % 90}.example,Reader {number}\n" for number in range(7000))
    report = listed(text, on_progress=told.append)
    assert report.imported == 7000
    assert store.rows("SELECT min(id), max(id), count(DISTINCT contact_id) FROM recipient") == [(1, 7000, 7000)]
    assert len(told) >= 4
    assert [step.done for step in told] == sorted(step.done for step in told)
    assert told[-1].done == told[-1].total == len(text)


@pytest.mark.only_sqlite("A server's indexes stay while a list lands, and it looks at its tables by itself.")
def test_indexes_that_were_dropped_for_a_long_list_are_there_again(store: Store, listed: Importing) -> None:
    listed("E-Mail,Name\n" + "".join(f"r{number}@shop{number % 90}.example,Reader {number}\n" for number in range(700)))
    indexes = store.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'contact'")
    assert {name for (name,) in indexes} >= {"contact_email", "contact_sort"}
    assert store.rows("SELECT count(*) FROM sqlite_stat1 WHERE tbl IN ('contact', 'recipient')")[0][0] >= 6


def test_the_counters_are_right_at_once(store: Store, listed: Importing) -> None:
    listed("E-Mail;Einwilligung\nann@shop.example;ja\nbo@shop.example;nein\nann@shop.example;ja\n")
    assert store.rows("SELECT delivery, n FROM campaign_stat ORDER BY delivery") == [(0, 1), (1, 2)]


def test_the_journal_tells_who_imported_what(store: Store, listed: Importing) -> None:
    listed("E-Mail\nann@shop.example\nann@shop.example\n", subject="Autumn sale", key="Autumn-26")
    assert store.rows("SELECT operator, host, verb, sentence, subjects, undoable FROM journal") == [
        ("ann", "desk", "import", '2 recipients (1 of them skipped) imported from list.csv into "Autumn"', 2, 0)
    ]
    assert store.rows("SELECT name, key, subject FROM campaign") == [("Autumn", "autumn-26", "Autumn sale")]


def test_control_characters_do_not_reach_the_store(store: Store, listed: Importing) -> None:
    listed('E-Mail,Name\nann@shop.example,"Ann\r\nBcc: eve@evil.example\x1b[31m"\n', campaign="Au\x1b[2Jtumn\n")
    assert store.rows("SELECT name FROM contact") == [("Ann Bcc: eve@evil.example [31m",)]
    assert store.rows("SELECT name FROM campaign") == [("Au [2Jtumn",)]


def test_a_key_can_be_given_later_but_not_changed(store: Store, listed: Importing) -> None:
    listed("E-Mail\nann@shop.example\n")
    listed("E-Mail\nbo@shop.example\n", campaign="AUTUMN", key="a-26")
    assert store.rows("SELECT name, key FROM campaign") == [("Autumn", "a-26")]
    listed("E-Mail\ncarl@shop.example\n", campaign="a-26")
    with pytest.raises(Refused, match='The campaign "Autumn" has the key "a-26" already'):
        listed("E-Mail\ndan@shop.example\n", key="b-26")
    with pytest.raises(Refused, match='The key "a-26" belongs to the campaign "Autumn" already'):
        listed("E-Mail\ndan@shop.example\n", campaign="Winter", key="A-26")
    assert store.rows("SELECT count(*) FROM recipient") == [(3,)]
    assert store.rows("SELECT count(*) FROM campaign") == [(1,)]


def test_a_campaign_needs_a_name(listed: Importing) -> None:
    with pytest.raises(Refused, match="needs a name"):
        listed("E-Mail\nann@shop.example\n", campaign=" \n")


def test_a_file_that_is_no_list_leaves_the_store_as_it_was(store: Store, listed: Importing) -> None:
    with pytest.raises(BadInput, match="no address column"):
        listed("Name;Ort\nAnn;Ulm\n")
    assert store.rows("SELECT count(*) FROM campaign") == [(0,)]


def test_a_read_only_store_refuses_before_the_file_is_read(store: Store, tmp_path: Path, clock: datetime) -> None:
    path = tmp_path / "list.csv"
    path.write_text("E-Mail\nann@shop.example\n")
    readable = open_store(store.url, read_only=True)
    told: list[Progress] = []
    with pytest.raises(StoreUnavailable, match="read-only"):
        import_recipients(readable, path, "Autumn", WHO, clock, on_progress=told.append)
    readable.close()
    assert told == []


@pytest.mark.only_sqlite("makes the file too small")
def test_a_full_disk_leaves_the_store_as_it_was(store: Store, listed: Importing) -> None:
    listed("E-Mail\nann@shop.example\n")
    pages = store.rows("PRAGMA page_count")[0][0]
    store.execute(f"PRAGMA max_page_count = {pages + 20}")
    text = "E-Mail\n" + "".join(f"reader-number-{number}@shop.example\n" for number in range(5000))
    with pytest.raises(DiskFull):
        listed(text, campaign="Winter")
    store.execute("PRAGMA max_page_count = 1000000")
    assert store.rows("PRAGMA integrity_check") == [("ok",)]
    assert store.rows("SELECT count(*) FROM recipient") == [(1,)]
    assert store.rows("SELECT name FROM campaign") == [("Autumn",)]
    assert listed(text, campaign="Winter").imported == 5000
