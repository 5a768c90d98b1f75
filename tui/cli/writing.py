"""Writing what a command prints to a file instead, and the options for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tui.cli.opening import now
from tui.present.times import number

if TYPE_CHECKING:
    from store.database import Store
    from store.exports.fields import Field

F = TypeVar("F", bound=Callable[..., Any])

since_option = click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    metavar="DATE",
    help="Only from this day (or moment) on, UTC.",
)
_TO = click.option(
    "--to", "target", metavar="FILE|-", help="Write them to a file instead: .csv, .xlsx, .html, .json or .txt."
)
_FORCE = click.option("--force", is_flag=True, help="Write over existing files.")


def file_options(function: F) -> F:
    """Add --to and --force; the command gets them as ``target`` and ``force``."""
    return _TO(_FORCE(function))


def aware(moment: datetime | None) -> datetime | None:
    """Return what --since gave as UTC."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def write_file(
    store: Store, rows: Iterable[Any], target: str, fields: Sequence[Field], noun: str, scope: str, *, force: bool
) -> None:
    """Write rows to a file in the format that its name says, note it in the journal, and say so.

    Args:
        store: the open store.
        rows: the rows; they are read as they are written.
        target: the file, or "-".
        fields: the columns.
        noun: what the rows are, as a plural.
        scope: which rows, for people.
        force: whether an existing file may be replaced.

    Raises:
        StoreError: the file cannot be written, or exists.
    """
    from store.actions.exports import note_export
    from store.exports.about import About
    from store.exports.formats import format_of, write
    from store.journal import current_operator

    who, made = current_operator(), now()
    kept = rows if isinstance(rows, Sequence) else list(rows)
    about = About(noun, scope, len(kept), made, who)
    count = write(kept, target, about, kind=format_of(target), fields=fields, overwrite=force)
    note_export(store, count, "standard output" if target == "-" else target, scope, who, made, noun=noun)
    if target != "-":
        click.echo(f"{number(count)} {noun.removesuffix('s') if count == 1 else noun} written to {target}.")
