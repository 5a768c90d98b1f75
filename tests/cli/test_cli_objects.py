from __future__ import annotations

import io
import sys

import pytest

from tui.cli.objects import print_objects


def test_objects_are_printed_one_a_line_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    print_objects({"name": name} for name in ("Übung", "two\nlines"))
    assert capsys.readouterr().out == '{"name": "Übung"}\n{"name": "two\\nlines"}\n'


def test_a_terminal_that_is_not_utf_8_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", plain)
    print_objects([{"name": "Übung"}])
    plain.seek(0)
    assert plain.read() == '{"name": "\\u00dcbung"}\n'
