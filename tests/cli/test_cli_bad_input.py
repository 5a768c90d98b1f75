from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

Here = Callable[..., Result]
Outside = Callable[..., "subprocess.CompletedProcess[str]"]

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"


def sentence(result: Result) -> str:
    """Return the one sentence on stderr of a refusal."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("aftersend: ")
    assert result.stderr.endswith(".\n")
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("picture.png", PNG),
        ("no-address.csv", b"name,company\nAnna,Berg\n"),
        ("missing.csv", None),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_its_name_and_no_store_comes_to_harm(
    here: Here, world: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    before = here("recipients", "autumn", "--json", store=world).stdout
    assert name in sentence(here("import", "recipients", str(path), "--campaign", "Autumn newsletter", store=world))
    assert here("recipients", "autumn", "--json", store=world).stdout == before


@pytest.mark.parametrize(("name", "content"), [("empty.log", b""), ("picture.png", PNG), ("missing.log", None)])
def test_a_feed_that_cannot_be_read_is_refused_with_its_name(
    here: Here, world: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert name in sentence(here("ingest", str(path), store=world))


def test_one_unreadable_file_does_not_keep_the_others_from_being_read(
    here: Here, world: Path, feeds: Path, tmp_path: Path
) -> None:
    (tmp_path / "picture.png").write_bytes(PNG)
    result = here("ingest", str(tmp_path / "picture.png"), str(feeds / "mail.log"), "--reread", store=world)
    assert result.exit_code == 1
    assert "picture.png" in result.stderr
    assert "mail.log" in result.stdout


def test_a_truncated_gz_gives_what_it_has_and_says_that_it_ends_early(
    here: Here, world: Path, feeds: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mail.log.gz"
    packed = gzip.compress((feeds / "mail.log").read_bytes() * 50)
    path.write_bytes(packed[:-40])
    result = here("ingest", str(path), store=world)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "the gz archive ends in the middle" in result.stderr


def test_a_missing_store_is_named_and_not_made_by_looking(here: Here, tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert "none.db" in sentence(here("status", store=path))
    assert not path.exists()


def test_a_file_that_is_no_store_is_refused(here: Here, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(PNG * 100)
    assert "other.db" in sentence(here("status", store=path))
    sqlite3.connect(tmp_path / "foreign.db").execute("CREATE TABLE t (x)").connection.close()
    assert "foreign.db" in sentence(here("status", store=tmp_path / "foreign.db"))


def test_a_store_of_a_newer_version_is_refused_by_reading_and_writing(here: Here, world: Path) -> None:
    connection = sqlite3.connect(world)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(schema_migration)")]
    row = connection.execute("SELECT * FROM schema_migration LIMIT 1").fetchone()
    values = ["9999_of_tomorrow" if column == "name" else value for column, value in zip(columns, row, strict=True)]
    if "id" in columns:
        values[columns.index("id")] = 9999
    connection.execute(f"INSERT INTO schema_migration VALUES ({', '.join('?' * len(values))})", values)
    connection.commit()
    connection.close()
    assert "newer" in sentence(here("status", store=world))
    assert "newer" in sentence(here("undo", store=world))


def as_one_who_may_not_write_everywhere() -> list[str]:
    """Return what to put before a command so that a file's mode also binds root."""
    if os.geteuid():
        return []
    drop = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    if not shutil.which("setpriv") or subprocess.run([*drop, "true"], check=False, capture_output=True).returncode:
        pytest.skip("root's right to write everywhere cannot be dropped here")
    return drop


def run_bound(world: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*as_one_who_may_not_write_everywhere(), sys.executable, "-m", "tui.cli", "--store", str(world), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_write_protected_store_can_be_read_and_refuses_changes(world: Path) -> None:
    world.chmod(0o444)
    status = run_bound(world, "status", "--json")
    assert (status.returncode, status.stderr) == (0, "")
    assert '"autumn"' in status.stdout
    assert len(run_bound(world, "recipients", "autumn").stdout.splitlines()) == 8
    for words in (("mark-soft", "autumn", "bo@north.example"), ("undo",), ("remind", "autumn")):
        refused = run_bound(world, *words)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "cannot be written" in refused.stderr
        assert refused.stderr.count("\n") == 1


def test_a_store_in_a_write_protected_folder_is_one_sentence_at_worst(world: Path) -> None:
    world.parent.chmod(0o555)
    try:
        for words in (("status",), ("undo",)):
            result = run_bound(world, *words)
            assert "Traceback" not in result.stderr
            assert result.stderr.count("\n") == result.returncode
    finally:
        world.parent.chmod(0o755)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_one_sentence_and_the_store_is_as_it_was(
    outside: Outside, here: Here, world: Path, small_disk: Path, tmp_path: Path
) -> None:
    path = small_disk / "store.db"
    shutil.copy(world, path)
    before = here("status", "--json", store=path).stdout
    people = tmp_path / "many.csv"
    people.write_text("email,name\n" + "".join(f"p{n}@large.example,Person {n}\n" for n in range(40_000)))
    result = outside("import", "recipients", str(people), "--campaign", "Large", store=path)
    assert (result.returncode, result.stdout) == (1, "")
    assert "full" in result.stderr
    assert result.stderr.count("\n") == 1
    assert here("status", "--json", store=path).stdout == before


def test_text_of_a_stranger_in_an_error_cannot_reach_the_terminal(here: Here, world: Path) -> None:
    result = here("status", "\x1b]0;pwn\x07", store=world)
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr
