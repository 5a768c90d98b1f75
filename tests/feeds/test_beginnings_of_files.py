"""The beginning of a file: unpacked, no more than was asked for, and one sentence where there is none."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from store.errors import BadInput
from store.feeds.files import beginning

TEXT = b"From: ann@shop.example\n\n" + b"Good morning.\n" * 50


@pytest.mark.parametrize("size", [1, 10, len(TEXT), len(TEXT) * 4])
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_gives_its_first_bytes(tmp_path: Path, size: int, packed: bool) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(gzip.compress(TEXT, mtime=0) if packed else TEXT)
    assert beginning(path, size) == TEXT[:size]


def test_an_empty_file_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.touch()
    assert beginning(path, 100) == b""


@pytest.mark.parametrize(("name", "words"), [("none.eml", "does not exist"), (".", "is a folder")])
def test_what_is_no_file_is_refused_in_one_sentence(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        beginning(tmp_path / name, 100)
