"""Settings that operators write as text: what each is called and does, and the way from text to value and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from store.errors import BadInput


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        name: as operators write it.
        label: a few words for a table or a dialog.
        help: what it does.
        allowed: what may be given, in words.
        read_text: from text to value; raises ValueError.
        written: from value to text.
    """

    name: str
    label: str
    help: str
    allowed: str
    read_text: Callable[[str], Any]
    written: Callable[[Any], str]

    @property
    def field(self) -> str:
        """The attribute of the object that holds the values."""
        return self.name.replace("-", "_")

    def read(self, text: str) -> Any:
        """Return the value that ``text`` stands for.

        Raises:
            BadInput: it fits none.
        """
        try:
            return self.read_text(text.strip())
        except ValueError:
            raise BadInput(f"“{text.strip()}” does not fit {self.name}; give {self.allowed}.") from None

    def text(self, holder: object) -> str:
        """Return the value that ``holder`` has, as text that :meth:`read` takes."""
        return self.written(getattr(holder, self.field))


def named(settings: Sequence[Setting], name: str, noun: str) -> Setting:
    """Return the setting of this name; ``noun`` says what there is none of otherwise ("tripwire").

    Raises:
        BadInput: there is none.
    """
    wanted = name.strip().casefold().replace("_", "-")
    for setting in settings:
        if setting.name == wanted:
            return setting
    raise BadInput(f"“{name.strip()}” is no {noun}; there are {', '.join(s.name for s in settings)}.")
