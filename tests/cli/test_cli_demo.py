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


def test_what_rings_in_the_demo_is_the_campaign_under_way_and_a_colleague_saw_the_rest(
    here: Here, tmp_path: Path
) -> None:
    folder = tmp_path / "world"
    store = Path(here("demo", "--folder", str(folder), "--no-open").stdout.strip())
    status = here("status", "Trade fair invitation", store=store)
    assert status.exit_code == 3
    assert "people complained" in status.stderr
    assert here("status", "Price list 2027", store=store).exit_code == 0
    assert here("status", "Autumn newsletter", store=store).exit_code == 0
    past = here("tripwire", "list", "--past", "Price list 2027", store=store).stdout
    assert "failed at gmail.example" in past
    assert "ines" in past
    assert "acknowledge" in here("journal", store=store).stdout
    quiet = here("monitor", "Autumn newsletter", store=store).stdout
    assert "3 days after the last mail" in quiet
