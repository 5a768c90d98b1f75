from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Here = Callable[..., Result]


def test_the_demo_is_built_in_a_new_folder_and_its_store_is_printed(here: Here, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "world"
    result = here("demo", "--folder", str(folder), "--no-open")
    assert result.exit_code == 0, result.output
    store = Path(result.stdout.strip())
    assert store.parent == folder
    assert len(here("status", "--json", store=store).stdout.splitlines()) == 3


def test_a_demo_never_writes_into_a_folder_that_holds_something(here: Here, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    result = here("demo", "--folder", str(tmp_path), "--no-open")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is not an empty folder" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
