"""The doctor finds what is wrong with a store, names it, and puts right what can be."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sample_data.world import FIXED_NOW
from store import models
from store.database import Store, open_store
from store.errors import NotFound, StoreUnavailable
from store.journal import Operator
from store.recompute import differences
from store.rows.health import Finding, Health, Verdict
from store.upkeep import doctor, users
from store.upkeep.backups import back_up
from store.upkeep.derived import Astray
from store.upkeep.doctor import examine
from store.upkeep.mending import mend
from store.upkeep.references import REFERENCES
from store.upkeep.restoring import restore
from store.upkeep.values import CODES

WHO = Operator("ann", "desk")


def quiet(what: str, done: int, total: int) -> None:
    pass


def looked(path: Path, **how: bool | str) -> Health:
    return examine(path, quiet, **how)[0]  # type: ignore[arg-type]


def said(health: Health, check: str) -> list[Finding]:
    return [one for one in health.findings if one.check == check]


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for sql in statements:
            connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize("thorough", [False, True], ids=["quick", "full"])
def test_nothing_is_wrong_with_the_sample_world(sample_path: Path, thorough: bool) -> None:
    sample_path.chmod(0o600)
    before = sample_path.read_bytes()
    health = looked(sample_path, thorough=thorough)
    assert health.sound, health.wrong
    assert {one.check for one in health.findings if one.verdict is Verdict.UNSEEN} <= {"users"}
    assert said(health, "derived")[0].sentence.startswith("0 differences")
    assert health.store.rows["recipient"] > 1000
    assert sample_path.read_bytes() == before


def test_every_column_that_names_a_row_is_looked_at() -> None:
    named = {(one.table, one.column) for one in REFERENCES}
    ids = {
        (table._meta.table_name, column.column_name)
        for table in models.TABLES
        for column in table._meta.sorted_fields
        if column.column_name.endswith("_id")
        and column.column_name not in {"crm_id", "message_id", "queue_id", "mail_id"}
    }
    # Optional ones are null where there is nothing; these may also name what is gone, or nothing by 0.
    loose = {
        *(("list_member", "recipient_id"), ("tripwire", "campaign_id"), ("journal_line", "subject_id")),
        *(("event", "feed_id"), ("guess", "feed_id"), ("stranger", "feed_id"), ("forgotten", "contact_id")),
        *(("folded_count", "feed_id"), ("folded_count", "campaign_id")),
    }
    assert named - {("outbox", "message_id")} == ids - loose


def test_rows_of_nobody_are_named(sample_path: Path) -> None:
    change(sample_path, "UPDATE link SET campaign_id = 77 WHERE id = 1", "DELETE FROM journal WHERE id = 1")
    (link, *rest) = [one for one in said(looked(sample_path), "references") if "link" in one.sentence]
    assert link.verdict is Verdict.WRONG
    assert "1 row of link belongs to a campaign that is not there (campaign_id 77)." in link.sentence
    assert rest == []


def test_values_that_cannot_stand_where_they_do_are_named(sample_path: Path) -> None:
    change(
        sample_path,
        "UPDATE recipient SET opened_at = 'yester\x1bday' WHERE id = 3",
        "UPDATE recipient SET delivery = 99 WHERE id IN (4, 5)",
        "UPDATE contact SET name = x'00' WHERE id = 6",
        "UPDATE event SET type = 98 WHERE id = 7",
    )
    health = looked(sample_path)
    contact, event, recipient = said(health, "values")
    assert contact.sentence == "contact holds 1 value that cannot stand there: name 1."
    assert event.examples == ("event.type: 98",)
    assert recipient.sentence == "recipient holds 3 values that cannot stand there: delivery 2, opened_at 1."
    assert recipient.examples == ("recipient.delivery: 99",) * 2 + ("recipient.opened_at: 'yester\\x1bday'",)
    assert recipient.advice == "aftersend restore BACKUP"
    assert {"values", "derived"} <= set(health.wrong)


def test_every_column_for_a_word_is_looked_at() -> None:
    small = {
        f"{table._meta.table_name}.{column.column_name}"
        for table in models.TABLES
        for column in table._meta.sorted_fields
        if column.field_type == "SMALLINT"
    }
    # Sets of bits.
    assert small - {"campaign_stat.facts", "list_member.known"} == set(CODES)


def test_what_is_derived_wrongly_is_counted_and_named(sample_path: Path) -> None:
    change(sample_path, "UPDATE recipient SET clicks = clicks + 1 WHERE id IN (3, 4)")
    (found,) = said(looked(sample_path), "derived")
    assert found.verdict is Verdict.WRONG
    assert "2 values of recipients (clicks 2)" in found.sentence
    assert found.examples[0].startswith("recipient 3: clicks is ")


_EVERYTHING = (
    "UPDATE recipient SET opened_at = 5, engagement = 3 WHERE id % 11 = 0",
    "UPDATE recipient SET reason = 'none', partly = TRUE WHERE id % 13 = 0",
    "UPDATE recipient SET delivery = 0, bounced_at = NULL WHERE id % 17 = 0",
    "UPDATE campaign_stat SET n = n + 1",
    "UPDATE campaign SET started_at = 1",
    "DELETE FROM clicker WHERE recipient_id % 2 = 0",
    "UPDATE clicker SET clicks = clicks + 7 WHERE recipient_id % 3 = 0",
    "UPDATE address SET consecutive = consecutive + 1",
    "DELETE FROM address WHERE id = 2 AND operator_blocked_at IS NULL",
)


@pytest.mark.parametrize(
    "statements", [_EVERYTHING, _EVERYTHING[4:5], _EVERYTHING[7:8]], ids=["all", "date", "address"]
)
def test_a_repair_derives_anew_whatever_is_wrong_and_tells_the_journal(
    sample_path: Path, statements: tuple[str, ...]
) -> None:
    change(sample_path, *statements)
    health, astray = examine(sample_path, quiet)
    assert not health.sound
    done = list(mend(sample_path, health, astray, WHO, FIXED_NOW, quiet))
    assert {"backup", "derived"} <= {one.check for one in done}
    store = open_store(sample_path)
    assert list(differences(store, thorough=True)) == []
    entries = store.rows("SELECT verb, operator, sentence FROM journal WHERE verb = 'repair'")
    assert entries
    assert all(who == "ann" and text.startswith("Derived anew from") for _, who, text in entries)
    store.close()
    assert looked(sample_path).sound


def test_a_repair_makes_a_backup_of_what_was_there_first(sample_path: Path, tmp_path: Path) -> None:
    change(sample_path, "UPDATE recipient SET clicks = 99 WHERE id = 3")
    health, astray = examine(sample_path, quiet)
    list(mend(sample_path, health, astray, WHO, FIXED_NOW, quiet))
    (backup,) = (tmp_path / "backups").glob("*.db")
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT clicks FROM recipient WHERE id = 3").fetchall() == [(99,)]


def test_one_campaign_is_compared_alone(sample_store: Store) -> None:
    (id_, name), *_ = sample_store.rows("SELECT id, name FROM campaign ORDER BY id")
    change(sample_store.path, f"UPDATE recipient SET clicks = clicks + 1 WHERE campaign_id <> {id_}")
    assert said(looked(sample_store.path, campaign=name), "derived")[0].verdict is Verdict.FINE
    assert said(looked(sample_store.path), "derived")[0].verdict is Verdict.WRONG
    with pytest.raises(NotFound):
        looked(sample_store.path, campaign="no such campaign")


def test_modes_that_let_others_in_are_named_and_mended(sample_path: Path) -> None:
    sample_path.chmod(0o644)
    copy = sample_path.with_name("sample.db.before-0007_guess")
    copy.write_bytes(b"")
    copy.chmod(0o666)
    health = looked(sample_path)
    (found,) = said(health, "modes")
    assert found.verdict is Verdict.WRONG
    assert "sample.db 0644" in found.sentence
    (done,) = mend(sample_path, health, Astray(), WHO, FIXED_NOW, quiet)
    assert done.verdict is Verdict.MENDED
    assert {oct(file.stat().st_mode & 0o777) for file in (sample_path, copy)} == {"0o600"}


def test_a_teams_folder_lets_its_group_in(sample_path: Path) -> None:
    sample_path.parent.chmod(0o2770)
    sample_path.chmod(0o660)
    assert said(looked(sample_path), "modes")[0].verdict is Verdict.FINE
    sample_path.chmod(0o664)
    assert said(looked(sample_path), "modes")[0].verdict is Verdict.WRONG


def test_a_folder_in_which_anybody_may_put_another_store_is_named(sample_path: Path) -> None:
    sample_path.parent.chmod(0o777)
    assert any("Anybody may put files" in one.sentence for one in said(looked(sample_path), "modes"))


def test_a_damaged_store_is_said_to_be_and_the_way_back_is_named(sample_path: Path) -> None:
    made = back_up(sample_path, None, WHO, FIXED_NOW, quiet)
    with sample_path.open("r+b") as stream:
        stream.seek(4096 * 40)
        stream.write(os.urandom(4096 * 60))
    health = looked(sample_path)
    assert "file" in health.wrong
    assert said(health, "file")[0].advice == f"aftersend restore {made.path}"
    restore(sample_path, made.path, WHO, FIXED_NOW, quiet)
    sample_path.chmod(0o600)
    assert looked(sample_path).sound


@pytest.mark.parametrize("content", [b"", b"nothing of ours\n" * 500, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_cannot_be_read_at_all_is_wrong_and_the_rest_is_said_not_to_have_been_seen(
    sample_path: Path, content: bytes
) -> None:
    sample_path.write_bytes(content)
    health = looked(sample_path)
    assert health.wrong[0] == ("file" if content else "tables")
    assert said(health, health.wrong[0])[0].advice == "aftersend restore BACKUP"
    assert {one.check for one in health.findings if one.verdict is Verdict.UNSEEN} >= {"references", "derived"}


def test_an_older_store_is_looked_at_and_not_brought_up_to_date(sample_path: Path) -> None:
    with closing(sqlite3.connect(sample_path)) as connection:
        last = connection.execute("SELECT max(name) FROM schema_migration").fetchone()[0]
    change(sample_path, f"DELETE FROM schema_migration WHERE name = '{last}'")
    before = sample_path.read_bytes()
    health = looked(sample_path)
    assert said(health, "tables")[0].verdict is Verdict.NOTE
    assert said(health, "derived")[0].verdict is Verdict.UNSEEN
    assert sample_path.read_bytes() == before


def test_a_newer_store_is_wrong_for_this_version(sample_path: Path) -> None:
    change(sample_path, "INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')")
    (found,) = said(looked(sample_path), "tables")
    assert (found.verdict, found.advice) == (Verdict.WRONG, "Update the program.")


def test_a_missing_store_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="There is no store"):
        looked(tmp_path / "s.db")


def test_no_room_is_wrong_and_too_little_for_a_copy_is_a_note(
    sample_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, verdict in ((1000, Verdict.WRONG), (10**12, Verdict.FINE), (None, Verdict.UNSEEN)):
        monkeypatch.setattr(doctor, "_free", lambda folder, free=free: free)
        assert said(looked(sample_path), "room")[0].verdict is verdict


def test_where_the_system_does_not_tell_who_has_it_open_that_is_said(
    sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "_LOCKS", tmp_path / "none")
    health = looked(sample_path)
    assert health.store.users is None
    assert said(health, "users")[0].verdict is Verdict.UNSEEN


def test_the_last_backup_is_told_by_the_journal(sample_path: Path) -> None:
    assert said(looked(sample_path), "backup")[0].verdict is Verdict.NOTE
    made = back_up(sample_path, None, WHO, FIXED_NOW, quiet)
    health = looked(sample_path)
    assert (health.store.backup_at, health.store.backup) == (FIXED_NOW, f"Backup written to {made.path}")
    assert said(health, "backup") == []
