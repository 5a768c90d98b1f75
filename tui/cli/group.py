"""A click group that imports a command's module only when the command is run or its own help is asked for."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.exceptions import NoSuchCommand

from store.cleaning import clean
from store.errors import StoreError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMPLETE_VARIABLE = "_AFTERSEND_COMPLETE"
TRIPPED = 3
INTERRUPTED = 130
PIPE_CLOSED = 141
EXIT_CODES = (
    (0, "done"),
    (1, "refused, with one sentence on stderr"),
    (2, "wrong usage"),
    (TRIPPED, "a tripwire has tripped and nobody has acknowledged it (status, monitor)"),
    (INTERRUPTED, "ended by Ctrl-C"),
    (PIPE_CLOSED, "the reader of a pipe went away"),
)
"""The exit codes of every command with their meaning."""

_EXPECTED = (click.ClickException, click.exceptions.Exit, click.Abort)


class Entry(NamedTuple):
    """A command that is not loaded yet.

    Attributes:
        name: what the operator types.
        module: the module under ``tui.cli`` that holds it, as ``name`` with underscores followed by ``_command``.
        summary: the line in the group's help; the same as the command's own first line.
    """

    name: str
    module: str
    summary: str


class Section(NamedTuple):
    """Commands that stand together in the help."""

    heading: str
    entries: tuple[Entry, ...]


class LazyGroup(click.Group):
    """The group of all commands, under headings; errors of the store become one sentence and exit code 1."""

    def __init__(self, *args: Any, sections: tuple[Section, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections
        self._entries = {entry.name: entry for section in sections for entry in section.entries}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the sections."""
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command ``cmd_name``; None if there is none."""
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"tui.cli.{entry.module}")
        command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that ``args`` begin with.

        Raises:
            click.UsageError: there is none; the text names near ones.
        """
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:
            raise NoSuchCommand(error.command_name, possibilities=self._entries, ctx=ctx) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Complete command names without importing any command."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        from click.shell_completion import CompletionItem

        entries = self._entries.values()
        return [
            CompletionItem(entry.name, help=entry.summary) for entry in entries if entry.name.startswith(incomplete)
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections without importing any command."""
        width = max(len(name) for name in self._entries)
        for section in self.sections:
            with formatter.section(section.heading):
                formatter.write_dl([(entry.name.ljust(width), entry.summary) for entry in section.entries])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES])

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the options before the command."""
        with _shown_clean():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn what can go wrong into a sentence and an exit code.

        Raises:
            click.exceptions.Exit: the command was refused, interrupted, or lost its reader.
        """
        try:
            with _shown_clean():
                result = super().invoke(ctx)
            sys.stdout.flush()
        except StoreError as error:
            say(str(error))
            raise click.exceptions.Exit(1) from error
        except KeyboardInterrupt as error:
            raise click.exceptions.Exit(INTERRUPTED) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                _give_up_stdout()
                raise click.exceptions.Exit(PIPE_CLOSED) from error
            if error.filename is None and error.errno not in {errno.ENOSPC, errno.EIO, errno.EDQUOT}:
                raise
            where = f"{error.filename}: " if error.filename else "The output cannot be written: "
            say(f"{where}{error.strerror}.")
            raise click.exceptions.Exit(1) from error
        except Exception as error:
            damage = None if isinstance(error, _EXPECTED) else _damage(ctx)
            if damage is None:
                raise
            say(str(damage))
            raise click.exceptions.Exit(1) from error
        return result


@contextmanager
def _shown_clean() -> Iterator[None]:
    """Clean what a wrong usage quotes of the command line: a name there may come from a stranger's folder."""
    try:
        yield
    except click.UsageError as error:
        shown = clean(error.format_message())
        if shown == error.format_message():
            raise
        raise click.UsageError(shown, ctx=error.ctx) from error


def _damage(ctx: click.Context) -> StoreError | None:
    """Return the damage of the store that may have led to what looks like a bug; None: it is one."""
    from store.database import is_server, store_path
    from store.upkeep.values import damage_of
    from tui.cli.opening import chosen_url

    place = chosen_url(ctx)
    return None if place is not None and is_server(place) else damage_of(store_path(place))


def _give_up_stdout() -> None:
    """Send what is still buffered nowhere, or the interpreter complains about the closed pipe when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def tell(sentence: str) -> None:
    """Print one sentence to stdout."""
    click.echo(clean(sentence))


def say(sentence: str) -> None:
    """Print one sentence to stderr under the program's name."""
    click.echo(f"aftersend: {clean(sentence)}", err=True)
