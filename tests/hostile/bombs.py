"""Small files that become large, deep or slow once somebody reads them, each beside one good record."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

GOOD = {"type": "opened", "ts": "2026-09-01T08:01:00Z", "address": "eve@north.example", "campaign": "autumn"}
MEGABYTE = 1 << 20


def _line(**more: object) -> bytes:
    return json.dumps(GOOD | more).encode() + b"\n"


def _zeros(size: int) -> Iterator[bytes]:
    block = bytes(MEGABYTE)
    for _ in range(size // MEGABYTE):
        yield block


def _gzipped(parts: Iterator[bytes], path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=1) as packed:
        packed.writelines(parts)


def gzip_of_zeros(path: Path) -> None:
    """Pack 32 MB without a single line break into 150 kB."""
    _gzipped(_zeros(32 * MEGABYTE), path)


def gzip_within_gzip(path: Path) -> None:
    """Pack what is packed ten times over."""
    data = _line()
    for _ in range(10):
        data = gzip.compress(data)
    path.write_bytes(data)


def zstd_of_zeros(path: Path) -> None:
    """Pack 128 MB into some kilobytes."""
    with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as packed:
        for block in _zeros(128 * MEGABYTE):
            packed.write(block)


def zstd_with_a_huge_window(path: Path) -> None:
    """Ask for 2 GB of memory in the first bytes of a frame."""
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00\xa8" + b"\x00" * 64)


def json_nested(path: Path) -> None:
    """Nest 100,000 arrays."""
    path.write_bytes(b'{"type": "opened", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n" + _line())


def json_objects_nested(path: Path) -> None:
    """Nest 50,000 objects that are never closed."""
    path.write_bytes(b'{"a":' * 50_000 + b"\n" + _line())


def json_long_string(path: Path) -> None:
    """Write one text of 8 MB."""
    path.write_bytes(b'{"type": "opened", "address": "' + b"a" * (8 * MEGABYTE) + b'"}\n' + _line())


def json_long_number(path: Path) -> None:
    """Write numbers of a million digits and a hopeless exponent."""
    digits = b"9" * 1_000_000
    path.write_bytes(
        b'{"type": "opened", "address": "a@b.example", "ts": ' + digits + b"}\n"
        b'{"type": "opened", "address": "a@b.example", "ts": 1e999999}\n'
        b'{"type": "opened", "address": "a@b.example", "ts": -' + digits + b"." + digits + b"}\n" + _line()
    )


def json_surrogates(path: Path) -> None:
    """Write halves of characters, NUL and invalid UTF-8."""
    path.write_bytes(
        b'{"type": "opened", "ts": "2026-09-01T08:01:00Z", "address": "\\ud800@b.example"}\n'
        b'{"type": "opened", "ts": "2026-09-01T08:01:00Z", "address": "\\u0000\\udfff@b.example"}\n'
        b'{"type": "opened", "ts": "2026-09-01T08:01:00Z", "address": "\xff\xfe@b.example"}\n' + _line()
    )


def json_many_keys(path: Path) -> None:
    """Give one event 300,000 names."""
    keys = b",".join(b'"k%d":1' % number for number in range(300_000))
    path.write_bytes(b'{"type": "opened",' + keys + b"}\n" + _line())


def csv_long_field(path: Path) -> None:
    """Write a field of 8 MB that is never closed."""
    path.write_bytes(
        b'type,time,email\nopened,2026-09-01T08:01:00Z,eve@north.example\nopened,x,"' + b"a" * (8 * MEGABYTE)
    )


def csv_bad_lines(path: Path) -> None:
    """Write 50,000 lines of which none can be read."""
    path.write_bytes(b"type,time,email\nopened,2026-09-01T08:01:00Z,eve@north.example\n" + b"a\n" * 50_000)


def csv_open_quotes(path: Path) -> None:
    """Open a quote in each of 50,000 lines."""
    path.write_bytes(b"type,time,email\nopened,2026-09-01T08:01:00Z,eve@north.example\n" + b'"a\n' * 50_000)


def csv_many_columns(path: Path) -> None:
    """Write 200,000 columns."""
    head = b",".join(b"c%d" % number for number in range(200_000))
    path.write_bytes(
        b"type,time,email," + head + b"\nopened,2026-09-01T08:01:00Z,eve@north.example" + b",1" * 200_000 + b"\n"
    )


def _mail(body: bytes, more: bytes = b"") -> bytes:
    return (
        b"From: MAILER-DAEMON@mx.example\nTo: bounces@news.example\nSubject: Undelivered Mail\n"
        b"Message-ID: <1@mx.example>\nDate: Tue, 01 Sep 2026 08:00:00 +0000\n" + more + body
    )


def mail_nested(path: Path) -> None:
    """Nest a multipart 5,000 deep."""
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(5_000)
    )
    path.write_bytes(_mail(parts + b"\nhello\n"))


def mail_within_mail(path: Path) -> None:
    """Forward a mail 5,000 times."""
    path.write_bytes(_mail(b"Content-Type: message/rfc822\n\n" * 5_000 + b"\nhello\n"))


def mail_many_parts(path: Path) -> None:
    """Give a mail 100,000 parts."""
    told = b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n"
    part = b"--b\nContent-Type: message/delivery-status\n\n" + told
    path.write_bytes(_mail(part * 100_000 + b"--b--\n", b"Content-Type: multipart/report; boundary=b\n\n"))


def mail_long_header(path: Path) -> None:
    """Fold a header of 10 MB into lines."""
    path.write_bytes(_mail(b"\nhello\n", b"References:" + b" <a@b.example>\n" * 700_000))


def mail_long_encoded_word(path: Path) -> None:
    """Repeat encoded words, open brackets and quotes in headers that are parsed."""
    words = b" =?utf-8?q?a?=" * 50_000
    path.write_bytes(_mail(b"\nhello\n", b"X-Failed-Recipients:" + words + b"\nReply-To: " + b'("<' * 100_000 + b"\n"))


def mail_large_base64(path: Path) -> None:
    """Attach 8 MB."""
    body = base64.encodebytes(bytes(8 * MEGABYTE))
    path.write_bytes(_mail(b"Content-Transfer-Encoding: base64\nContent-Type: application/octet-stream\n\n" + body))


def mail_of_marks(path: Path) -> None:
    """Put a megabyte of combining marks where an address stands."""
    marks = ("a" + "\u0301\u0316" * 250_000 + "@" + "\u0301\u0316" * 250_000).encode()
    path.write_bytes(
        _mail(
            b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; "
            + marks
            + b"\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 "
            + marks
            + b"\n\n--b--\n",
            b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n",
        )
    )


def log_long_line(path: Path) -> None:
    """Write a line of the mail log of 8 MB."""
    begin = b"2026-09-01T08:00:00.000000+00:00 mx postfix/smtp[4]: 4bT001: to=<"
    path.write_bytes(
        begin + b"a" * (8 * MEGABYTE) + b">, relay=mx.example[192.0.2.1]:25, dsn=5.1.1, status=bounced (no)\n"
    )


def log_of_braces(path: Path) -> None:
    """Write lines of the mail log in which brackets, quotes and commas never end."""
    begin = b"2026-09-01T08:00:00.000000+00:00 mx postfix/smtp[4]: 4bT001: to=<"
    lines = (b"<" * 50_000, b"a@" * 50_000, b'"\\' * 50_000, b"(" * 50_000, b"a>, orig_to=<" * 10_000, b" " * 100_000)
    path.write_bytes(b"".join(begin + line + b">, dsn=5.1.1, status=bounced (no\n" for line in lines))


BOMBS: dict[str, Callable[[Path], None]] = {
    "zeros.json.gz": gzip_of_zeros,
    "gzip.json.gz": gzip_within_gzip,
    "zeros.json.zst": zstd_of_zeros,
    "window.json.zst": zstd_with_a_huge_window,
    "nested.json": json_nested,
    "objects.json": json_objects_nested,
    "string.json": json_long_string,
    "number.json": json_long_number,
    "surrogates.json": json_surrogates,
    "keys.json": json_many_keys,
    "field.csv": csv_long_field,
    "bad.csv": csv_bad_lines,
    "quotes.csv": csv_open_quotes,
    "columns.csv": csv_many_columns,
    "nested.eml": mail_nested,
    "forwarded.eml": mail_within_mail,
    "parts.eml": mail_many_parts,
    "header.eml": mail_long_header,
    "words.eml": mail_long_encoded_word,
    "base64.eml": mail_large_base64,
    "marks.eml": mail_of_marks,
    "line.log": log_long_line,
    "braces.log": log_of_braces,
}
"""By the name of the file."""
