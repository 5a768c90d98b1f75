"""What is asked when something went out wrong: who is told, whom to show, and the two messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from store.errors import StoreError
from store.outbox.content import Message
from store.queries.wrong import EVERYBODY, Narrow, Part
from store.rows import LinkRow, SegmentRow
from store.rows.wrong import SplitCounts
from tui.dialogs.dialog import Dialog, Line, words
from tui.dialogs.picking import Options
from tui.present.cells import cut
from tui.present.times import number

_CELLS = 68


class ChooseNarrow(Dialog[Narrow]):
    """Asks who of those that got the wrong mail is told of it."""

    heading = "Who is told?"
    keys = "j k choose · Enter accept · Esc leave"

    def __init__(self, campaign: str, links: Sequence[LinkRow], segments: Sequence[SegmentRow]) -> None:
        super().__init__()
        self._campaign = campaign
        self._choices = [
            EVERYBODY,
            Narrow(readers=True, words="who read it"),
            Narrow(clickers=True, words="who clicked in it"),
            *(Narrow(link_id=link.id, words=f"who clicked {link.url}") for link in links),
            *(
                Narrow(segment=segment.filter, words=f"segment {segment.name}")
                for segment in segments
                if segment.filter is not None
            ),
        ]

    def body(self) -> Iterable[Widget]:
        """Return the choices."""
        yield words(f"Of those who got {self._campaign}, the erratum goes to", classes="first")
        lines = [Option(Content(cut(choice.words, _CELLS))) for choice in self._choices]
        yield Options(*lines, id="choices", classes="gap", compact=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take it."""
        self.dismiss(self._choices[event.option_index])


class ChoosePart(Dialog[Part]):
    """Asks which people are shown."""

    heading = "Who is it?"
    keys = "j k choose · Enter show · Esc leave"

    def __init__(self, split: SplitCounts) -> None:
        super().__init__()
        self._counts = {
            Part.ERRATUM: split.erratum,
            Part.RIGHT: split.right,
            Part.NOTHING: sum(split.nothing.values()),
            Part.NARROWED: split.narrowed,
        }

    def body(self) -> Iterable[Widget]:
        """Return the parts."""
        lines = [Option(Content(f"{number(count):>9}  {part}")) for part, count in self._counts.items()]
        yield Options(*lines, id="choices", compact=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take it."""
        self.dismiss(list(self._counts)[event.option_index])


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages that are given; None: that part gets nothing now."""

    erratum: Message | None
    right: Message | None


class AskMessages(Dialog[Messages]):
    """Asks where the erratum and the right mail lie: an .eml file or a folder each; an empty line sends none."""

    heading = "The two messages"
    keys = "Tab field · Enter accept · Esc leave"

    def __init__(self, campaign: str, split: SplitCounts, folder: str) -> None:
        super().__init__()
        self._campaign = campaign
        self._split = split
        self._folder = folder

    def body(self) -> Iterable[Widget]:
        """Return the two fields."""
        yield words(f"An .eml file or a folder each, seen from {self._folder}; empty: none.", classes="first")
        for name, count, label in (
            ("erratum", self._split.erratum, "Erratum, to"),
            ("right", self._split.right, "Right mail, to"),
        ):
            people = "1 person" if count == 1 else f"{number(count)} people"
            field = Line(name=name, placeholder="message.eml" if count else "nobody is in this part")
            yield Horizontal(words(f"{label} {people}", classes="label"), field, classes="field")
        yield words("Nothing leaves yet: both are checked and asked about once more.", name="answer", classes="gap")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Read both messages, or say what is wrong with one."""
        from store.outbox.reading import read_message

        found: list[Message | None] = []
        for name in ("erratum", "right"):
            text = self.query_one(f"#{name}", Line).value.strip()
            try:
                found.append(read_message(Path(text).expanduser()) if text else None)
            except StoreError as error:
                self.say("#answer", str(error), wrong=True)
                self.query_one(f"#{name}", Line).focus()
                return
        if not any(found):
            self.say("#answer", "Give the erratum, the right mail, or both.", wrong=True)
            return
        self.dismiss(Messages(*found))
