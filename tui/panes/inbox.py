"""The bounce inbox: what failed and waits for a decision, in groups or one by one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from store.asking import Grouping, Selection
from store.rows import BounceGroupRow, BounceRow, RecipientRow
from tui.actions import Context
from tui.keys import bindings
from tui.messages import AcceptRequested, Choice, ExportRequested, FixRequested, HistoryRequested, Refused, Told
from tui.panes.inbox_rows import Asked, chosen_ids
from tui.panes.undecided import UndecidedPane
from tui.present.bounces import group_words
from tui.widgets.table_message import Opened

_ORDER = tuple(Grouping)
_DECIDED = "Everything in this group is decided; u takes back what you did, Enter shows it."


class InboxPane(UndecidedPane):
    """Undecided failures of a campaign, or of all.

    The snapshot stays as it was taken: what is decided keeps its line with a word for the decision, the cursor steps
    on to the next that is undecided, what comes in meanwhile waits for ``.``. A decision about a group is one about
    those of the snapshot's group that are still undecided.
    """

    BINDINGS = bindings("inbox")

    def context(self) -> Context:
        """Return what an action would act on now; of a group, those that are undecided count."""
        context = super().context()
        row = self.table.current
        if isinstance(row, BounceGroupRow) and not context.marked:
            return replace(context, count=max(1, row.left))
        return context

    def subject(self) -> RecipientRow | None:
        """Return the recipient whose failure is under the cursor."""
        row = self.table.current
        return row.recipient if isinstance(row, BounceRow) else None

    async def chosen(self) -> Choice:
        """Return the recipients of the marked rows, else of the row under the cursor."""
        table, view = self.table, self.view
        row = table.current
        if view is None or row is None:
            return Choice((), 0, "")
        words, shown, seen = self.words(), table.total, self.seen
        if isinstance(row, BounceGroupRow):
            shown = self.left.open + self.left.later if table.marked else row.left
            words = words if table.marked else f"{group_words(row)} · {words}"
        if table.marked:
            ids = await asyncio.to_thread(chosen_ids, view, table.source, table.selection)
        else:
            ids = chosen_ids(view, table.source, Selection(frozenset({row.id})))
        return Choice(tuple(ids), shown, words, self.campaign_id, bool(table.marked), seen)

    async def do_export(self) -> None:
        """Ask for the recipients of the marked rows, or of all rows shown, to be written to a file."""
        table, view = self.table, self.view
        if view is None:
            return
        selection = table.selection if table.marked else Selection(inverted=True)
        ids = tuple(await asyncio.to_thread(chosen_ids, view, table.source, selection))
        choice = Choice(ids, table.total, f"bounces · {self.words()}", self.campaign_id, bool(table.marked))
        self.post_message(ExportRequested(choice, campaign=self.campaign.name if self.campaign else ""))

    async def decide(self, verb: str) -> None:
        """Ask for a decision, unless nothing of the group is left."""
        row = self.table.current
        if isinstance(row, BounceGroupRow) and not self.table.marked and not row.left:
            self.post_message(Refused(_DECIDED))
        else:
            await super().decide(verb)

    async def do_accept(self) -> None:
        """Accept what is shown for the one failure; of groups and marked rows ask first."""
        row, view = self.table.current, self.view
        if isinstance(row, BounceGroupRow) and not self.table.marked and not row.left:
            self.post_message(Refused(_DECIDED))
            return
        at = row.id if isinstance(row, BounceRow) else row.one if isinstance(row, BounceGroupRow) and row.n == 1 else 0
        if self.table.marked or view is None or not self.advice.knows(at):
            await super().do_accept()
            return
        advice = self.advice.of(at)
        if advice is None:
            for single in view.singles_of([at]).values():
                said = f"No better address is known for {single.recipient.address}; f asks for one."
                self.post_message(Refused(said))
        else:
            self.post_message(AcceptRequested(await self.chosen(), advice))

    def do_ask_dns(self) -> None:
        """Let the DNS be asked about the domains of suggestions, or not any more."""
        asking = self.desk.advising.hosts is None
        self.desk.advising.let_ask(asking)
        self.advice.forget()
        self.tell_again()
        said = "From now on the DNS is asked about the domains of suggestions; D stops that."
        self.post_message(Told(said if asking else "The DNS is not asked any more."))

    def do_fix(self) -> None:
        """Ask for the address of the one failure to be corrected."""
        row = self.table.current
        if isinstance(row, BounceGroupRow) and self.view is not None:
            ids = self.view.undecided([row.id])
            if not ids:
                self.post_message(Refused(_DECIDED))
            for single in self.view.singles_of(ids[:1]).values():
                self.post_message(FixRequested(single.recipient, self.seen))
        else:
            super().do_fix()

    def do_undo(self) -> None:
        """Ask for the last action to be taken back; the cursor goes back to its row."""
        self.going_back = self.trail.pop() if self.trail else None
        super().do_undo()

    def do_grouping(self) -> None:
        """Group in the next way."""
        self.wanted = _ORDER[(_ORDER.index(self.wanted) + 1) % len(_ORDER)]
        self.take(Asked(self.wanted))

    def do_refresh(self) -> None:
        """Take a new snapshot; those put off stand behind the others, new ones come in, decided ones leave."""
        row = self.table.current
        key = row.key if isinstance(row, BounceGroupRow) else ""
        at = row.id if isinstance(row, BounceRow) else None
        within = self.within.key if self.within else ""
        self.take(Asked(self.wanted, within, key, at))

    def do_back(self) -> None:
        """Take off the marks, else go back from the members to the groups, else leave."""
        if self.table.clear_marks():
            return
        if self.within is None:
            super().do_back()
        else:
            group, self.within = self.within, None
            self.show_rows(group.id)

    def step_on(self, choice: Choice) -> None:
        """Go on to the next undecided row after a decision about ``choice`` was handed over."""
        table, at = self.table, self.table.cursor_id
        marks, self.going_back = table.selection, None
        passing = at is not None and (not choice.marked or (at in marks.ids) != marks.inverted)
        if choice.marked:
            self.passed |= marks.ids if self.grouped else frozenset(choice.ids)
        elif at is not None:
            self.passed.add(at)
            self.trail.append(at)
        while table.clear_marks():
            pass
        if passing:
            table.move_cursor(self.next_from(table.cursor_row + 1, table.cursor_row))

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the members of a group, or the history of a failure."""
        event.stop()
        row = self.table.current
        if not isinstance(row, BounceGroupRow):
            self.post_message(HistoryRequested(event.row_id))
        elif row.n == 1:
            self.post_message(HistoryRequested(row.one))
        else:
            self.within = row
            self.show_rows()
