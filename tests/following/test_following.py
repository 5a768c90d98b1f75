"""What is followed lands once and as soon as it is whole, whatever becomes of the files."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from store.database import Store, open_store
from store.engines import sqlite
from store.errors import BadInput
from store.feeds.logs import POSTFIX
from store.feeds.mapping import Mapping
from store.following.follow import Figures, Follower
from store.following.growing import GrowingFile
from store.following.source import How, Saved
from store.following.watching import Folders
from store.ingest import ingest
from tests.following.logs import KEY, address
from tests.following.mails import notice
from tests.store.plan import plan

LINE = "2026-03-02T08:00:0{n}.500000+00:00 mx postfix/{rest}\n"
EVENT = '{{"email": "p{n}@x.example", "event": "opened", "time": "2026-03-02T09:00:0{n}Z", "campaign": "spring-26"}}'


def _now() -> datetime:
    return datetime.now(UTC)


def sent(number: int) -> str:
    """Return the lines of a mail that was delivered."""
    queue, to = f"4F00000{number}", address(number)
    told = (
        f"cleanup[2]: {queue}: message-id=<m{number}@ours.example>",
        f"cleanup[2]: {queue}: info: header X-Campaign-ID: {KEY} from localhost[127.0.0.1]; from=<news@ours.example>"
        f" to=<{to}> proto=ESMTP helo=<app>",
        f"qmgr[3]: {queue}: from=<news@ours.example>, size=800, nrcpt=1 (queue active)",
        f"smtp[4]: {queue}: to=<{to}>, relay=mx.x.example[192.0.2.1]:25, delay=1, delays=0/0/0/0, dsn=2.0.0,"
        " status=sent (250 2.0.0 Ok: queued as 77)",
        f"qmgr[3]: {queue}: removed",
    )
    return "".join(LINE.format(n=number, rest=rest) for rest in told)


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Store]:
    """A store with a campaign for ten people."""
    opened = open_store(tmp_path / "store.db")
    plan(opened, KEY, [address(number) for number in range(10)])
    yield opened
    opened.close()


def follow(
    store: Store, *said: Path | str, settled_s: float = 0.0, copies_in: Path | None = None
) -> tuple[bool, list[str]]:
    """Follow until all is read; return whether all could be, and the notes."""
    notes: list[str] = []
    how = How(_now, settled_s=settled_s, copies_in=copies_in)
    follower = Follower(store, [str(one) for one in said], how, exit_when_idle=True, on_note=notes.append)
    return follower.run(), notes


def told(store: Store) -> list[tuple[str, str]]:
    """Return who is known to have got something, and where that stands."""
    sql = "SELECT r.address, e.location FROM event AS e JOIN recipient AS r ON r.id = e.recipient_id ORDER BY e.id"
    return [(who, where) for who, where in store.rows(sql)]


def append(path: Path, text: str | bytes) -> None:
    with open(path, "ab") as file:
        file.write(text.encode() if isinstance(text, str) else text)


def test_lines_land_once_and_keep_their_numbers(planned: Store, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    append(log, sent(1))
    assert follow(planned, log) == (True, [])
    append(log, sent(2))
    assert follow(planned, log) == (True, [])
    assert follow(planned, log) == (True, [])
    assert told(planned) == [("p1@x.example", "line 4"), ("p2@x.example", "line 9")]
    assert planned.row("SELECT records, defects, format FROM feed") == (2, 0, POSTFIX)


@pytest.mark.parametrize(
    ("name", "first", "second", "end"),
    [
        ("events.ndjson", EVENT.format(n=1) + "\n", EVENT.format(n=2) + "\n", "}"),
        ("events.json", "[" + EVENT.format(n=1) + ",\n", EVENT.format(n=2) + "]", "}"),
        (
            "events.csv",
            "email,event,time,campaign\np1@x.example,opened,2026-03-02T09:00:01Z,spring-26\n",
            'p2@x.example,opened,2026-03-02T09:00:02Z,"spring-26"\n',
            "\n",
        ),
        ("mail.log", sent(1), sent(2), "77)\n"),
    ],
)
def test_a_half_written_piece_neither_lands_nor_counts_as_bad(
    planned: Store, tmp_path: Path, name: str, first: str, second: str, end: str
) -> None:
    file = tmp_path / name
    append(file, first)
    whole = second.index(end) + len(end)
    cuts = [0, 1, whole // 3, whole // 2, whole - 2, whole - 1]
    for before, cut in pairwise(cuts):
        append(file, second[before:cut])
        follow(planned, file)
        assert [who for who, _ in told(planned)] == ["p1@x.example"]
    append(file, second[cuts[-1] :])
    follow(planned, file)
    assert [who for who, _ in told(planned)] == ["p1@x.example", "p2@x.example"]
    assert planned.rows("SELECT * FROM feed_defect") == []


def test_a_broken_piece_is_bad_once_the_next_one_shows_its_end(planned: Store, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text(EVENT.format(n=1) + '\n{"email" 1}\n')
    follow(planned, file)
    assert planned.rows("SELECT * FROM feed_defect") == []
    append(file, "".join(EVENT.format(n=n) + "\n" for n in range(2, 7)))
    follow(planned, file)
    assert len(told(planned)) == 6
    [(where,)] = planned.rows("SELECT location FROM feed_defect")
    assert where.startswith("line 2")


def test_what_was_ingested_before_is_known_again(planned: Store, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    append(log, sent(1))
    ingest(planned, [log], _now())
    append(log, sent(2))
    follow(planned, log)
    assert len(told(planned)) == 2
    assert [report.new_events for report in ingest(planned, [log], _now(), reread=True)] == [0]


def test_a_file_that_was_cut_without_a_copy_goes_on_from_its_start(planned: Store, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    append(log, sent(1) + sent(2))
    follow(planned, log)
    log.write_text(sent(3))
    assert follow(planned, log) == (True, [])
    assert told(planned)[-1] == ("p3@x.example", "line 4")


def test_a_file_that_was_replaced_is_read_anew(planned: Store, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    head = "email,event,time,campaign\n"
    row = "p{n}@x.example,opened,2026-03-02T09:00:0{n}Z,spring-26\n"
    file.write_text(head + row.format(n=1))
    follow(planned, file)
    other = tmp_path / "new"
    other.write_text(head + row.format(n=2) + row.format(n=3))
    os.replace(other, file)
    follow(planned, file)
    assert [who for who, _ in told(planned)] == ["p1@x.example", "p2@x.example", "p3@x.example"]


def test_a_file_written_anew_with_more_behind_is_read_on(planned: Store, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text(EVENT.format(n=1) + "\n")
    follow(planned, file)
    other = tmp_path / "new"
    other.write_text(EVENT.format(n=1) + "\n" + EVENT.format(n=2) + "\n")
    os.replace(other, file)
    follow(planned, file)
    assert planned.row("SELECT records FROM feed") == (2,)
    assert told(planned)[-1] == ("p2@x.example", "line 2")


def test_what_rotation_packed_while_nobody_looked_is_read_to_its_end(planned: Store, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    append(log, sent(1) + sent(2)[:300])
    follow(planned, log)
    append(log, sent(2)[300:])
    with gzip.open(tmp_path / "mail.log.3.gz", "wb") as packed:
        packed.write(log.read_bytes())
    (tmp_path / "mail.log.2").write_text(sent(3))
    (tmp_path / "mail.log.1").write_text(sent(4))
    log.unlink()
    append(log, sent(5))
    follow(planned, log)
    assert [who for who, _ in told(planned)] == [address(number) for number in range(1, 6)]
    assert [where for _, where in told(planned)][1:] == ["line 9", "line 4", "line 4", "line 4"]


@pytest.mark.parametrize("packed", [False, True])
def test_copies_in_another_folder_are_found_there(planned: Store, tmp_path: Path, packed: bool) -> None:
    log, old = tmp_path / "mail.log", tmp_path / "old"
    old.mkdir()
    append(log, sent(1))
    follow(planned, log, copies_in=old)
    append(log, sent(2))
    with gzip.open(old / "mail.log.2.gz", "wb") if packed else open(old / "mail.log.2", "wb") as copy:
        copy.write(log.read_bytes())
    (old / "mail.log.1").write_text(sent(3))
    log.unlink()
    append(log, sent(4))
    follow(planned, log, copies_in=old)
    assert [who for who, _ in told(planned)] == [address(number) for number in range(1, 5)]


def test_dated_copies_go_by_their_dates(planned: Store, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    append(log, sent(1))
    follow(planned, log)
    os.rename(log, tmp_path / "mail.log-20261120")
    (tmp_path / "mail.log-20261121").write_text(sent(2))
    append(log, sent(3))
    follow(planned, log)
    assert [who for who, _ in told(planned)] == [address(number) for number in range(1, 4)]


def test_older_copies_are_not_read_of_a_file_that_was_never_followed(planned: Store, tmp_path: Path) -> None:
    (tmp_path / "mail.log.1").write_text(sent(1))
    append(tmp_path / "mail.log", sent(2))
    follow(planned, tmp_path / "mail.log")
    assert [who for who, _ in told(planned)] == ["p2@x.example"]


def test_a_path_that_is_not_there_is_said(planned: Store, tmp_path: Path) -> None:
    good, notes = follow(planned, tmp_path / "mail.log")
    assert not good
    assert notes == [f"{tmp_path / 'mail.log'} does not exist."]


def test_an_empty_log_is_nothing_to_complain_about(planned: Store, tmp_path: Path) -> None:
    (tmp_path / "mail.log").touch()
    assert follow(planned, tmp_path / "mail.log") == (True, [])


def test_what_can_never_be_followed_is_refused_before_anything_is_read(planned: Store, tmp_path: Path) -> None:
    append(tmp_path / "mail.log", sent(1))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n" + bytes(2000))
    with pytest.raises(BadInput, match="a PNG picture"):
        follow(planned, tmp_path / "mail.log", tmp_path / "picture.png")
    assert told(planned) == []


class Running:
    """A follower in a thread, and what it says."""

    def __init__(self, store: Store, *said: Path) -> None:
        self.seen = threading.Condition()
        self.records = 0
        self.notes: list[str] = []
        path = store.path

        def run() -> None:
            own = open_store(path)
            self.follower = Follower(
                own, [str(one) for one in said], How(_now, settled_s=0), on_figures=self._figures, on_note=self._note
            )
            started.set()
            self.follower.run()
            own.close()

        started = threading.Event()
        self.thread = threading.Thread(target=run)
        self.thread.start()
        started.wait(10)

    def _figures(self, figures: Figures) -> None:
        with self.seen:
            self.records = figures.tally.records
            self.seen.notify_all()

    def _note(self, sentence: str) -> None:
        with self.seen:
            self.notes.append(sentence)
            self.seen.notify_all()

    def until(self, test: Callable[[], bool]) -> None:
        with self.seen:
            assert self.seen.wait_for(test, 20), (self.records, self.notes)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *error: object) -> None:
        self.follower.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()


def test_what_appears_later_is_waited_for(planned: Store, tmp_path: Path) -> None:
    log, folder = tmp_path / "deep" / "mail.log", tmp_path / "dumps"
    with Running(planned, log, folder) as running:
        running.until(lambda: len(running.notes) == 2)
        assert running.notes == [f"{log} does not exist; waiting.", f"{folder} does not exist; waiting."]
        log.parent.mkdir()
        append(log, sent(1))
        folder.mkdir()
        (folder / "one.json").write_text(EVENT.format(n=2))
        running.until(lambda: running.records == 2)
        append(log, sent(3))
        running.until(lambda: running.records == 3)


def test_a_renamed_log_is_drained_before_the_new_one_is_read(planned: Store, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    with open(log, "ab", buffering=0) as writer, Running(planned, log) as running:
        writer.write(sent(1).encode())
        running.until(lambda: running.records == 1)
        os.rename(log, tmp_path / "mail.log.1")
        writer.write(sent(2).encode())
        running.until(lambda: running.records == 2)
        append(log, sent(3))
        running.until(lambda: running.records == 3)
        # Another process has the old file open still.
        writer.write(sent(4).encode())
        running.until(lambda: running.records == 4)
    assert [who for who, _ in told(planned)] == [address(number) for number in range(1, 5)]


def test_a_lock_of_another_process_is_waited_for_and_nothing_is_dropped(
    planned: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_S", 0.02)
    log = tmp_path / "mail.log"
    append(log, sent(1))
    other = sqlite3.connect(planned.path, isolation_level=None, check_same_thread=False)
    with Running(planned, log) as running:
        running.until(lambda: running.records == 1)
        other.execute("BEGIN IMMEDIATE")
        append(log, sent(2))
        running.until(lambda: any("locked" in note for note in running.notes))
        other.execute("COMMIT")
        running.until(lambda: running.records == 2)
    other.close()
    assert len(told(planned)) == 2


def test_mails_of_a_maildir_are_read_once_whatever_their_flags_become(planned: Store, tmp_path: Path) -> None:
    box = tmp_path / "Maildir"
    for part in ("new", "cur", "tmp"):
        (box / part).mkdir(parents=True)
    (box / "new" / "1772438401.a.mx").write_bytes(notice(1))
    (box / "tmp" / "1772438409.z.mx").write_bytes(notice(9))
    follow(planned, box)
    os.rename(box / "new" / "1772438401.a.mx", box / "cur" / "1772438401.a.mx:2,S")
    (box / "new" / "1772438402.b.mx").write_bytes(notice(2))
    follow(planned, box)
    assert [who for who, _ in told(planned)] == ["p1@x.example", "p2@x.example"]
    assert planned.row("SELECT records FROM feed") == (2,)
    assert planned.rows("SELECT name FROM feed_piece") == [("1772438401.a.mx",), ("1772438402.b.mx",)]


def test_the_last_mail_of_an_mbox_is_read_when_it_is_whole(planned: Store, tmp_path: Path) -> None:
    box = tmp_path / "mbox"
    begin = b"From MAILER-DAEMON Mon Mar  2 08:00:01 2026\n"
    second = begin + notice(2) + b"\n"
    append(box, begin + notice(1) + b"\n" + second[:600])
    ran, waiting = [], GrowingFile(box, "mbox", How(_now, settled_s=3600), Folders(lambda: None))
    waiting.resume(None)
    ran += waiting.step(100).items
    assert [getattr(item, "where", "") for item in ran] == ["mail 1"]
    assert waiting.where().settling is not None
    waiting.close()
    append(box, second[600:])
    follow(planned, box)
    append(box, begin + notice(3) + b"\n")
    follow(planned, box)
    assert told(planned) == [(address(number), f"mail {number}") for number in (1, 2, 3)]


def test_a_folder_of_webhook_dumps_is_read_as_it_fills(planned: Store, tmp_path: Path) -> None:
    folder = tmp_path / "dumps"
    (folder / "deep").mkdir(parents=True)
    (folder / "1.json").write_text("{\n  " + EVENT.format(n=1).strip("{}").replace(", ", ",\n  ") + "\n}\n")
    (folder / "2.json").write_text(EVENT.format(n=2)[:50])
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n" + bytes(2000))
    good, notes = follow(planned, folder)
    assert good
    assert [note.partition(";")[0] for note in notes] == [f"{folder / 'picture.png'} is a PNG picture"]
    assert [who for who, _ in told(planned)] == ["p1@x.example"]
    (folder / "2.json").write_text(EVENT.format(n=2))
    with gzip.open(folder / "deep" / "3.ndjson.gz", "wt") as packed:
        packed.write(EVENT.format(n=3) + "\n" + EVENT.format(n=4) + "\n")
    (folder / "mail.eml").write_bytes(notice(5))
    follow(planned, folder)
    assert sorted(who for who, _ in told(planned)) == [address(number) for number in range(1, 6)]
    follow(planned, folder)
    assert sum(count for (count,) in planned.rows("SELECT records FROM feed")) == 5


def test_an_archive_that_ends_in_the_middle_is_told_when_it_has_rested(planned: Store, tmp_path: Path) -> None:
    packed = tmp_path / "events.ndjson.gz"
    text = "".join(EVENT.format(n=n) + "\n" for n in range(1, 9)) * 200
    whole = gzip.compress(text.encode(), 1)
    packed.write_bytes(whole[:-600])
    follow(planned, packed)
    assert planned.rows("SELECT * FROM feed_defect") == []
    os.utime(packed, (0, 0))
    follow(planned, packed)
    follow(planned, packed)
    [(sentence,)] = planned.rows("SELECT sentence FROM feed_defect WHERE location = 'end of the file'")
    assert "ends in the middle" in sentence
    packed.write_bytes(whole)
    follow(planned, packed)
    assert planned.row("SELECT sum(records) FROM feed") == (1600,)


def test_a_log_without_years_goes_on_in_its_year(planned: Store, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    year = _now().year - 1
    text = "".join(f"Dec 31 08:00:0{line[18]}{line[32:]}" for line in sent(1).splitlines(keepends=True))
    append(log, text[: text.index("\n") + 1])
    os.utime(log, (datetime(year, 12, 31, 9, tzinfo=UTC).timestamp(),) * 2)
    follow(planned, log)
    append(log, text[text.index("\n") + 1 :])
    follow(planned, log)
    [(ts,)] = planned.rows("SELECT ts FROM event")
    assert datetime.fromtimestamp(ts / 1000, UTC).year == year


def test_a_folder_of_rotated_logs_is_one_log(planned: Store, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    text = sent(1) + sent(2)
    (folder / "mail.log.1").write_text(text[:700])
    (folder / "mail.log").write_text(text[700:])
    follow(planned, folder)
    os.rename(folder / "mail.log.1", folder / "mail.log.2")
    os.rename(folder / "mail.log", folder / "mail.log.1")
    (folder / "mail.log").write_text(sent(3))
    follow(planned, folder)
    assert [who for who, _ in told(planned)] == [address(number) for number in range(1, 4)]
    assert planned.rows("SELECT path, records FROM feed") == [(str(folder / "mail.log"), 3)]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder into which everybody may look, unlike those that pytest makes."""
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o755)
        yield Path(made)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take a permission away from this process")
