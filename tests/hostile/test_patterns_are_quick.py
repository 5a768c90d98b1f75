"""No regular expression of ours takes cubic or exponential time on texts made for it: each is tried on thousands."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest

import store
import tui

CHARS = int(os.environ.get("PATTERN_CHARS", "200"))
"""What is exponential takes for ever at this length; `make fuzz` takes 2,000, at which what is cubic does, too."""

CPU_S = 120
PUMPED = (" ", "\t", "a", "1", ".", "-", "@", "<", ">", ":", ";", "=", "/", "&", "a ", "a.", "a@", "1.", "<a", "\\")


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Yield every compiled pattern of every module, once, with its name."""
    seen = set()
    for root in (store, tui):
        for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            if ".migrations" in found.name or found.name.endswith("__main__"):
                continue
            for name, value in vars(importlib.import_module(found.name)).items():
                for pattern in _within(value, 3):
                    if (pattern.pattern, pattern.flags) not in seen:
                        seen.add((pattern.pattern, pattern.flags))
                        yield f"{found.name}.{name}", pattern


def _within(value: object, depth: int) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, list | tuple | frozenset | set):
        for one in value:
            yield from _within(one, depth - 1)
    elif depth and isinstance(value, dict):
        for one in (*value.keys(), *value.values()):
            yield from _within(one, depth - 1)


def attacks(text: str) -> Iterator[str]:
    """Yield texts that go wrong at their end, each with a beginning that the pattern may wait for."""
    begins = sorted(set(re.findall(r"[^\w\s\\()\[\]?+*|.^$,-]", text)))[:6]
    for begin in ("", *begins):
        for piece in PUMPED:
            yield begin + piece * (CHARS // len(piece)) + "\x00"


def main() -> None:
    """Try them all; the last name printed is the pattern that was being tried."""
    for name, pattern in patterns():
        print(name, flush=True)
        plain = pattern.pattern
        for text in attacks(plain if isinstance(plain, str) else plain.decode("latin-1")):
            attack = text if isinstance(plain, str) else text.encode()
            pattern.match(attack)  # type: ignore[arg-type]
            pattern.search(attack)  # type: ignore[arg-type]


def test_every_pattern_is_done_with_every_text() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tests.hostile.test_patterns_are_quick import main; main()"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S)),
    )
    tried = done.stdout.split()
    assert done.returncode == 0, f"{tried[-1:]} takes too long, or: {done.stderr[-500:]}"
    assert len(tried) > 200


@pytest.mark.parametrize("cell", ["<" + " " * 200_000, "a <" + " " * 200_000 + "\x00>", "<" * 200_000])
def test_a_cell_with_a_name_and_brackets_is_read_at_once(cell: str) -> None:
    from store.feeds.recipients import _NAMED

    _NAMED.match(cell)
