"""The rows of the bounce inbox: a snapshot that is taken and counted in threads, and the way to the next undecided."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from textual.widget import Widget

from store.asking import Grouping
from store.queries.bounces import BounceView
from store.rows import BounceGroupRow, BounceRow, BouncesLeft, CampaignRow
from store.seen import seen_now
from store.vocabulary import Triage
from tui.actions import Pane
from tui.messages import WordsChanged
from tui.panes.advice import Advice, Advised
from tui.panes.inbox_rows import Asked, Counted, GroupRows, SingleRows, SnapshotTaker, Taken
from tui.panes.pane import TablePane
from tui.panes.words import Words
from tui.present.bounces import group_columns, group_lines, group_words, single_columns, single_lines
from tui.widgets.big_table import BigTable
from tui.widgets.table_message import MarksChanged, RangeRequested


class UndecidedPane(TablePane):
    """Undecided failures of a campaign, or of all, in groups, in one group, or one by one.

    Attributes:
        campaign: None: all.
        by: how the failures shown are grouped; ``wanted``: how they shall be.
        within: the group whose members are shown.
        left: how far the inbox is worked through.
        view: the snapshot; None until it is there.
        advice: what may be meant by its addresses, as far as that was worked out.
        passed: rows that were decided about and not counted since.
        trail: the rows decided about, the last one at the end.
        going_back: the row to which the cursor goes as soon as it is undecided again.
    """

    kind: ClassVar[Pane] = "inbox"

    def __init__(self, campaign: CampaignRow | None) -> None:
        super().__init__()
        self.by = Grouping.CAUSE
        self.within: BounceGroupRow | None = None
        self.left = BouncesLeft(0, 0, 0, 0)
        self.campaign = campaign
        self.wanted = self.by
        self.view: BounceView | None = None
        self.advice = Advice(self)
        self._taker = SnapshotTaker(self)
        self.passed: set[int] = set()
        self.trail: list[int] = []
        self.going_back: int | None = None

    def compose(self) -> Iterable[Widget]:
        """Draw the table and the lines under it."""
        yield BigTable(group_columns(self.by), empty="Reading…")
        yield Words()

    def on_mount(self) -> None:
        """Take the snapshot, and listen to changes."""
        self.table.on_cursor = self._tell
        self.take(Asked(self.by))
        self.desk.stirred.subscribe(self, self._stirred)

    def on_unmount(self) -> None:
        """Let go of the snapshot."""
        self._taker.stop()
        if self.view is not None:
            self.view.close()

    @property
    def campaign_id(self) -> int | None:
        """The campaign's number; None: all campaigns."""
        return None if self.campaign is None else self.campaign.id

    @property
    def busy(self) -> bool:
        """Whether other rows are still on their way."""
        return self._taker.busy

    @property
    def counting(self) -> bool:
        """Whether what is left is being counted."""
        return self._taker.counting

    @property
    def grouped(self) -> bool:
        """Whether the rows are groups."""
        return self.by is not Grouping.NONE and self.within is None

    def words(self) -> str:
        """Return what is shown, for people."""
        scope = self.campaign.name if self.campaign else "all campaigns"
        return f"{group_words(self.within)} · {scope}" if self.within else scope

    def campaign_shown(self) -> CampaignRow | None:
        """Return the campaign; None for all."""
        return self.campaign

    def on_big_table_marks_changed(self, event: MarksChanged) -> None:
        """Count the marks anew."""
        event.stop()
        self.post_message(WordsChanged())

    def on_big_table_range_requested(self, event: RangeRequested) -> None:
        """Mark a long range."""
        event.stop()
        source = self.table.source
        if isinstance(source, SingleRows) and self.view is not None:
            self.table.mark_ids(self.view.ids_between(source.first + event.first, source.first + event.last))
        else:
            self.table.mark_ids(range(event.first + 1, event.last + 2))

    def on_taken(self, event: Taken) -> None:
        """Show the new snapshot in place of the old one."""
        event.stop()
        if not self._taker.accept(event):
            return
        old, view, asked = self.view, event.view, event.asked
        self.view, self.by, self.left = view, asked.by, event.left
        self.advice = Advice(self)
        self.within = view.group_named(asked.within) if asked.within else None
        self.table.set_empty("No bounce waits for a decision.")
        kept = view.group_named(asked.keep_key) if asked.keep_key else None
        self.show_rows(kept.id if kept else asked.keep_id)
        self.saw(self._taker.seen)
        if old is not None:
            old.close()

    def on_advised(self, event: Advised) -> None:
        """Show what may be meant, and look at what came into sight meanwhile."""
        event.stop()
        event.known.take(event)
        if event.known is self.advice:
            self.tell_again()

    def tell_again(self) -> None:
        """Read the rows in sight again, and tell of the one under the cursor."""
        self.table.renew()
        self._tell(self.table.cursor_row, self.table.cursor_id)

    def on_counted(self, event: Counted) -> None:
        """Show what is left; the cursor goes back to what was undone."""
        event.stop()
        self._taker.counted()
        if event.left is None or event.view is not self.view:
            return
        self.left = event.left
        self.passed.clear()
        self.table.renew()
        self.saw(event.seen, anew=False)
        if self.going_back is not None and self.is_undecided(self.going_back):
            self.table.show_id(self.going_back)
            self.going_back = None
        self._tell(self.table.cursor_row, self.table.cursor_id)
        self.post_message(WordsChanged())

    def take(self, asked: Asked) -> None:
        """Take a new snapshot; the rows shown stay until it is there."""
        self._taker.begin(self.desk.store, self.campaign_id, asked)

    def show_rows(self, keep_id: int | None = None) -> None:
        """Show the rows of the snapshot; the cursor goes to ``keep_id``, else to the first that is undecided."""
        table, view = self.table, self.view
        if view is None:
            return
        self.passed.clear()
        self.trail.clear()
        if self.grouped:
            table.set_columns(group_columns(self.by))
            table.set_source(GroupRows(view, self.advice), keep_id=keep_id)
        else:
            table.set_columns(single_columns(several=self.campaign is None))
            table.set_source(
                SingleRows(view, None if self.within is None else self.within.id, self.advice), keep_id=keep_id
            )
        if keep_id is None:
            table.move_cursor(self.next_from(0, 0))
        self._tell(table.cursor_row, table.cursor_id)
        self.post_message(WordsChanged())

    def next_from(self, start: int, otherwise: int) -> int:
        """Return the next undecided row from ``start`` on, round the end; then the next that was put off."""
        source, passed = self.table.source, tuple(self.passed)
        for later in (False, True):
            for begin in (start, 0):
                found = None
                if isinstance(source, GroupRows | SingleRows):
                    found = source.undecided_from(begin, passed, later=later)
                if found is not None:
                    return found
        return otherwise

    def is_undecided(self, row_id: int) -> bool:
        """Tell whether a row waits for a decision."""
        if self.view is None:
            return False
        if self.grouped:
            group = self.view.group(row_id)
            return group is not None and group.left > 0
        return any(row.recipient.triage is Triage.OPEN for row in self.view.singles_of([row_id]).values())

    def _tell(self, position: int, row_id: int | None) -> None:
        """Tell of the row under the cursor under the table."""
        row = self.table.current
        self.advice.look(self.table.visible_rows())
        if isinstance(row, BounceGroupRow):
            advice = self.advice.of(row.one) if row.n == 1 and row.left else None
            self.query_one(Words).show(partial(group_lines, row, advice=advice))
        elif isinstance(row, BounceRow):
            self.query_one(Words).show(partial(single_lines, row))
        else:
            self.query_one(Words).show(lambda cells: ())

    def _stirred(self, scopes: frozenset[str]) -> None:
        if self.view is not None and scopes & {"recipients", "addresses", "campaigns"}:
            self._taker.count(self.view, seen_now(self.desk.store))
