"""Who was forgotten and is told of again: lists skip them, late events count for nobody's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.actions.contacts import fix
from store.actions.forgetting import forget
from store.actions.imports import import_recipients
from store.actions.undo import undo
from store.database import Store
from store.errors import Refused, StoreUnavailable
from store.feeds.record import Record
from store.ingest import ingest
from store.landing import land
from store.matching import Matcher
from store.pseudonyms import DOMAIN, key_path
from store.queries.addresses import recipients_of_address
from store.queries.identity import identity_of, who_is
from store.recompute import differences
from store.sweeping import sweep
from store.vocabulary import BounceKind, EventType, SkipReason, Source
from tests.rights.test_forgetting_leaves_nothing_behind import in_files, numbers
from tests.rights.world import BASE, CRM, HEAD, NAME, NOW, OLD, TODAY, WHO, build, land_again


@pytest.fixture
def forgotten(store: Store, tmp_path: Path) -> Store:
    """A store that has forgotten her."""
    forget(store, [identity_of(store, [build(store, tmp_path)])], WHO, NOW)
    sweep(store)
    return store


def listed(folder: Path, *lines: str) -> Path:
    path = folder / "later.csv"
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_a_list_that_names_her_skips_her_and_keeps_nothing_of_her(forgotten: Store, tmp_path: Path) -> None:
    line = f"{NAME};Needlework GmbH;xn-needle;Mr Needle-Keeper"
    path = listed(tmp_path, f"{OLD};{line};;yes", f"{TODAY.upper()};{line};;yes", "dy@example.org;Dy;;;;;yes")
    report = import_recipients(forgotten, path, "Winter", WHO, NOW)
    assert report.skipped == {SkipReason.FORGOTTEN: 2}
    assert report.imported == 1
    sweep(forgotten)
    assert in_files(forgotten) == set()
    assert list(differences(forgotten)) == []
    again = import_recipients(forgotten, path, "Winter", WHO, NOW)
    assert (again.unchanged, again.imported, again.skipped) == (3, 0, {})


def test_the_id_of_the_crm_is_known_again_with_a_new_address(forgotten: Store, tmp_path: Path) -> None:
    new = "nadja@new-needle.example"
    report = import_recipients(forgotten, listed(tmp_path, f"{new};{NAME};;;;{CRM};yes"), "Winter", WHO, NOW)
    assert report.skipped == {SkipReason.FORGOTTEN: 1}
    by_address = import_recipients(forgotten, listed(tmp_path, f"{new};{NAME};;;;;yes"), "Summer", WHO, NOW)
    assert by_address.skipped == {SkipReason.FORGOTTEN: 1}
    assert new.encode() not in forgotten.path.read_bytes()


def test_the_same_log_read_again_counts_nothing_twice(forgotten: Store) -> None:
    before = numbers(forgotten)
    land_again(forgotten)
    assert numbers(forgotten) == before
    sweep(forgotten)
    assert in_files(forgotten) == set()


def test_the_same_file_read_again_counts_nothing_twice(forgotten: Store, tmp_path: Path) -> None:
    before = numbers(forgotten)
    path = tmp_path / "events2.csv"
    path.write_text(f"email,event,timestamp\n{OLD},open,2026-03-02T09:00:00Z\n", encoding="utf-8")
    ingest(forgotten, [path], NOW)
    assert numbers(forgotten) == before


def test_a_late_bounce_counts_without_her_address(forgotten: Store) -> None:
    late = Record(
        EventType.BOUNCED,
        BASE + 86_400_000,
        OLD,
        Source.BOUNCE_MAIL,
        campaign="autumn",
        message_id="late@secret-host.example",
        kind=BounceKind.HARD,
        diagnostic=f"550 no {OLD}",
        name=NAME,
    )
    landed = forgotten.run(lambda: land(forgotten, Matcher(forgotten), {}, None, [late]))
    assert (landed.new_events, landed.strangers) == (1, 0)
    assert forgotten.run(lambda: land(forgotten, Matcher(forgotten), {}, None, [late])).new_events == 0
    sweep(forgotten)
    assert in_files(forgotten) == set()
    assert list(differences(forgotten)) == []


def test_nobody_is_given_her_address(forgotten: Store) -> None:
    (other,) = recipients_of_address(forgotten, "bo@example.org", 1)
    with pytest.raises(Refused, match="belongs to somebody who was forgotten"):
        fix(forgotten, other, OLD, WHO, NOW)


def test_she_is_on_no_list_and_forgotten_once(forgotten: Store) -> None:
    assert forgotten.rows("SELECT m.contact_id FROM list_member AS m WHERE m.contact_id = 1") == []
    with pytest.raises(Refused, match="was forgotten already"):
        forget(forgotten, [identity_of(forgotten, [1])], WHO, NOW)


def test_the_journal_tells_it_without_the_address_and_it_cannot_be_undone(forgotten: Store) -> None:
    found = forgotten.row("SELECT id, sentence, undoable FROM journal WHERE verb = 'forget'")
    assert found is not None
    assert found[1].startswith("1 person forgotten (")
    assert "@" not in found[1]
    with pytest.raises(Refused, match="cannot be undone"):
        undo(forgotten, WHO, NOW, found[0])


def test_undoing_what_was_done_to_her_before_brings_nothing_back(forgotten: Store) -> None:
    for (entry,) in forgotten.rows("SELECT id FROM journal ORDER BY id DESC"):
        try:
            undo(forgotten, WHO, NOW, entry)
        except Refused:
            continue
    sweep(forgotten)
    assert in_files(forgotten) == set()
    assert list(differences(forgotten)) == []
    assert forgotten.rows("SELECT email FROM contact WHERE id = 1")[0][0].endswith(DOMAIN)


def test_without_the_key_nothing_is_read_in(forgotten: Store, tmp_path: Path) -> None:
    path = key_path(forgotten)
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(StoreUnavailable, match="is missing, the key with which people were forgotten"):
        import_recipients(forgotten, listed(tmp_path, "dy@example.org;Dy;;;;;yes"), "Winter", WHO, NOW)
    with pytest.raises(StoreUnavailable, match="is missing"):
        land_again(forgotten)
    path.write_bytes(b"00" * 32)
    with pytest.raises(StoreUnavailable, match="is not the key"):
        land_again(forgotten)
    path.write_bytes(kept)
    land_again(forgotten)


def test_an_address_that_another_contact_has_too_stays_with_that_one(store: Store, tmp_path: Path) -> None:
    lines = ("office@example.org;Ann Ahn;;;;CRM-A1;yes", "bo@example.org;Bo Berg;;;;CRM-B1;yes")
    import_recipients(store, listed(tmp_path, *lines), "Spring", WHO, NOW)
    import_recipients(store, listed(tmp_path, "office@example.org;Bo Berg;;;;CRM-B1;yes"), "Autumn", WHO, NOW)
    forget(store, [who_is(store, "crm:CRM-A1")], WHO, NOW)
    assert recipients_of_address(store, "office@example.org", 2)
    report = import_recipients(store, listed(tmp_path, "office@example.org;Bo Berg;;;;CRM-B1;yes"), "Winter", WHO, NOW)
    assert report.imported == 1
    assert list(differences(store)) == []


def test_an_address_of_nobody_in_a_plan_is_forgotten(store: Store, tmp_path: Path) -> None:
    build(store, tmp_path)
    told = Record(
        EventType.BOUNCED, BASE, "zoe@stranger.example", Source.BOUNCE_MAIL, diagnostic="zoe@stranger.example"
    )
    store.run(lambda: land(store, Matcher(store), {}, None, [told]))
    forget(store, [who_is(store, "zoe@stranger.example")], WHO, NOW)
    sweep(store)
    assert b"zoe@stranger.example" not in store.path.read_bytes().lower()
    store.run(lambda: land(store, Matcher(store), {}, None, [told]))
    (records,) = store.row("SELECT count(*) FROM stranger WHERE address_key LIKE '%forgotten.invalid'") or (0,)
    assert records >= 1
    sweep(store)
    assert b"zoe@stranger.example" not in store.path.read_bytes().lower()
