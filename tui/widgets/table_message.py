"""What a table tells. The messages are reached as ``BigTable.CursorMoved`` and handled as ``on_big_table_…``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.message import Message

if TYPE_CHECKING:
    from tui.widgets.big_table import BigTable


@dataclass(eq=False)
class TableMessage(Message, namespace="big_table"):
    """A message of a table; ``table`` (also ``control``) is the table that posted it."""

    table: BigTable
    _replaceable: ClassVar[bool] = False

    def __init_subclass__(cls, replaceable: bool = False, **kwargs: Any) -> None:
        """Say with ``replaceable`` that only the last of several waiting messages counts."""
        super().__init_subclass__(namespace="big_table", **kwargs)
        cls._replaceable = replaceable

    @property
    def control(self) -> BigTable:
        """The table."""
        return self.table

    def can_replace(self, message: Message) -> bool:
        """Whether ``message``, still waiting, is overtaken by this one."""
        return self._replaceable and type(message) is type(self) and message.control is self.control


@dataclass(eq=False)
class CursorMoved(TableMessage, replaceable=True):
    """Posted when the cursor stands on another row; a burst collapses into the last."""

    position: int
    row_id: int | None


@dataclass(eq=False)
class Opened(TableMessage):
    """Posted when a row is opened (Enter, or a click on the cursor row)."""

    row_id: int


@dataclass(eq=False)
class MarksChanged(TableMessage, replaceable=True):
    """Posted when marks were set or taken away; ``count`` rows are marked now."""

    count: int
    inverted: bool


@dataclass(eq=False)
class RangeRequested(TableMessage):
    """Posted when a range of more than 1,024 rows ends: answer with ``table.mark_ids(ids of the positions)``."""

    first: int
    last: int


@dataclass(eq=False)
class LikeRequested(TableMessage):
    """Posted by "mark all like this cell": answer with ``table.mark_ids(ids whose cell in column is equal)``."""

    row_id: int
    column: str
