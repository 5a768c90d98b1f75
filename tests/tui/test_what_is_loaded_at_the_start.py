"""What the first frame, a short command and the shell's completion need is loaded for them, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

_SCREEN = """
import asyncio, sys
from tui.lean import load_textual
load_textual()
from store.database import open_store
from store.journal import Operator
from tui.app import AftersendApp
import tui.run
started = set(sys.modules)
async def main():
    app = AftersendApp(open_store(sys.argv[1]), Operator("ann", "desk-1"))
    async with app.run_test(size=(150, 45)) as pilot:
        await pilot.pause()
        await pilot.press("colon")
        await pilot.pause()
        from textual.command import CommandPalette
        assert isinstance(app.screen, CommandPalette), app.screen
        assert {type(screen).__name__ for screen in app.screen_stack} == {"MainScreen", "CommandPalette"}
asyncio.run(main())
print(*sorted(started))
"""


def loaded(script: str, *arguments: str, **env: str) -> set[str]:
    """Run a script that prints the modules it has loaded in its last line."""
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ) | env,
    )
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.splitlines()[-1].split())


def within(modules: set[str], names: Collection[str]) -> set[str]:
    """Return the modules that are one of these, or lie in one of them."""
    return {module for module in modules if any(module == name or module.startswith(f"{name}.") for name in names)}


def test_the_screen_loads_neither_the_palette_nor_what_only_keys_need(sample_path: Path) -> None:
    modules = loaded(_SCREEN, str(sample_path))
    assert {"textual.app", "tui.app", "tui.screens.main", "store.database"} <= modules
    late = {
        "email_validator",
        "openpyxl",
        "peewee",
        "plotext",
        "psycopg",
        "rich.markdown",
        "rich.syntax",
        "rich.table",
        "rich.traceback",
        "smtplib",
        "store.actions",
        "store.exports",
        "store.feeds",
        "store.models",
        "store.outbox",
        "store.queries.bounces",
        "store.queries.links",
        "store.queries.lists",
        "store.queries.segments",
        "store.rows.bounces",
        "store.rows.events",
        "store.rows.journal",
        "store.rows.lists",
        "textual.command",
        "textual.pilot",
        "textual.types",
        "textual.widgets._button",
        "textual.widgets._data_table",
        "textual.widgets._directory_tree",
        "textual.widgets._markdown",
        "textual.widgets._option_list",
        "textual.widgets._select",
        "textual.widgets._tree",
        "tui.dialogs.confirm",
        "tui.screens.inbox",
        "tui.screens.tables",
        "tui.screens.text",
    }
    assert not within(modules, late)


_COMMAND = """
import sys
from click.testing import CliRunner
from tui.cli import aftersend
result = CliRunner().invoke(aftersend, sys.argv[1:])
assert result.exit_code == 0, result.output
print(*sorted(sys.modules))
"""


def test_status_loads_no_screen_and_no_feed(sample_path: Path) -> None:
    modules = loaded(_COMMAND, "--store", str(sample_path), "status")
    assert "store.queries.campaigns" in modules
    late = {
        "asyncio",
        "email_validator",
        "peewee",
        "psycopg",
        "rich.console",
        "store.feeds",
        "store.models",
        "store.outbox",
        "textual",
    }
    assert not within(modules, late)


_COMPLETION = """
import atexit, sys
atexit.register(lambda: print(*sorted(sys.modules)))
from tui.cli import main
main()
"""


def test_completion_of_a_command_loads_no_store() -> None:
    env = {"_AFTERSEND_COMPLETE": "bash_complete", "COMP_WORDS": "aftersend re", "COMP_CWORD": "1"}
    modules = loaded(_COMPLETION, **env)
    assert "click" in modules
    assert not within(modules, ("textual", "rich", "asyncio", "peewee", "sqlite3", "store.database", "store.models"))
