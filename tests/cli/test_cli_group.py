from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from store.errors import NotFound
from tui.cli import SECTIONS, aftersend
from tui.cli.group import Entry, LazyGroup, Section

ENTRIES = [entry for section in SECTIONS for entry in section.entries]
NAMES = [entry.name for entry in ENTRIES]

Here = Callable[..., Result]
Outside = Callable[..., "subprocess.CompletedProcess[str]"]


def commands() -> list[tuple[str, click.Command]]:
    root = click.Context(aftersend, info_name="aftersend")
    found = []
    for name in NAMES:
        command = aftersend.get_command(root, name)
        assert command is not None
        if isinstance(command, click.Group):
            found += [(f"{name} {inner}", inner_command) for inner, inner_command in command.commands.items()]
        found.append((name, command))
    return found


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_the_help_of_the_group_says_the_same_as_the_command_itself(entry: Entry) -> None:
    command = aftersend.get_command(click.Context(aftersend), entry.name)
    assert command is not None
    assert command.name == entry.name
    assert (command.help or "").splitlines()[0] == entry.summary


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_every_command_and_option_has_a_help_text(here: Here, name: str, command: click.Command) -> None:
    result = here(*name.split(), "--help")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert all(option.help for option in options), name


def test_the_help_of_the_group_names_every_command_once_and_the_exit_codes(here: Here) -> None:
    lines = here("--help").stdout.splitlines()
    for name in NAMES:
        assert sum(line.startswith(f"  {name} ") for line in lines) == 1
    assert "Exit codes:" in lines


def test_the_help_of_the_group_imports_no_command() -> None:
    script = (
        "import sys; from click.testing import CliRunner; from tui.cli import aftersend;"
        "CliRunner().invoke(aftersend, ['--help']);"
        "print(*(name for name in sys.modules if name.startswith(('tui.', 'store.', 'textual', 'rich'))))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert sorted(found) == ["store.cleaning", "store.errors", "tui.cli", "tui.cli.group"]


def test_the_version_is_told(here: Here) -> None:
    result = here("--version")
    assert (result.exit_code, result.stdout.split()[0]) == (0, "aftersend")


def test_wrong_usage_ends_with_2_and_names_near_commands(here: Here) -> None:
    result = here("statsu")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "status" in result.stderr


def test_the_screen_does_not_open_without_a_terminal(here: Here) -> None:
    result = here()
    assert result.exit_code == 2
    assert "needs a terminal" in result.stderr


def failing(error: BaseException) -> Result:
    class OneCommand(LazyGroup):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            def fail() -> None:
                click.echo("data")
                raise error

            return click.Command("fail", callback=fail)

    group = OneCommand("aftersend", sections=(Section("Act", (Entry("fail", "fail", "Fail."),)),))
    return CliRunner().invoke(group, ["fail"])


def test_an_error_of_the_store_is_one_clean_sentence_on_stderr_and_exit_code_1() -> None:
    result = failing(NotFound("No campaign \x1b[2Jof this name."))
    assert (result.exit_code, result.stdout) == (1, "data\n")
    assert result.stderr == "aftersend: No campaign ␛[2Jof this name.\n"


def test_ctrl_c_ends_with_130() -> None:
    result = failing(KeyboardInterrupt())
    assert (result.exit_code, result.stderr) == (130, "")


def test_a_full_disk_under_stdout_is_one_sentence() -> None:
    result = failing(OSError(28, "No space left on device"))
    assert (result.exit_code, result.stderr) == (
        1,
        "aftersend: The output cannot be written: No space left on device.\n",
    )


def test_a_file_that_cannot_be_written_is_named() -> None:
    result = failing(PermissionError(13, "Permission denied", "/x/out.csv"))
    assert (result.exit_code, result.stderr) == (1, "aftersend: /x/out.csv: Permission denied.\n")


def test_a_bug_is_not_hidden() -> None:
    assert isinstance(failing(ZeroDivisionError()).exception, ZeroDivisionError)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_of_each_shell_calls_the_program(here: Here, shell: str) -> None:
    result = here("completion", shell)
    assert result.exit_code == 0
    assert f"_AFTERSEND_COMPLETE={shell}_complete" in result.stdout


def test_command_names_are_completed_without_importing_a_command() -> None:
    script = (
        "import os, sys;"
        "os.environ.update(_AFTERSEND_COMPLETE='zsh_complete', COMP_WORDS='aftersend mark', COMP_CWORD='1');"
        "import tui.cli, atexit;"
        "atexit.register(lambda: print(*(n for n in sys.modules if n.startswith('tui.cli.'))));"
        "tui.cli.main()"
    )
    lines = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert lines[1:6:3] == ["mark-hard", "mark-soft"]
    assert lines[-1] == "tui.cli.group"


def test_a_full_disk_under_stdout_does_not_end_in_a_traceback(outside: Outside, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    command = [sys.executable, "-m", "tui.cli", "completion", "bash"]
    with open("/dev/full", "w") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == "aftersend: The output cannot be written: No space left on device.\n"
