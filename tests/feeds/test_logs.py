from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from store.errors import BadInput
from store.feeds.opening import Feed, open_feeds
from store.feeds.record import Defect, Record
from store.vocabulary import EventType
from tests.feeds.test_exim import AT_HOST, OLD
from tests.feeds.test_exim import line as exim
from tests.feeds.test_exim import mail as exim_mail
from tests.feeds.test_opensmtpd import line as opensmtpd
from tests.feeds.test_opensmtpd import mta
from tests.feeds.test_postfix import mail, to

NOW = datetime(2026, 3, 10, tzinfo=UTC)
EXIM = exim_mail() + exim(f"=> ann@shop.example {AT_HOST}", 1)
NOISE = b"2026-03-02 08:00:00 cwd=/ 3 args: /usr/sbin/exim -Mc x\n2026-03-02 08:00:00 Start queue run: pid=1\n"


def feeds(path: Path) -> list[Feed]:
    return list(open_feeds(path, zone=UTC, now=NOW))


def records(path: Path) -> list[Record]:
    return [item for feed in feeds(path) for item in feed.records if isinstance(item, Record)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("exim log", NOISE + EXIM),
        ("exim log", b"Mar  2 08:00:00 mx1 kernel: hello\n" + b"Mar  2 08:00:01 mx1 exim[8]: " + EXIM[20:]),
        ("opensmtpd log", b"Mar  2 08:00:00 mx1 sshd[1]: hello\n" + opensmtpd(mta("Ok", "250 Ok"))),
        ("postfix log", b"".join([*mail("A1B2C3D"), to("A1B2C3D", "sent", "250 Ok")])),
    ],
)
def test_a_log_is_known_by_its_lines_packed_or_not(tmp_path: Path, kind: str, data: bytes, pack: type[bytes]) -> None:
    (tmp_path / "anything").write_bytes(pack(data))
    [feed] = feeds(tmp_path / "anything")
    assert feed.format == kind
    found = list(feed.records)
    assert not [item for item in found if isinstance(item, Defect)]
    assert any(isinstance(item, Record) for item in found)


def test_rotated_exim_logs_of_a_folder_are_read_in_order_of_time(tmp_path: Path) -> None:
    full = exim("== ann@shop.example R=mx T=out defer (-44): 452 4.2.2 mailbox full", 1)
    (tmp_path / "mainlog").write_bytes(exim("** ann@shop.example: retry timeout exceeded", 9))
    (tmp_path / "mainlog.2.gz").write_bytes(gzip.compress(exim_mail()))
    (tmp_path / "mainlog.1").write_bytes(full)
    found = records(tmp_path)
    assert [(record.type, record.expired, record.status) for record in found] == [
        (EventType.DEFERRED, False, "4.2.2"),
        (EventType.BOUNCED, True, "4.2.2"),
    ]
    assert {record.message_id for record in found} == {"spring-26.7@news.example"}


def test_a_cut_gz_of_an_exim_log_gives_its_whole_lines_and_a_defect(tmp_path: Path) -> None:
    lines = b"".join(exim(f"=> r{number * 7919 % 10007}@shop.example {AT_HOST}") for number in range(3000))
    (tmp_path / "mainlog.gz").write_bytes(gzip.compress(exim_mail() + lines)[:-2000])
    [feed] = feeds(tmp_path / "mainlog.gz")
    found = list(feed.records)
    assert 1000 < sum(isinstance(item, Record) for item in found) < 3000
    assert [item.ends for item in found if isinstance(item, Defect)] == [True]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"2026-03-02 08:00:00 something happened here\n", "without any line of Postfix, Exim or OpenSMTPD"),
        (b"5df87c9b982c840c smtp connected address=local host=app\n", "an OpenSMTPD log without times"),
        (b'{"__REALTIME_TIMESTAMP": "1772438402000000", "MESSAGE": "hi"}\n', "without any line of Postfix"),
        (b"\x28\xb5\x2f\xfd\xff\xff\xff", "a damaged zstd archive"),
    ],
)
def test_a_log_that_tells_nothing_is_refused_in_one_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(BadInput, match=sentence):
        feeds(tmp_path / "x")


def test_records_of_two_servers_in_one_folder_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(EXIM)
    (tmp_path / "b").write_bytes(b"".join([*mail("A1B2C3D"), to("A1B2C3D", "sent", "250 Ok")]))
    assert sorted(record.source for record in records(tmp_path)) == ["exim", "postfix"]
    assert any(OLD in str(record.identity) for record in records(tmp_path))
