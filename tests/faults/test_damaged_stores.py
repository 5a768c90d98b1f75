"""Stores that were cut, overwritten or are something else: one sentence, or what can be read; never a traceback."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from tests.faults.world import build, here

COMMANDS = (
    ("status",),
    ("recipients", "spring"),
    ("bounces", "spring"),
    ("journal",),
    ("block", "spring", "p3@gmail.example"),
    ("undo",),
    ("export", "spring", "--to", "-"),
)
PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("world"))


def is_one_sentence(result: Result) -> bool:
    """Tell whether a command refused as it should."""
    assert isinstance(result.exception, SystemExit), result.exception
    said = result.stderr
    assert said.startswith("aftersend: "), said
    assert said.endswith(".\n"), said
    return result.exit_code == 1 and said.count("\n") == 1


def all_of(path: Path, content: bytes) -> list[Result]:
    """Run every command on a store with this content."""
    results = []
    for words in COMMANDS:
        for beside in path.parent.glob(f"{path.name}*"):
            beside.unlink()
        path.write_bytes(content)
        results.append(here(path, *words))
    return results


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.99])
def test_a_store_that_was_cut_is_refused(whole: Path, tmp_path: Path, share: float) -> None:
    content = whole.read_bytes()
    for result in all_of(tmp_path / "cut.db", content[: int(len(content) * share)]):
        assert result.exit_code == 0 or is_one_sentence(result), result.output
        assert share or "is empty" in result.stderr or result.exit_code == 1


@pytest.mark.parametrize("first", range(6))
def test_pages_that_were_overwritten_are_told_or_not_needed(whole: Path, tmp_path: Path, first: int) -> None:
    content = bytearray(whole.read_bytes())
    for page in range(first, len(content) // PAGE, 6):
        content[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
    refused = [is_one_sentence(result) for result in all_of(tmp_path / "holes.db", bytes(content)) if result.exit_code]
    assert refused
    assert all(refused)


def damaged_word(content: bytes) -> bytes:
    return content.replace(b"cleared_at", b"cle\xffred_at")


def damaged_name(content: bytes) -> bytes:
    return content.replace(b"cleared_at", b"clearedXat").replace(b"blocked_at", b"blockedXat")


def damaged_text(content: bytes) -> bytes:
    return content.replace(b"Person ", b"Pers\xffn ")


@pytest.mark.parametrize("damage", [damaged_word, damaged_name, damaged_text])
def test_damage_that_sqlite_does_not_know_is_told(
    whole: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    content = whole.read_bytes()
    assert damage(content) != content
    results = all_of(tmp_path / "damaged.db", damage(content))
    refused = [is_one_sentence(result) for result in results if result.exit_code]
    assert refused
    assert all(refused)
    assert any("is damaged" in result.stderr for result in results)
    assert not any("locked" in result.stderr for result in results)


def test_a_word_that_nobody_wrote_is_told(whole: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(whole, tmp_path / "damaged.db"))
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE recipient SET delivery = 111 WHERE id = 3")
        db.commit()
    result = here(path, "reconcile")
    assert is_one_sentence(result)
    assert "is damaged: 111 is no code of Delivery" in result.stderr


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder.db"
    folder.mkdir()
    text = tmp_path / "text.db"
    text.write_text("no store\n" * 1000)
    for path in (folder, text, tmp_path / "missing.db"):
        for words in COMMANDS:
            assert is_one_sentence(here(path, *words))
    assert not (tmp_path / "missing.db").exists()
    assert text.read_text() == "no store\n" * 1000


def test_a_backup_can_be_put_back_over_what_is_damaged(whole: Path, tmp_path: Path) -> None:
    before = here(whole, "recipients", "spring", "--json").stdout
    assert here(whole, "backup", str(tmp_path / "kept.db")).exit_code == 0
    path = tmp_path / "store.db"
    path.write_bytes(whole.read_bytes()[: 3 * PAGE])
    assert is_one_sentence(here(path, "status"))
    restored = here(path, "restore", str(tmp_path / "kept.db"))
    assert restored.exit_code == 0, restored.output
    assert here(path, "recipients", "spring", "--json").stdout == before


@pytest.mark.parametrize("value", ["'gestern'", "x'00ff'", "9223372036854775807"])
@pytest.mark.parametrize(
    "column",
    [
        *("recipient.address", "recipient.opened_at", "recipient.failed_at", "recipient.reason", "recipient.delivery"),
        *("campaign.created_at", "campaign.name", "event.ts", "event.diagnostic", "contact.name", "journal.sentence"),
    ],
)
def test_a_value_of_another_type_is_told(whole: Path, tmp_path: Path, column: str, value: str) -> None:
    path = Path(shutil.copy(whole, tmp_path / "damaged.db"))
    table, _, name = column.partition(".")
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"UPDATE {table} SET {name} = {value}")
        db.commit()
    for words in COMMANDS:
        result = here(path, *words)
        assert result.exit_code == 0 or is_one_sentence(result), (words, result.output)
