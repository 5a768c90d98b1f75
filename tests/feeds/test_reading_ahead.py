"""Another process reads what this one would read: the same things, in the same order, whatever happens to it."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.errors import BadInput, UndecidedDates
from store.feeds import ahead
from store.feeds.ahead import feeds_ahead
from store.feeds.opening import Feed, open_feeds
from store.feeds.record import Defect, Progress, Record
from store.feeds.storing import dedupe_key
from tests.feeds.mails import report

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
Read = list[tuple[Path, str, int, list[Record | Defect | Progress]]]


def event(number: int) -> str:
    found = {"event": "open", "email": f"p{number}@x.example", "timestamp": 1_772_000_000 + number, "id": str(number)}
    return json.dumps(found | {"campaign": "spring"})


def events(path: Path, count: int) -> Path:
    path.write_text("".join(event(number) + "\n" for number in range(count)))
    return path


def log_line(second: int, queue_id: str, program: str, text: str) -> str:
    return f"2026-03-02T08:00:{second:02}+01:00 mx postfix/{program}[7]: {queue_id}: {text}\n"


def world(folder: Path) -> Path:
    folder.mkdir()
    events(folder / "a.ndjson", 2500)
    (folder / "b.ndjson").write_text(f'{event(1)}\n{{"email": \n{event(2)}\n')
    begun = log_line(1, "AA1", "cleanup", "message-id=<1@ours.example>") + log_line(
        1, "AA1", "qmgr", "from=<news@ours.example>, size=9, nrcpt=1 (queue active)"
    )
    (folder / "mail.log.1.gz").write_bytes(gzip.compress(begun.encode()))
    (folder / "mail.log").write_text(
        log_line(5, "AA1", "smtp", "to=<p1@x.example>, relay=mx[192.0.2.1]:25, dsn=2.0.0, status=sent (250 ok)")
    )
    (folder / "what.bin").write_bytes(bytes(range(256)))
    for part in ("new", "cur", "tmp"):
        (folder / "box" / part).mkdir(parents=True)
    (folder / "box" / "new" / "1").write_bytes(report())
    return folder


def all_of(feeds: Iterator[Feed]) -> Read:
    return [(feed.path, feed.format, feed.total, list(feed.records)) for feed in feeds]


def test_a_folder_reads_the_same(tmp_path: Path) -> None:
    folder = world(tmp_path / "in")
    here = all_of(open_feeds(folder, now=NOW))
    assert {format_ for _, format_, _, _ in here} >= {"event file", "postfix log", "bounce mailbox", "not understood"}
    assert all_of(feeds_ahead(folder, now=NOW, worth=0)) == here


def test_by_what_a_record_is_known_again_is_worked_out_ahead(tmp_path: Path) -> None:
    folder = world(tmp_path / "in")
    here = [item for *_, items in all_of(open_feeds(folder, now=NOW)) for item in items if isinstance(item, Record)]
    ahead = all_of(feeds_ahead(folder, now=NOW, worth=0))
    known = [item.known for *_, items in ahead for item in items if isinstance(item, Record)]
    assert known == list(map(dedupe_key, here))


def test_a_feed_that_nobody_wants_is_passed_over(tmp_path: Path) -> None:
    folder = world(tmp_path / "in")
    wanted = [feed for feed in all_of(open_feeds(folder, now=NOW)) if feed[1] == "postfix log"]
    found = []
    for feed in feeds_ahead(folder, now=NOW, worth=0):
        if feed.format == "postfix log":
            found.append((feed.path, feed.format, feed.total, list(feed.records)))
    assert found == wanted


@pytest.mark.parametrize("taken", [0, 1, 1500])
def test_a_reading_process_that_is_lost_is_replaced_at_the_very_same_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    events(folder / "a.ndjson", 12_000)
    events(folder / "b.ndjson", 3)
    monkeypatch.setattr(ahead, "_WAITING", 1)
    reader = ahead._Reader((folder, None, None, NOW))
    feeds = reader.feeds()
    first = next(feeds)
    items = [next(first.records) for _ in range(taken)]
    reader._process.kill()
    read = [(first.path, first.format, first.total, items + list(first.records)), *all_of(feeds)]
    reader.close()
    assert read == all_of(open_feeds(folder, now=NOW))


def test_whoever_stops_in_the_middle_ends_the_reading_process(tmp_path: Path) -> None:
    reader = ahead._Reader((events(tmp_path / "a.ndjson", 50_000), None, None, NOW))
    records = next(reader.feeds()).records
    next(records)
    reader.close()
    assert reader._process.returncode is not None
    assert not reader._thread.is_alive()


def test_what_cannot_be_read_is_said_as_ever(tmp_path: Path) -> None:
    dates = tmp_path / "dates.csv"
    dates.write_text("email,event,date\np1@x.example,open,03/02/2026 08:00\n")
    with pytest.raises(UndecidedDates):
        list(feeds_ahead(dates, now=NOW, zone=UTC, worth=0))
    with pytest.raises(BadInput, match="does not exist"):
        list(feeds_ahead(tmp_path / "missing", now=NOW, worth=0))
