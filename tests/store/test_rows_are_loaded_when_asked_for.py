from __future__ import annotations

import subprocess
import sys

import pytest

from store import rows


@pytest.mark.parametrize("name", rows.__all__)
def test_every_row_comes_from_the_module_of_its_noun(name: str) -> None:
    found = getattr(rows, name)
    assert getattr(found, "__name__", name) == name


def test_another_name_is_no_row() -> None:
    with pytest.raises(AttributeError, match="no attribute 'NoRow'"):
        rows.NoRow  # noqa: B018  (asked for, as an import would)


def test_the_package_alone_loads_none() -> None:
    code = "import sys, store.rows; print([name for name in sys.modules if name.startswith('store.rows.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
