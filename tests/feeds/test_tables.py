from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from store.errors import BadInput
from store.feeds.tables import Table, read_table

TEXT = "E-Mail;Name\nann@shop.example;Jürgen\n"


def table(tmp_path: Path, data: bytes, **how: str | None) -> tuple[Table, list[tuple[int, list[str]]]]:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    found = read_table(path, **how)
    return found, list(found.rows)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        ("\ufeff" + TEXT).encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        gzip.compress(TEXT.encode("cp1252"), mtime=0),
    ],
)
def test_encoding_and_line_ends_are_found_out(tmp_path: Path, data: bytes) -> None:
    found, rows = table(tmp_path, data)
    assert found.header == ["E-Mail", "Name"]
    assert rows == [(2, ["ann@shop.example", "Jürgen"])]


def test_one_wrong_byte_does_not_spoil_a_utf_8_file(tmp_path: Path) -> None:
    _, rows = table(tmp_path, "a,b\nü,ö\n".encode() + b"\xff,x\n")
    assert rows == [(2, ["ü", "ö"]), (3, ["\ufffd", "x"])]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb\n1,5\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("sep=;\na;b\n1;2\n", ";"),
        ("mail\na@x\n", ","),
        ('a;b\n"x,y,z";2\n', ";"),
    ],
)
def test_the_delimiter_is_found_out(tmp_path: Path, text: str, delimiter: str) -> None:
    found, rows = table(tmp_path, text.encode())
    assert found.delimiter == delimiter
    assert len(rows) == 1


def test_quoted_line_ends_and_odd_rows_are_kept_with_their_lines(tmp_path: Path) -> None:
    _, rows = table(tmp_path, b'a,b\n1,"x\ny"\n\n  \n3\n4,5,6\n7,"say ""hi"""\n')
    assert rows == [(2, ["1", "x\ny"]), (6, ["3"]), (7, ["4", "5", "6"]), (8, ["7", 'say "hi"'])]


def test_a_quote_that_never_closes_costs_its_own_line_only(tmp_path: Path) -> None:
    _, rows = table(tmp_path, b'a,b\n1,"open\n' + b"2,x\n" * 500)
    assert len(rows) == 501
    assert rows[0] == (2, ["1", "open"])
    assert rows[500] == (502, ["2", "x"])


def test_a_cut_gz_gives_its_whole_rows_and_then_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    packed = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * 7919 % 10007) for n in range(9000)))
    path.write_bytes(packed[:-900])
    found = read_table(path)
    rows: list[list[str]] = []
    with pytest.raises(BadInput, match="ends in the middle"):
        rows.extend(row for _, row in found.rows)
    assert len(rows) > 1000
    assert all(len(row) == 2 for row in rows)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"\n \n", "holds no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is a PNG picture"),
        (b"PK\x03\x04\x00\x00", "ZIP archive or spreadsheet"),
        (bytes(range(256)) * 4, "is a binary file"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:11], "nothing in it can be read"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as refused:
        table(tmp_path, data)
    assert str(refused.value).count("\n") == 0
    assert "x.csv" in str(refused.value)


def test_what_the_operator_says_about_the_file_counts(tmp_path: Path) -> None:
    found, rows = table(tmp_path, "a|b\nß|1\n".encode("cp1252"), delimiter="|", encoding="cp1252")
    assert (found.delimiter, rows) == ("|", [(2, ["ß", "1"])])
    with pytest.raises(BadInput, match="no encoding"):
        table(tmp_path, b"a,b\n", encoding="klingon")
    with pytest.raises(BadInput, match="no delimiter"):
        table(tmp_path, b"a,b\n", delimiter=",,")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(BadInput, match="is a folder"):
        read_table(tmp_path)


def test_a_table_can_be_closed_before_its_end(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1,2\n")
    found = read_table(path)
    found.close()
    assert list(found.rows) == []
