"""What a table tells. The messages are reached as ``BigTable.CursorMoved`` and handled as ``on_big_table_…``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.message import Message

if TYPE_CHECKING:
    from tui.widgets.big_table import BigTable


class TableMessage(Message, namespace="big_table"):
    """A message of a table; ``table`` (also ``control``) is the table that posted it."""

    _replaceable: ClassVar[bool] = False

    def __init__(self, table: BigTable) -> None:
        super().__init__()
        self.table = table

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


class CursorMoved(TableMessage, replaceable=True):
    """Posted when the cursor stands on another row; a burst collapses into the last."""

    def __init__(self, table: BigTable, position: int, row_id: int | None) -> None:
        super().__init__(table)
        self.position = position
        self.row_id = row_id


class Opened(TableMessage):
    """Posted when a row is opened (Enter, or a click on the cursor row)."""

    def __init__(self, table: BigTable, row_id: int) -> None:
        super().__init__(table)
        self.row_id = row_id


class MarksChanged(TableMessage, replaceable=True):
    """Posted when marks were set or taken away; ``count`` rows are marked now."""

    def __init__(self, table: BigTable, count: int, inverted: bool) -> None:
        super().__init__(table)
        self.count = count
        self.inverted = inverted


class RangeRequested(TableMessage):
    """Posted when a range of more than 1,024 rows ends: answer with ``table.mark_ids(ids of the positions)``."""

    def __init__(self, table: BigTable, first: int, last: int) -> None:
        super().__init__(table)
        self.first = first
        self.last = last


class LikeRequested(TableMessage):
    """Posted by "mark all like this cell": answer with ``table.mark_ids(ids whose cell in column is equal)``."""

    def __init__(self, table: BigTable, row_id: int, column: str) -> None:
        super().__init__(table)
        self.row_id = row_id
        self.column = column
