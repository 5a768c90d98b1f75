"""What the first frame, a short command and the shell's completion need is loaded for them, and nothing else."""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from pathlib import Path

from tests.modules import loaded

_SCREEN = """
import sys
from tui.lean import load_textual
load_textual()
import asyncio
from store.database import open_store
from store.journal import Operator
from tui.app import AftersendApp
import tui.run
started = set(sys.modules)
drawn = set()
async def main():
    global drawn
    app = AftersendApp(open_store(sys.argv[1]), Operator("ann", "desk-1"))
    async with app.run_test(size=(150, 45)) as pilot:
        await pilot.pause()
        drawn = set(sys.modules)
        await pilot.press("colon")
        await pilot.pause()
        from textual.command import CommandPalette
        assert isinstance(app.screen, CommandPalette), app.screen
        assert {type(screen).__name__ for screen in app.screen_stack} == {"MainScreen", "CommandPalette"}
asyncio.run(main())
late = drawn & {"pickle", "platformdirs", "ssl", "textual.command", "textual.markup"}
assert not late, late
print(*sorted(started))
"""


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
        "pickle",
        "platformdirs",
        "plotext",
        "psycopg",
        "rich.markdown",
        "rich.syntax",
        "rich.table",
        "rich.traceback",
        "smtplib",
        "ssl",
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
        "tempfile",
        "textual.command",
        "textual.markup",
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


_TLS = """
import sys
from tui.lean import load_textual, load_tls
load_textual()
import asyncio
assert "ssl" not in sys.modules
load_tls()
import ssl
served, asked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=sys.argv[1])
served.load_cert_chain(sys.argv[1])
async def answer(reader, writer):
    writer.write(await reader.readline())
    writer.close()
async def main():
    async with await asyncio.start_server(answer, "localhost", 0, ssl=served) as server:
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1], ssl=asked)
        writer.write(b"safe\\n")
        assert await reader.read() == b"safe\\n"
        writer.close()
asyncio.run(main())
print(*sorted(sys.modules))
"""


def test_tls_that_was_held_back_works_as_soon_as_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "localhost.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, "-keyout", str(path), "-out", str(tmp_path / "own")], check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "own").read_text())
    assert "ssl" in loaded(_TLS, str(path))


_LATE = """
import sys
from tui.lean import load_textual
load_textual()
from rich.style import Style
assert Style(meta={"a": 1}).meta == {"a": 1}
from textual.css.stylesheet import parse_style
assert parse_style("bold red").bold
print(*sorted(sys.modules))
"""


def test_a_function_that_was_held_back_loads_its_module_when_it_is_called() -> None:
    assert {"pickle", "textual.markup"} <= loaded(_LATE)


_COMMAND = """
import sys
started = set(sys.modules)
from tui.cli import aftersend
try:
    aftersend(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print(*sorted(set(sys.modules) - started))
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
        "shutil",
        "store.asking",
        "store.feeds",
        "store.models",
        "store.outbox",
        "store.rows.recipients",
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
