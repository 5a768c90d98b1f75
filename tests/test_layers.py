from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCREEN = ("textual", "rich")


def loaded_after(code: str, tmp_path: Path) -> set[str]:
    """Run ``code`` in a process of its own and return the packages that were imported."""
    told = tmp_path / "modules.json"
    script = f"""
import json, sys
try:
    {code}
except SystemExit:
    pass
json.dump(sorted(sys.modules), open({str(told)!r}, "w"))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(told.read_text())}


def all_modules(package: str) -> list[str]:
    files = sorted((ROOT / package).rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names if "migrations" not in name]


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_store_loads_where_no_screen_is(tmp_path: Path) -> None:
    names = ", ".join(all_modules("store"))
    assert not loaded_after(f"import {names}", tmp_path) & {"textual", "rich", "click", "tui"}


def test_present_is_words_and_cells_without_a_database(tmp_path: Path) -> None:
    names = ", ".join(all_modules("tui/present"))
    assert not loaded_after(f"import {names}", tmp_path) & {"peewee", "sqlite3"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["import", "--help"],
        ["status"],
        ["status", "--json"],
        ["recipients", "Price list 2027", "--json"],
        ["bounces", "Price list 2027"],
        ["links", "Price list 2027"],
        ["report", "Price list 2027"],
        ["lists"],
        ["journal"],
    ],
    ids=" ".join,
)
def test_no_command_loads_the_screen_unless_it_opens_it(
    arguments: list[str], sample_path: Path, tmp_path: Path
) -> None:
    code = f"import os; os.environ['AFTERSEND_STORE'] = {str(sample_path)!r}"
    code += f"; sys.argv = ['aftersend', *{arguments!r}]; from tui.cli import main; main()"
    assert "textual" not in loaded_after(code, tmp_path)
