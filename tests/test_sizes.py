from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("store", "tui", "sample_data", "benchmarks", "docs")
MODULE, PANE, APP, FUNCTION = 400, 250, 200, 50
EXCUSED: dict[str, str] = {}
"""A file, or file::function, that may be longer, and why."""


def modules() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


def allowed(name: str) -> int:
    if name == "tui/app.py":
        return APP
    return PANE if name.startswith("tui/panes/") else MODULE


def test_no_module_is_longer_than_one_can_read() -> None:
    too_long = {name: len(text.splitlines()) for name, text in modules() if len(text.splitlines()) > allowed(name)}
    assert {name: lines for name, lines in too_long.items() if name not in EXCUSED} == {}


def test_no_function_is_longer_than_one_can_see() -> None:
    too_long = {}
    for name, text in modules():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION and f"{name}::{node.name}" not in EXCUSED:
                    too_long[f"{name}::{node.name}"] = lines
    assert too_long == {}


def test_names_say_what_a_module_is() -> None:
    vague = {"utils", "util", "helper", "helpers", "manager", "handler", "base", "common", "misc"}
    assert [name for name, _ in modules() if vague & set(Path(name).with_suffix("").parts)] == []


def test_every_excuse_is_still_needed() -> None:
    known = {name for name, _ in modules()}
    assert {excuse.partition("::")[0] for excuse in EXCUSED} <= known
