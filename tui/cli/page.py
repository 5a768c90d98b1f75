"""docs/commands.md, made from the commands themselves: ``python -m tui.cli.page > docs/commands.md``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator

import click

from tui.cli import SECTIONS, aftersend
from tui.cli.group import EXIT_CODES

_WIDTH = 100
_INTRODUCTION = """\
# The commands

`aftersend` alone opens the screen. Everything that the screen does is also a command, with the same words.

Results go to stdout; errors, progress and remarks to stderr. Tables are cut to the width of the terminal; in a pipe
they are tab-separated, without headings, and whole. `--json` prints one object a line, with times in ISO 8601 UTC.
"""


def commands_page() -> str:
    """Return the page: one part for each command, under the headings of the help."""
    return "\n".join(_parts()).rstrip() + "\n"


def _parts() -> Iterator[str]:
    yield _INTRODUCTION
    yield "| exit code | means |"
    yield "|---|---|"
    for code, meaning in EXIT_CODES:
        yield f"| {code} | {meaning} |"
    yield ""
    yield "## For every command"
    yield ""
    root = click.Context(aftersend, info_name="aftersend", max_content_width=_WIDTH, help_option_names=["-h", "--help"])
    yield from _options(root, aftersend)
    for section in SECTIONS:
        yield f"## {section.heading}"
        yield ""
        for entry in section.entries:
            command = aftersend.get_command(root, entry.name)
            assert command is not None
            yield from _command(root, command, entry.name)


def _command(parent: click.Context, command: click.Command, name: str) -> Iterator[str]:
    ctx = click.Context(command, info_name=name, parent=parent)
    if isinstance(command, click.Group):
        for inner in command.list_commands(ctx):
            found = command.get_command(ctx, inner)
            assert found is not None
            yield from _command(ctx, found, inner)
        return
    yield f"### {ctx.command_path}"
    yield ""
    yield f"`{command.get_usage(ctx).removeprefix('Usage: ')}`"
    yield ""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        verbatim = paragraph.removeprefix("\b\n")
        yield paragraph if verbatim == paragraph else f"```\n{verbatim}\n```"
        yield ""
    yield from _options(ctx, command)


def _options(ctx: click.Context, command: click.Command) -> Iterator[str]:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    rows = [record for option in options if (record := option.get_help_record(ctx))]
    if not rows:
        return
    yield "| option | |"
    yield "|---|---|"
    for names, text in rows:
        yield f"| `{names.replace('|', chr(92) + '|')}` | {text.replace('|', chr(92) + '|')} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(commands_page())
