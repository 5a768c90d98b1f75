from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tui.cli import SECTIONS
from tui.keys import keys_page

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = (README, ROOT / "docs" / "operations.md", ROOT / "docs" / "feeds.md")
COMMANDS = [entry.name for section in SECTIONS for entry in section.entries]

_OUR_OWN = "/(?:work|root|tmp/w|opt|home/[a-z]+)/"
_INDEX = r"(?:index-url|trusted-host|find-links)\s*[= ]|https?://[^\s/\"]*(?:pypi|registry|mirror|deb\.debian)"
_PRIVATE = re.compile(rf"(?<![\w.~-]){_OUR_OWN}|{_INDEX}")


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_readme_is_at_most_120_lines() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 120


def test_every_command_stands_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if not re.search(rf"`(?:aftersend )?{re.escape(name)}[ `]", text)] == []


def test_the_page_of_keys_is_what_the_registry_says() -> None:
    assert (ROOT / "docs" / "keys.md").read_text(encoding="utf-8") == keys_page(), "run `make docs`"


def test_every_picture_and_page_that_is_named_is_there() -> None:
    for page in (*PAGES, ROOT / "CHANGELOG.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} names {target}"


def test_no_tracked_file_names_a_machine_or_a_package_index() -> None:
    found = []
    for path in tracked_files():
        if path.suffix in {".gz", ".svg"} or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in _PRIVATE.finditer(text)]
    assert found == []
