"""Where in the columns of a file its events stand: as the operator says, as a tool's exports have it, or found out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from store.errors import BadInput
from store.feeds.esp.vendors import Meaning
from store.feeds.mapping import Mapping, find_columns, plain
from store.feeds.presets.shapes import Shape, shape_of
from store.vocabulary import EventType

_COUNTS = {"clicks": EventType.CLICKED, "opens": EventType.OPENED}
"""Fields that count what somebody did, what says more first."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the events of a file stand.

    Attributes:
        columns: field -> column.
        shape: the tool's, if the file is of one.
        named: what the file's name says of every line.
    """

    columns: dict[str, str]
    shape: Shape | None = None
    named: Meaning | None = None

    @property
    def counts(self) -> tuple[tuple[str, EventType], ...]:
        """The fields that count something, each with what they count; what says more comes first."""
        return tuple((field, kind) for field, kind in _COUNTS.items() if field in self.columns)

    @property
    def tells(self) -> bool:
        """Whether lines tell what happened."""
        if "type" in self.columns:
            return True
        return self.shape is not None and bool(self.shape.type or self.named or self.shape.rest or self.counts)


def layout_of(names: Iterable[str], mapping: Mapping, path: Path) -> Layout:
    """Return the layout of a file (or of an object in it) with columns of these names.

    Raises:
        BadInput: the mapping names a column that is not there, or a tool writes such files of something else.
    """
    listed = list(names)
    shape = shape_of(listed, mapping.preset) if mapping.preset or not mapping.own else None
    if shape is None:
        if mapping.preset:
            raise BadInput(f"its columns are none of {mapping.preset}'s: {', '.join(listed[:12]) or 'none'}")
        columns = find_columns(listed, mapping)
        if "type" not in columns and "status" in columns and mapping.type is None:
            columns["type"] = columns.pop("status")
        return Layout(columns)
    if shape.refused:
        raise BadInput(shape.refused)
    by_plain = {plain(name): name for name in reversed(listed)}
    columns = {
        field: by_plain[next(name for name in known if name in by_plain)]
        for field, known in shape.columns.items()
        if any(name in by_plain for name in known)
    }
    if mapping.columns:
        columns |= find_columns(listed, mapping, only_said=True)
    return Layout(columns, shape, shape.named_by(path))


def check_layout(layout: Layout, header: Iterable[str], mapping: Mapping, path: Path) -> None:
    """Make sure that the columns of a table tell who, what and when.

    Raises:
        BadInput: they do not; the text says by which option the operator can.
    """
    columns, shape = layout.columns, layout.shape
    listed = ", ".join(column for column in header if column) or "none"
    if "address" not in columns:
        raise BadInput(f"{path} has no address column (its columns are: {listed}); name it: --map address=COLUMN.")
    if mapping.type is None and not layout.tells:
        if shape is not None:
            raise BadInput(
                f"{path} is {shape.title}'s ({shape.name}), but neither its columns nor its name tell what happened;"
                " say it: --type opened, or what it was."
            )
        raise BadInput(
            f"{path} has no column that tells what happened (its columns are: {listed}); name it with --map"
            " type=COLUMN, or say it for the whole file with --type opened."
        )
    if "time" not in columns and mapping.time is None:
        if shape is not None:
            raise BadInput(
                f"{path} is {shape.title}'s ({shape.name}) and tells no time; say when it was:"
                " --time '2026-03-02 09:00'."
            )
        raise BadInput(
            f"{path} has no time column (its columns are: {listed}); name it: --map time=COLUMN, or say it for the"
            " whole file: --time '2026-03-02 09:00'."
        )
