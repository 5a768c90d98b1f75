"""What the messages of a table have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.message import Message

if TYPE_CHECKING:
    from tui.widgets.big_table import BigTable


@dataclass(eq=False)
class TableMessage(Message):
    """A message of a table; ``table`` (also ``control``) is the table that posted it."""

    table: BigTable
    _replaceable: ClassVar[bool] = False

    def __init_subclass__(cls, replaceable: bool = False, **kwargs: Any) -> None:
        """Say with ``replaceable`` that only the last of several waiting messages counts."""
        super().__init_subclass__(**kwargs)
        cls._replaceable = replaceable

    @property
    def control(self) -> BigTable:
        """The table."""
        return self.table

    def can_replace(self, message: Message) -> bool:
        """Whether ``message``, still waiting, is overtaken by this one."""
        return self._replaceable and type(message) is type(self) and message.control is self.control
