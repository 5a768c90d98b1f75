"""What panes and screens tell each other about the journal, people, whole tables, and checks before a send."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from store.asking import Sort
    from store.database import Store
    from store.exports.fields import Field
    from store.outbox.gate import Checked
    from store.outbox.whom import Whom
    from store.rows import JournalRow


class TableExportRequested(Message):
    """Posted by a pane: write its rows to a file.

    Attributes:
        noun: what the rows are, as a plural.
        scope: which rows, for people.
        count: how many there are.
        read: yields them; called in a thread with the store.
        fields: the columns of the file.
        chosen: whether they are only the marked ones of those that are shown.
        sort: their order; None where they have one of their own.
    """

    def __init__(
        self,
        noun: str,
        scope: str,
        count: int,
        read: Callable[[Store], Iterable[object]],
        fields: Sequence[Field],
        *,
        chosen: bool = False,
        sort: Sort | None = None,
    ) -> None:
        super().__init__()
        self.noun = noun
        self.scope = scope
        self.count = count
        self.read = read
        self.fields = fields
        self.chosen = chosen
        self.sort = sort


class TrackRequested(Message):
    """Posted by a pane: note whether this person may be tracked."""

    def __init__(self, contact_id: int, whose: str) -> None:
        super().__init__()
        self.contact_id = contact_id
        self.whose = whose


class ForgetRequested(Message):
    """Posted by a pane: forget these people.

    Attributes:
        ids: contacts' numbers.
        shown: how many people the pane showed.
        scope: which ones, for people.
        marked: whether they were marked.
    """

    def __init__(self, ids: tuple[int, ...], shown: int, scope: str, *, marked: bool = False) -> None:
        super().__init__()
        self.ids = ids
        self.shown = shown
        self.scope = scope
        self.marked = marked


class PersonRequested(Message):
    """Posted by a pane: show this person's history over all campaigns."""

    def __init__(self, contact_id: int) -> None:
        super().__init__()
        self.contact_id = contact_id


class PeopleByCampaignRequested(Message):
    """Posted by the people pane: show the rows of those who have these words, one for each campaign."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class EntryOpened(Message):
    """Posted by the journal pane: show the rows that this entry changed."""

    def __init__(self, entry: JournalRow) -> None:
        super().__init__()
        self.entry = entry


class EntryUndoRequested(Message):
    """Posted by a pane: take back this entry of the journal, whoever's it is."""

    def __init__(self, entry: JournalRow) -> None:
        super().__init__()
        self.entry = entry


class EntryRedoRequested(Message):
    """Posted by a pane: do this entry of the journal again."""

    def __init__(self, entry: JournalRow) -> None:
        super().__init__()
        self.entry = entry


class CheckRequested(Message):
    """Posted by a pane: check a message for these people; the screen asks for the message."""

    def __init__(self, whom: Whom) -> None:
        super().__init__()
        self.whom = whom


class TickRequested(Message):
    """Posted by the check pane: the operator has done what this rule asks for."""

    def __init__(self, rule: str, checked: Checked) -> None:
        super().__init__()
        self.rule = rule
        self.checked = checked


class OverrideRequested(Message):
    """Posted by the check pane: what this rule says shall not keep the message from being sent."""

    def __init__(self, rule: str, checked: Checked) -> None:
        super().__init__()
        self.rule = rule
        self.checked = checked


class PreviewRequested(Message):
    """Posted by the check pane: show the mails as people will see them."""

    def __init__(self, checked: Checked, whom: Whom | None) -> None:
        super().__init__()
        self.checked = checked
        self.whom = whom
