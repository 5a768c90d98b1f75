"""The rows of the bounce inbox, and making its snapshot in a thread, the newest wish first."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from textual.message import Message
from textual.widget import Widget

from store.asking import Grouping, Selection
from store.database import Store
from store.errors import StoreError
from store.queries.bounces import BounceView
from store.queries.view import Interrupted
from store.rows import BounceGroupRow, BounceRow, BouncesLeft
from store.seen import Seen
from tui.messages import Failed
from tui.panes.advice import Advice
from tui.panes.taking import Taker
from tui.widgets.row_window import RowSource


class GroupRows:
    """The groups of a snapshot."""

    def __init__(self, view: BounceView, advice: Advice) -> None:
        self._view = view
        self._advice = advice
        self.total = view.group_count

    def page(self, offset: int, limit: int) -> Sequence[BounceGroupRow]:
        """Return the groups at these positions."""
        return self._advice.groups(self._view.groups(offset, limit))

    def position(self, row_id: int) -> int | None:
        """Return where a group stands."""
        return row_id - 1 if 0 < row_id <= self.total else None

    def undecided_from(self, start: int, passed: Sequence[int], *, later: bool) -> int | None:
        """Return the position of the nearest group from ``start`` on of which something is undecided."""
        return self._view.next_group(start, passed, later=later)


class SingleRows:
    """The failures of a group of a snapshot, or all of them."""

    def __init__(self, view: BounceView, group: int | None, advice: Advice) -> None:
        self._view = view
        self._advice = advice
        self.first, self.total = view.span(group)

    def page(self, offset: int, limit: int) -> Sequence[BounceRow]:
        """Return the failures at these positions."""
        return self._advice.singles(self._view.singles(self.first + offset, min(limit, self.total - offset)))

    def position(self, row_id: int) -> int | None:
        """Return where a recipient's failure stands; None if it is not here."""
        found = self._view.position(row_id)
        return found - self.first if found is not None and 0 <= found - self.first < self.total else None

    def undecided_from(self, start: int, passed: Sequence[int], *, later: bool) -> int | None:
        """Return the position of the nearest undecided failure from ``start`` on."""
        found = self._view.next_single(self.first + start, self.first + self.total, passed, later=later)
        return None if found is None else found - self.first


def chosen_ids(view: BounceView, source: RowSource, selection: Selection) -> list[int]:
    """Return the recipients of the marked rows, in order; of marked groups those that are still undecided."""

    def picked(row_id: int) -> bool:
        return (row_id in selection.ids) != selection.inverted

    if isinstance(source, SingleRows):
        there = view.ids_between(source.first, source.first + source.total - 1) if selection.inverted else selection.ids
        return [id_ for id_ in there if picked(id_)]
    return view.undecided(filter(picked, range(1, view.group_count + 1)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A snapshot that is asked for.

    Attributes:
        by: how failures are grouped.
        within: the key of the group whose members shall be shown.
        keep_key: the key of the group on which the cursor shall stay.
        keep_id: the recipient on whom it shall stay.
    """

    by: Grouping
    within: str = ""
    keep_key: str = ""
    keep_id: int | None = None


class Taken(Message):
    """Posted when a snapshot is ready; whoever takes ``view`` closes it."""

    def __init__(self, asked: Asked, number: int, view: BounceView, left: BouncesLeft) -> None:
        super().__init__()
        self.asked = asked
        self.number = number
        self.view = view
        self.left = left


class Counted(Message):
    """Posted when a snapshot's undecided failures were counted anew; ``left`` is None if that did not work.

    ``seen`` is how far the store had come before.
    """

    def __init__(self, view: BounceView, left: BouncesLeft | None, seen: Seen) -> None:
        super().__init__()
        self.view = view
        self.left = left
        self.seen = seen


class SnapshotTaker(Taker[BounceView]):
    """Takes one snapshot after the other, and counts what is left in it; a newer wish interrupts the one under way."""

    def __init__(self, owner: Widget) -> None:
        super().__init__(owner)
        self._counting: BounceView | None = None
        self._again: tuple[BounceView, Seen] | None = None

    @property
    def counting(self) -> bool:
        """Whether a count is under way."""
        return self._counting is not None

    def begin(self, store: Store, campaign_id: int | None, asked: Asked) -> None:
        """Begin with a snapshot of a campaign's failures; the owner gets :class:`Taken`, or :class:`Failed`."""

        def fill(view: BounceView, number: int) -> Taken:
            view.build(campaign_id, asked.by)
            return Taken(asked, number, view, view.recount())

        self.take(store, BounceView, fill)

    def count(self, view: BounceView, seen: Seen) -> None:
        """Count a snapshot's undecided failures anew, one count after the other; the owner gets :class:`Counted`."""
        if self._counting is not None:
            self._again = view, seen
            return
        self._counting = view
        self._owner.run_worker(partial(self._recount, view, seen), thread=True, group="count")

    def counted(self) -> None:
        """Go on counting if that was asked for meanwhile; the owner calls it for each :class:`Counted`."""
        self._counting, again, self._again = None, self._again, None
        if again is not None:
            self.count(*again)

    def _recount(self, view: BounceView, seen: Seen) -> None:
        left = None
        try:
            with suppress(Interrupted):
                left = view.recount()
        except StoreError as error:
            self._owner.post_message(Failed(str(error)))
        self._owner.post_message(Counted(view, left, seen))
