from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.errors import BadInput
from store.feeds import tables
from store.feeds.tables import Lines, Table, read_table

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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.text(alphabet="ab ,\n\r\t\x0cü\u2028", max_size=60), piece=st.integers(1, 20))
def test_lines_are_cut_where_python_cuts_them_wherever_a_piece_ends(tmp_path: Path, body: str, piece: int) -> None:
    text = "sep=,\n\na,b\n" + body
    expected = [
        (number, cells)
        for number, line in enumerate(io.StringIO(text, newline=""), 1)
        if any(map(str.strip, cells := line.rstrip("\r\n").split(",")))
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_PIECE_CHARS", piece)
        found, rows = table(tmp_path, text.encode())
    assert (found.header, rows) == (["a", "b"], expected[2:])


def test_a_line_without_an_end_is_cut_and_all_of_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_LINE_CHARS", 50)
    monkeypatch.setattr(tables, "_PIECE_CHARS", 20)
    _, rows = table(tmp_path, b"a,b\n" + b"0123456789" * 30 + b"\nx,y\n")
    assert "".join(cells[0] for _, cells in rows[:-1]) == "0123456789" * 30
    assert max(len(cells[0]) for _, cells in rows) <= 70
    assert rows[-1][1] == ["x", "y"]


@given(rows=st.lists(st.lists(st.text(alphabet="a \t\r\u2028;", max_size=3), min_size=1, max_size=3), min_size=1))
def test_columns_are_the_rows_turned_round_or_none_if_these_differ_in_width(rows: list[list[str]]) -> None:
    for width in (1, 2, 3):
        expected = list(map(list, zip(*rows, strict=True))) if {len(row) for row in rows} == {width} else None
        assert Lines(1, [",".join(row) for row in rows], ",").columns(width) == expected


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
