"""--read-only looks and changes nothing, whatever is asked for; so does the environment variable."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.test_cli_bad_input import as_one_who_may_not_write_everywhere, sentence

Here = Callable[..., Result]
Outside = Callable[..., "subprocess.CompletedProcess[str]"]

CHANGES = (
    ("mark-hard", "autumn", "bo@north.example"),
    ("clear", "autumn", "dan@full.example"),
    ("excuse", "autumn", "dan@full.example"),
    ("block", "autumn", "bo@north.example"),
    ("delete", "autumn", "bo@north.example"),
    ("later", "autumn", "dan@full.example"),
    ("fix", "autumn", "anna@gamil.example", "anna@gmail.example"),
    ("clear-block", "anna@gamil.example"),
    ("add", "autumn", "--state", "bounced", "--to", "project:Call"),
    ("remind", "autumn", "--days", "0"),
    ("segment", "save", "Bounced", "--campaign", "autumn", "--state", "bounced"),
    ("policy", "set", "block-after=9"),
    ("relay", "set", "local", "smtp://127.0.0.1:1"),
    ("undo",),
    ("redo",),
    ("forget", "bo@north.example", "--yes"),
    ("doctor", "--repair"),
)
LOOKS = (
    ("status",),
    ("recipients", "autumn"),
    ("bounces", "autumn"),
    ("journal",),
    ("lists",),
    ("policy",),
    ("remind", "autumn", "--days", "0", "--dry-run"),
    ("find", "bo"),
)


def content(path: Path) -> list[str]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return list(db.iterdump())


@pytest.mark.parametrize("words", CHANGES, ids=" ".join)
def test_what_would_change_something_is_refused_and_nothing_is_changed(
    here: Here, world: Path, words: tuple[str, ...]
) -> None:
    before = content(world)
    said = sentence(here("--read-only", *words, store=world))
    assert "--read-only was given" in said
    assert content(world) == before


def test_what_brings_something_in_is_refused_and_makes_no_store(here: Here, tmp_path: Path, feeds: Path) -> None:
    missing = tmp_path / "none.db"
    log, plan = str(feeds / "mail.log"), str(feeds / "list.csv")
    for words in (("ingest", log), ("follow", log), ("import", "recipients", plan, "--campaign", "Autumn")):
        assert "--read-only was given" in sentence(here("--read-only", *words, store=missing))
    assert not missing.exists()
    assert "There is no store" in sentence(here("--read-only", "status", store=missing))
    assert not missing.exists()


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_what_only_looks_works_as_without_it(here: Here, world: Path, words: tuple[str, ...]) -> None:
    plain, looking = here(*words, store=world), here("--read-only", *words, store=world)
    assert (looking.exit_code, looking.stdout) == (plain.exit_code, plain.stdout)


def test_the_variable_says_the_same(here: Here, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSEND_READ_ONLY", "1")
    assert "AFTERSEND_READ_ONLY" in sentence(here("undo", store=world))
    assert here("status", store=world).exit_code == 0
    monkeypatch.setenv("AFTERSEND_READ_ONLY", "0")
    assert "AFTERSEND_READ_ONLY" not in here("undo", store=world).stderr


@pytest.mark.parametrize("folder", [0o755, 0o555], ids=["the file", "the folder, too"])
def test_a_store_that_may_not_be_written_is_looked_at(world: Path, folder: int) -> None:
    command = [*as_one_who_may_not_write_everywhere(), sys.executable, "-m", "tui.cli", "--store", str(world)]
    world.chmod(0o444)
    world.parent.chmod(folder)
    try:
        for words in (("status", "--json"), ("recipients", "autumn", "--text", "bo")):
            done = subprocess.run([*command, "--read-only", *words], capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, "")
            assert "autumn" in done.stdout or "bo@north.example" in done.stdout
    finally:
        world.parent.chmod(0o755)