def test_a_permission_that_is_taken_away_is_said_and_waited_for(open_folder: Path) -> None:
    folder = open_folder
    log = folder / "mail.log"
    append(log, sent(1))
    os.chmod(log, 0o600)
    source = GrowingFile(log, POSTFIX, How(_now), Folders(lambda: None))
    source.resume(None)
    os.seteuid(65534)
    try:
        assert source.step(100).items == ()
        assert source.where().waiting == f"{log} cannot be read: you have no permission."
    finally:
        os.seteuid(0)
    step = source.step(100)
    assert [item.where for item in step.items] == ["line 4"]
    source.close()
    assert step.position is not None
    append(log, sent(2))
    again = GrowingFile(log, POSTFIX, How(_now), Folders(lambda: None))
    os.seteuid(65534)
    try:
        again.resume(Saved(step.position, step.snapshot))
        assert again.step(100).items == ()
        assert again.where().waiting == f"{log} cannot be read: you have no permission."
    finally:
        os.seteuid(0)
    assert [item.where for item in again.step(100).items] == ["line 9"]
    again.close()


def test_a_name_that_leads_nowhere_is_said_and_waited_for(planned: Store, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    append(log, sent(1))
    follow(planned, log)
    log.unlink()
    log.symlink_to(log)
    good, notes = follow(planned, log)
    assert not good
    assert "cannot be read" in notes[0]


def test_a_hole_of_nuls_in_a_log_that_was_cut_is_skipped(planned: Store, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    append(log, sent(1))
    follow(planned, log)
    shutil.copyfile(log, tmp_path / "mail.log.1")
    size = log.stat().st_size
    os.truncate(log, 0)
    with open(log, "r+b") as writer:
        writer.seek(size)
        writer.write(sent(2).encode())
    follow(planned, log)
    assert [who for who, _ in told(planned)] == ["p1@x.example", "p2@x.example"]
    assert planned.rows("SELECT * FROM feed_defect") == []


def test_figures_say_what_is_behind(planned: Store, tmp_path: Path) -> None:
    seen: list[Figures] = []
    log = tmp_path / "mail.log"
    append(log, "".join(sent(number) for number in range(1, 9)))
    Follower(planned, [str(log)], How(_now), True, seen.append).run()
    assert (seen[-1].tally.records, seen[-1].tally.new_events, seen[-1].sources) == (8, 8, 1)
    assert seen[-1].places == []


def test_what_is_said_of_event_files_holds_for_those_that_grow(planned: Store, tmp_path: Path) -> None:
    file = tmp_path / "opened.txt"
    mapping = Mapping.parse(f"address=Wer,time=Wann,type:=opened,campaign:={KEY},delimiter:=|,encoding:=cp1252")
    how = How(_now, UTC, mapping)
    file.write_bytes("Wer|Wann|Wö\np1@x.example|02.03.2026 09:00|ä\n".encode("cp1252"))
    assert Follower(planned, [str(file)], how, exit_when_idle=True).run()
    append(file, "p2@x.example|25.03.2026 09:00|ß\n".encode("cp1252"))
    assert Follower(planned, [str(file)], how, exit_when_idle=True).run()
    assert told(planned) == [("p1@x.example", "line 2"), ("p2@x.example", "line 3")]
