from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.feeds.journald import is_journal, journal_lines
from store.feeds.opening import open_feeds
from store.feeds.record import Record
from store.vocabulary import EventType, Source
from tests.feeds.test_exim import mail as exim_mail
from tests.feeds.test_postfix import mail, removed, to

NOW = datetime(2026, 3, 10, tzinfo=UTC)
POSTFIX = [*mail("A1B2C3D"), to("A1B2C3D", "sent", "250 2.0.0 Ok"), removed("A1B2C3D")]


def entry(line: bytes, **more: object) -> str:
    stamp, host, rest = line.decode().rstrip("\n").split(" ", 2)
    name, _, message = rest.partition("]: ")
    identifier, _, pid = name.partition("[")
    epoch = int(datetime.fromisoformat(stamp).timestamp() * 1_000_000)
    fields = {
        "__CURSOR": "s=1",
        "__REALTIME_TIMESTAMP": str(epoch),
        "_HOSTNAME": host,
        "SYSLOG_IDENTIFIER": identifier,
        "_PID": pid,
        "MESSAGE": message,
    }
    return json.dumps(fields | more)


def records(path: Path) -> list[Record]:
    return [r for feed in open_feeds(path, zone=UTC, now=NOW) for r in feed.records if isinstance(r, Record)]


@pytest.mark.parametrize("mark", ["", "data: ", "\x1e"])
def test_the_journal_says_what_the_log_says(tmp_path: Path, mark: str) -> None:
    (tmp_path / "log").write_bytes(b"".join(POSTFIX))
    (tmp_path / "json").write_text("".join(f"{mark}{entry(line)}\n" for line in POSTFIX))
    [record] = records(tmp_path / "json")
    assert [record] == records(tmp_path / "log")
    assert (record.type, record.campaign, record.where) == (EventType.DELIVERED, "spring-26", "line 5")


def test_other_programs_and_broken_entries_are_passed_over(tmp_path: Path) -> None:
    lines = [
        entry(POSTFIX[0], SYSLOG_IDENTIFIER="sshd"),
        '{"__REALTIME_TIMESTAMP": "x", "MESSAGE": "no time"}',
        '{"__REALTIME_TIMESTAMP": "99999999999999999999", "MESSAGE": null}',
        "MESSAGE {torn",
        *map(entry, POSTFIX),
    ]
    path = tmp_path / "journal.json.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    assert [record.where for record in records(path)] == ["line 9"]


def test_a_message_of_bytes_and_of_several_lines_is_read(tmp_path: Path) -> None:
    said = list(b"A1B2C3D: to=<ann@shop.example>, relay=mx[203.0.113.5]:25, dsn=2.0.0, status=sent (250 \xff Ok)")
    lines = [*map(entry, POSTFIX[:-2]), entry(POSTFIX[-2], MESSAGE=said), entry(POSTFIX[-1], MESSAGE="one\ntwo")]
    (tmp_path / "json").write_text("\n".join(lines))
    [record] = records(tmp_path / "json")
    assert record.diagnostic == "250 \ufffd Ok"


def test_exim_in_the_journal_is_told_by_its_lines(tmp_path: Path) -> None:
    head = b"2026-03-02T08:00:00+00:00 mx1 exim[811]: "
    lines = [exim_mail(), exim_mail()[:20] + b"1tABCD-000123-4f => ann@shop.example R=a T=b\n"]
    (tmp_path / "json").write_text("\n".join(entry(head + line[20:]) for line in lines))
    [record] = records(tmp_path / "json")
    assert (record.source, record.verp) == (Source.EXIM, "ann@shop.example")


def test_other_json_is_no_journal() -> None:
    assert not is_journal(b'{"event": "open", "MESSAGE": "x"}')
    assert not is_journal(b'[{"__REALTIME_TIMESTAMP": "1"}]')


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["__REALTIME_TIMESTAMP", "MESSAGE", "SYSLOG_IDENTIFIER", "_PID", "_HOSTNAME"]),
        st.one_of(st.none(), st.integers(), st.text(max_size=9), st.lists(st.integers(-1, 300), max_size=3)),
    ),
    st.binary(max_size=20),
)
def test_any_entry_becomes_one_line(fields: dict[str, object], tail: bytes) -> None:
    found = list(journal_lines([json.dumps(fields).encode(), b"MESSAGE" + tail]))
    assert len(found) == 2
    assert all(line.count(b"\n") == 1 for line in found)
