"""Every package that is installed is pinned, and stands in docs/dependencies.md with what it is for."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def dependencies() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dependencies_page", ROOT / "docs" / "dependencies.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def pinned() -> dict[str, str]:
    return dict(line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split())


def test_the_page_names_what_is_pinned_with_its_version_and_nothing_else() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \**([\w.-]+?)\** \| (\d[\w.]*) \| [A-Za-z]", page, re.MULTILINE)
    assert sorted(rows) == sorted(pinned().items()), "run `make dependencies`"


def test_each_package_says_what_it_is_for_who_keeps_it_and_under_which_licence() -> None:
    told = tomllib.loads((ROOT / "docs" / "dependencies.toml").read_text(encoding="utf-8"))
    assert told.keys() == pinned().keys()
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for name, entry in told.items():
        assert f"| {entry['use']} | {entry['kept']} | {entry['licence']} |" in page, f"{name}: run `make dependencies`"


def test_whatever_the_project_asks_for_and_brings_along_is_pinned(dependencies: ModuleType) -> None:
    needed = dependencies.with_theirs(one for asked in dependencies.extras().values() for one in asked)
    assert {"textual", "psycopg-binary", "linkify-it-py"} <= needed
    assert needed <= set(map(dependencies.key, pinned()))
