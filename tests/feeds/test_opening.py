from __future__ import annotations

import gzip
import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.errors import BadInput
from store.feeds.mapping import Mapping
from store.feeds.opening import Feed, open_feeds
from store.feeds.record import Defect, Progress, Record
from store.vocabulary import Actor, BounceKind, EventType
from tests.feeds.mails import block, plain, report
from tests.feeds.test_postfix import mail, removed, to

NOW = datetime(2026, 3, 10, tzinfo=UTC)
LOG = b"".join([*mail("A1B2C3D"), to("A1B2C3D", "sent", "250 2.0.0 Ok"), removed("A1B2C3D")])
DSN = report(block(diagnostic="550 5.1.1 no such user"))


def feeds(path: Path, mapping: Mapping | None = None) -> list[Feed]:
    return list(open_feeds(path, mapping=mapping, zone=UTC, now=NOW))


def split(path: Path, mapping: Mapping | None = None) -> tuple[list[Record], list[Defect]]:
    found = [item for feed in feeds(path, mapping) for item in feed.records]
    return [item for item in found if isinstance(item, Record)], [item for item in found if isinstance(item, Defect)]


def write(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_postfix_log_is_known_by_its_lines(tmp_path: Path, pack: type[bytes]) -> None:
    path = write(tmp_path / "anything", pack(b"Mar  1 00:00:00 mx1 kernel: hello\n" * 3000 + LOG))
    [feed] = feeds(path)
    assert (feed.format, feed.total) == ("postfix log", path.stat().st_size)
    assert [record.type for record in feed.records if isinstance(record, Record)] == [EventType.DELIVERED]


def test_a_cut_gz_log_gives_its_whole_lines_and_a_defect(tmp_path: Path) -> None:
    lines = b"".join(
        to("A1B2C3D", "sent", f"250 Ok {number * 7919 % 10007}", address=f"r{number}@shop.example")
        for number in range(3000)
    )
    path = write(tmp_path / "mail.log.gz", gzip.compress(b"".join(mail("A1B2C3D")) + lines)[:-2000])
    records, defects = split(path)
    assert 1000 < len(records) < 3000
    assert [defect.sentence for defect in defects] == ["the gz archive ends in the middle; what comes after is lost"]


def test_an_mbox_gives_the_records_of_its_mails(tmp_path: Path) -> None:
    quoted = DSN.replace(b"Your mail", b">From here your mail")
    stamp = b"From MAILER-DAEMON Mon Mar  2 08:00:00 2026\n"
    path = write(tmp_path / "box", stamp + quoted + b"\n" + stamp + DSN.replace(b"dsn.1", b"dsn.2") + b"\n")
    [feed] = feeds(path)
    records = [record for record in feed.records if isinstance(record, Record)]
    assert feed.format == "bounce mailbox"
    assert [(record.where, record.kind) for record in records] == [
        ("mail 1", BounceKind.HARD),
        ("mail 2", BounceKind.HARD),
    ]


def maildir(path: Path, *mails: bytes, folder: str = "new") -> Path:
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(mails):
        write(path / folder / f"177243480{number}.V1.host", data)
    return path


def test_maildirs_are_found_within_a_folder_and_left_as_they_are(tmp_path: Path) -> None:
    inner = maildir(tmp_path / "mail" / ".Bounces", DSN)
    maildir(tmp_path / "mail", DSN.replace(b"dsn.1", b"dsn.2"), folder="cur")
    write(inner / "tmp" / "half", DSN)
    before = sorted((str(path), path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))
    found = feeds(tmp_path)
    assert [(feed.path.name, feed.total) for feed in found] == [("mail", 1), (".Bounces", 1)]
    assert sum(isinstance(item, Record) for feed in found for item in feed.records) == 2
    assert sorted((str(path), path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before


def test_an_empty_maildir_is_a_feed_without_records(tmp_path: Path) -> None:
    [feed] = feeds(maildir(tmp_path / "box"))
    assert (feed.total, list(feed.records)) == (0, [])


@pytest.mark.parametrize("data", [DSN, DSN.replace(b"\n", b"\r\n"), plain("From: a@x.example\nTo: b@x.example", "Hi")])
def test_a_single_mail_is_known_by_its_header(tmp_path: Path, data: bytes) -> None:
    [feed] = feeds(write(tmp_path / "x.eml", data))
    assert (feed.format, feed.total) == ("bounce mailbox", 1)


def test_rotated_logs_of_a_folder_are_read_in_order_of_time(tmp_path: Path) -> None:
    first = [*mail("A1B2C3D"), to("A1B2C3D", "deferred", "452 4.2.2 mailbox full", dsn="4.2.2")]
    then = b"2026-03-04T08:00:00+01:00 mx1 postfix/qmgr[1]: A1B2C3D: from=<x>, status=expired, returned to sender\n"
    write(tmp_path / "mail.log", then)
    write(tmp_path / "mail.log.1.gz", gzip.compress(b"".join(first)))
    records, defects = split(tmp_path)
    assert [(record.type, record.expired) for record in records] == [
        (EventType.DEFERRED, False),
        (EventType.BOUNCED, True),
    ]
    assert defects == []


def test_a_folder_reads_what_it_can_and_lists_the_rest(tmp_path: Path) -> None:
    write(tmp_path / "mail.log", LOG)
    write(tmp_path / "mails" / "1.eml", DSN)
    write(tmp_path / "notes.png", b"\x89PNG\r\n\x1a\n\x00")
    found = feeds(tmp_path)
    assert [(feed.path.name, feed.format) for feed in found] == [
        ("mail.log", "postfix log"),
        ("mails", "bounce mailbox"),
        (tmp_path.name, "not understood"),
    ]
    [defect] = found[2].records
    assert isinstance(defect, Defect)
    assert (defect.where, defect.sentence.partition(";")[0]) == ("notes.png", "is a PNG picture")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is a PNG picture; a Postfix log"),
        (b"\x00\x01\x02\x03" * 99, "is a binary file"),
        (b"Dear diary, nothing happened.\n", "is not understood; a Postfix log"),
        (b"Mar  1 00:00:00 mx1 kernel: hello\n", "without any line of Postfix"),
        (b"name,city\nAnn,Oslo\n", "no address column"),
        (b"email,name\na@x.example,Ann\n", "no column that tells what happened"),
        (b"email,event\na@x.example,open\n", "no time column"),
        (b'{"colour": "red"}\n', "is JSON, but no event file: line 1"),
        (b"[]", "JSON without any object"),
        (b'{"email": \n', "no event file: line 1, column 10"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = write(tmp_path / "x", data)
    with pytest.raises(BadInput, match=sentence) as refused:
        feeds(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_an_empty_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, sentence in [
        (tmp_path / "none", "does not exist"),
        (tmp_path, "holds nothing to read"),
        (tmp_path / "pipe", "no regular file"),
    ]:
        with pytest.raises(BadInput, match=sentence):
            feeds(path)


OPEN = {"event": "open", "email": "ann@shop.example", "timestamp": 1772438402, "campaign": "spring-26"}
CLICK = {"event": "click", "email": "bo@shop.example", "timestamp": "2026-03-02T08:00:00Z", "url": "https://x/a"}


@pytest.mark.parametrize(
    "text",
    [
        f"{json.dumps(OPEN)}\n{json.dumps(CLICK)}\n",
        f"{json.dumps(OPEN)}{json.dumps(CLICK)}",
        json.dumps([OPEN, CLICK]),
        json.dumps([OPEN, CLICK], indent=2),
        "\ufeff" + json.dumps([OPEN, CLICK]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_json_of_any_shape_is_an_event_file(tmp_path: Path, text: str, encoding: str) -> None:
    records, defects = split(write(tmp_path / "x", text.encode(encoding)))
    assert [(record.type, record.address, record.url) for record in records] == [
        (EventType.OPENED, "ann@shop.example", None),
        (EventType.CLICKED, "bo@shop.example", "https://x/a"),
    ]
    assert (records[0].campaign, records[0].ts, defects) == ("spring-26", 1772438402000, [])


def test_a_broken_line_of_json_is_told_with_its_column_and_the_rest_lands(tmp_path: Path) -> None:
    lines = [json.dumps(OPEN), '{"event": "click", broken}', json.dumps(CLICK), '{"event": "open"', json.dumps(OPEN)]
    records, defects = split(write(tmp_path / "x", "\n".join(lines)))
    assert [record.type for record in records] == [EventType.OPENED, EventType.CLICKED, EventType.OPENED]
    assert [defect.where for defect in defects] == ["line 2, column 20", "line 4, column 17"]


def test_control_characters_and_a_torn_text_in_json_do_no_harm(tmp_path: Path) -> None:
    lines = [
        json.dumps(OPEN | {"name": "A"}).replace("A", "A\x01\x00"),
        '{"event": "open", "email": "torn',
        json.dumps(CLICK),
    ]
    records, defects = split(write(tmp_path / "x", "\n".join(lines)))
    assert [(record.type, record.name) for record in records] == [
        (EventType.OPENED, "A\x01\x00"),
        (EventType.CLICKED, None),
    ]
    assert [defect.where for defect in defects] == ["line 2, column 33"]


def test_a_long_event_file_reports_its_progress(tmp_path: Path) -> None:
    lines = [json.dumps(OPEN | {"timestamp": 1772438402 + number}) for number in range(2500)]
    [feed] = feeds(write(tmp_path / "x", "\n".join(lines)))
    found = list(feed.records)
    steps = [item for item in found if isinstance(item, Progress)]
    assert len(found) - len(steps) == 2500
    assert len(steps) == 2
    assert all(0 < step.done <= step.total == feed.total for step in steps)


def test_a_german_table_is_read_with_its_own_words(tmp_path: Path) -> None:
    text = (
        "E-Mail;Ereignis;Zeit;Kampagne;Link\n"
        "ann@shop.example;Geöffnet;02.03.2026 08:00;spring-26;\n"
        "bo@shop.example;Klick;02.03.2026 08:01;spring-26;https://x/a\n"
        "cy@shop.example;Abgemeldet;02.03.2026 08:02;spring-26;\n"
        ";Klick;02.03.2026 08:03;spring-26;\n"
        "di@shop.example;getanzt;02.03.2026 08:04;spring-26;\n"
        "ed@shop.example;Klick;bald;spring-26;\n"
        "fi@shop.example;Klick\n"
    )
    records, defects = split(write(tmp_path / "x.csv", text.encode("cp1252")))
    assert [record.type for record in records] == [EventType.OPENED, EventType.CLICKED, EventType.UNSUBSCRIBED]
    assert [(defect.where, defect.sentence) for defect in defects] == [
        ("line 5", "the address is missing"),
        ("line 6", "'getanzt' is no known event"),
        ("line 7", "'bald' is no time; ISO 8601 like 2026-03-02T08:00:00Z is best"),
        ("line 8", "5 columns were expected, 2 found"),
    ]


def test_a_whole_file_can_be_one_event_of_one_campaign(tmp_path: Path) -> None:
    path = write(tmp_path / "opened.csv", "Wer,Wann\nann@shop.example,02/03/2026 09:00\n")
    mapping = Mapping.parse("address=Wer,time=Wann,type:=opened,campaign:=spring-26,zone=Europe/Berlin,dates=dmy")
    [record], _ = split(path, mapping)
    assert (record.type, record.campaign, record.ts) == (EventType.OPENED, "spring-26", 1772438400000)


def test_a_mapping_that_names_a_missing_column_is_refused_with_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "email,event,time\n")
    with pytest.raises(BadInput, match=r"x\.csv: there is no column 'Wer'"):
        feeds(path, Mapping.parse("address=Wer"))


@pytest.mark.parametrize(
    ("more", "actor"),
    [
        ({}, Actor.UNKNOWN),
        ({"useragent": "Mozilla/5.0"}, Actor.MACHINE),
        ({"useragent": "Mozilla/5.0 (Windows NT 10.0)"}, Actor.UNKNOWN),
        ({"useragent": "GoogleImageProxy"}, Actor.HUMAN),
        ({"sg_machine_open": True}, Actor.MACHINE),
        ({"sg_machine_open": False}, Actor.UNKNOWN),
        ({"client-info": {"bot": "apple"}}, Actor.MACHINE),
        ({"client-info": {"bot": ""}}, Actor.UNKNOWN),
        ({"event": "proxy_open"}, Actor.MACHINE),
    ],
)
def test_machines_are_told_by_flag_name_or_user_agent(tmp_path: Path, more: dict[str, object], actor: Actor) -> None:
    [record], _ = split(write(tmp_path / "x", json.dumps(OPEN | more)))
    assert record.actor is actor


@pytest.mark.parametrize(
    ("more", "kind", "reason", "expired"),
    [
        ({"event": "hard_bounce"}, BounceKind.HARD, "undefined", False),
        ({"event": "bounce", "reason": "550 5.1.1 no such user"}, BounceKind.HARD, "userunknown", False),
        ({"event": "bounce", "status": "5.2.2"}, BounceKind.SOFT, "mailboxfull", False),
        ({"event": "bounce", "bounce_type": "Transient"}, BounceKind.SOFT, "undefined", False),
        ({"event": "bounce", "code": 452, "reason": "retry timeout exceeded"}, BounceKind.SOFT, "expired", True),
        ({"event": "bounce", "code": 550}, BounceKind.UNDETERMINED, "undefined", False),
    ],
)
def test_bounces_in_event_files_get_reason_and_kind(
    tmp_path: Path, more: dict[str, object], kind: BounceKind, reason: str, expired: bool
) -> None:
    [record], _ = split(write(tmp_path / "x", json.dumps(OPEN | more)))
    assert (record.type, record.kind, record.reason, record.expired) == (EventType.BOUNCED, kind, reason, expired)


def test_the_providers_event_id_is_the_identity(tmp_path: Path) -> None:
    [record], _ = split(write(tmp_path / "x", json.dumps(OPEN | {"sg_event_id": "ev1", "smtp-id": "<c1@x>"})))
    assert (record.identity, record.message_id) == ("ev1", "c1@x")


def test_a_cut_gz_event_file_gives_its_records_and_a_defect(tmp_path: Path) -> None:
    lines = [json.dumps(OPEN | {"timestamp": 1772438402 + number * 7919 % 10007}) for number in range(3000)]
    for name, text in [
        ("x.json", "\n".join(lines)),
        ("x.csv", "email,event,time\n" + "a@x.de,open,1772438402\n" * 9000),
    ]:
        records, defects = split(write(tmp_path / name, gzip.compress(text.encode())[:-50]))
        assert len(records) > 100
        assert [defect.sentence for defect in defects] == [
            "the gz archive ends in the middle; what comes after is lost"
        ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_file_is_read_or_refused(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "x", data)
    with suppress(BadInput):
        split(path)


PIECE = st.sampled_from([
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    '"email"',
    '"a@x.de"',
    "1e999",
    "NaN",
    "\n",
    "null",
    "\\u12",
])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.lists(PIECE, max_size=40))
def test_any_rubbish_of_json_is_read_without_an_exception(tmp_path: Path, pieces: list[str]) -> None:
    split(write(tmp_path / "x", f"{json.dumps(OPEN)}\n{''.join(pieces)}"))
