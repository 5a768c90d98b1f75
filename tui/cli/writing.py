"""Writing what a command prints to a file instead, and the options for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from store.figures import several
from tui.cli.group import tell
from tui.cli.opening import now

if TYPE_CHECKING:
    from store.asking import Sort
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
    store: Store,
    rows: Iterable[Any],
    target: str,
    fields: Sequence[Field],
    noun: str,
    scope: str,
    *,
    force: bool,
    total: int | None = None,
    sort: Sort | None = None,
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
        total: how many rows there are, so that they are not held to be counted; None: that is not known.
        sort: their order, for the head of the file.

    Raises:
        StoreError: the file cannot be written, or exists.
    """
    from store.actions.exports import note_export
    from store.exports.about import About
    from store.exports.formats import format_of, write
    from store.journal import current_operator

    who, made = current_operator(), now()
    if total is None:
        rows = rows if isinstance(rows, Sequence) else list(rows)
        total = len(rows)
    about = About(noun, scope, total, made, who, sort=sort)
    count = write(rows, target, about, kind=format_of(target), fields=fields, overwrite=force)
    note_export(store, count, "standard output" if target == "-" else target, scope, who, made, noun=noun)
    if target != "-":
        tell(f"{several(count, noun)} written to {target}.")
