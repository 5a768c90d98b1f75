"""The answers to requests about lists and segments themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual import work

from store import rows as kinds
from store.asking import Combining, Source
from store.vocabulary import ListKind
from tui.actions import ACTIONS
from tui.messages import ListsRequested, Refused, SegmentRequested, TakeOffRequested
from tui.screens.answering import HIDDEN, Answering

if TYPE_CHECKING:
    from store.database import Store
    from tui.gateway import Write
    from tui.present.lists import Shelved

T = TypeVar("T")

_GONE = "None of the marked lists is there any more; Esc takes the marks off."
_NAMED = 8
_OF_NAMES = frozenset({"rename", "note"})
"""What is done to a list whoever is on it."""


class Listkeeping(Answering):
    """Answers what is done with lists and segments, and with the members of a list."""

    def shelved(self) -> None:
        """Go on after a request about marked lists was handed over."""

    def taken_off(self) -> None:
        """Go on after members were taken off the list that is shown."""

    @work(group="request")
    async def on_lists_requested(self, event: ListsRequested) -> None:
        """Ask what is to be known, then have it done."""
        answers: dict[str, Callable[[Sequence[Shelved]], Awaitable[Write | None]]] = {
            "split": self._split,
            "rename": self._rename,
            "note": self._note,
            "delete-list": self._delete,
            "reload": self._reload,
            "add": self._add,
        }
        if not event.rows:
            self.post_message(Refused(_GONE))
            return
        answer = answers.get(event.verb) or partial(self._combine, Combining(event.verb))
        write = await answer(event.rows)
        if write is not None:
            self.write(self._if_unchanged(event, write))
            self.shelved()

    def _if_unchanged(self, event: ListsRequested, write: Write) -> Write:
        """Return a write that is refused if one of the lists changed since it was shown."""
        if event.seen is None:
            return write
        from store.actions.unchanged import on_lists

        sources = [_source(row) for row in event.rows]
        members = event.verb not in _OF_NAMES
        return partial(on_lists, self.desk.store, self.sight(event.seen), sources, write, members=members)

    @work(group="request")
    async def on_take_off_requested(self, event: TakeOffRequested) -> None:
        """Take the row under the cursor off at once; ask first about marked ones."""
        from store.actions import listkeeping
        from tui.dialogs.confirm import confirm_rows

        choice = event.choice
        if not choice.ids:
            self.post_message(Refused(HIDDEN))
            return
        if choice.marked and not await self.app.push_screen_wait(confirm_rows(ACTIONS["take-off"], choice)):
            return
        store, who, now = self.desk.store, self.desk.operator, self.desk.clock()
        list_id = event.members_of.id
        self.write_about(
            choice.ids,
            choice.seen,
            lambda ids: listkeeping.remove(store, list_id, ids, who, now),
            Source(list_id),
        )
        self.taken_off()

    @work(group="request")
    async def on_segment_requested(self, event: SegmentRequested) -> None:
        """Ask for the name; a segment that has it gets the filter only after a second question."""
        from store.actions import segments
        from store.actions.unchanged import on_lists
        from store.queries.segments import filter_in_words, list_segments
        from store.seen import seen_now
        from tui.dialogs.confirm import Confirm
        from tui.dialogs.naming import AskText

        store = self.desk.store
        words = filter_in_words(store, event.filter)
        lines = (words, "Whoever fits this at the moment is in the segment, today and later.")
        proposed = event.opened.name if event.opened is not None else ""
        needed = "Type a name for the segment."
        dialog = AskText("Save the filter as a segment", lines, proposed, placeholder="name", needed=needed)
        name = await self.app.push_screen_wait(dialog)
        if name is None:
            return
        seen = seen_now(store)
        there = next((row for row in list_segments(store) if row.name == name), None)
        if there is not None:
            was = (f"There is a segment “{name}” already.", f"It asks for: {there.words}", f"It would ask for: {words}")
            if not await self.app.push_screen_wait(Confirm("Give it this filter?", was)):
                return
        save = partial(segments.save, store, name, event.filter, self.desk.operator, self.desk.clock())
        write: Write = partial(save, replace=there is not None)
        if there is not None:
            sources = [_source(there)]
            write = partial(on_lists, store, self.sight(seen), sources, write, members=False)
        self.write(write)

    async def _combine(self, how: Combining, rows: Sequence[Shelved]) -> Write | None:
        from store.actions import combining, lists
        from tui.dialogs.combine import Combine

        store = self.desk.store

        def counted(order: Sequence[Shelved]) -> tuple[list[int], int]:
            return _read(store, partial(combining.counted, store, how, [_source(row) for row in order]))

        picked = await self.app.push_screen_wait(Combine(how, rows, counted))
        if picked is None:
            return None
        campaigns = {_campaign(row) for row in picked.rows}
        campaign = campaigns.pop() if len(campaigns) == 1 else None
        note = f" {how.value} ".join(row.name for row in picked.rows)
        target = lists.Target(picked.kind, picked.name, campaign, note)
        sources = [_source(row) for row in picked.rows]
        return partial(lists.combine, store, how, sources, target, self.desk.operator, self.desk.clock())

    async def _split(self, rows: Sequence[Shelved]) -> Write | None:
        from store.actions import lists, splitting
        from tui.dialogs.split import SplitList

        (row,) = rows
        store, source = self.desk.store, _source(row)
        proposed = row.kind if isinstance(row, kinds.ListRow) and row.kind is ListKind.SELECTION else ListKind.PROJECT
        preview = partial(_read, store, partial(splitting.preview, store, source, row.name))
        picked = await self.app.push_screen_wait(SplitList(row.name, proposed, preview))
        if picked is None:
            return None
        target = lists.Target(picked.kind, row.name, _campaign(row))
        return partial(splitting.split, store, source, target, self.desk.operator, self.desk.clock())

    async def _rename(self, rows: Sequence[Shelved]) -> Write | None:
        from store.actions import listkeeping
        from tui.dialogs.naming import AskText
        from tui.present.lists import kind_word

        (row,) = rows
        first = f"{kind_word(row)} {row.name}"
        dialog = AskText("Rename", (first,), row.name, placeholder="name", needed="Type a name.")
        name = await self.app.push_screen_wait(dialog)
        if not name or name == row.name:
            return None
        return partial(listkeeping.rename, self.desk.store, _source(row), name, self.desk.operator, self.desk.clock())

    async def _note(self, rows: Sequence[Shelved]) -> Write | None:
        from store.actions import listkeeping
        from tui.dialogs.naming import AskText
        from tui.present.lists import kind_word

        (row,) = rows
        lines = (f"{kind_word(row)} {row.name}", "An empty line takes the note off.")
        note = await self.app.push_screen_wait(AskText("Note", lines, row.note, placeholder="what is it for?"))
        if note is None or note == row.note:
            return None
        return partial(listkeeping.annotate, self.desk.store, _source(row), note, self.desk.operator, self.desk.clock())

    async def _delete(self, rows: Sequence[Shelved]) -> Write | None:
        from store.actions import listkeeping
        from tui.dialogs.confirm import Confirm

        named = [_told(row) for row in rows[:_NAMED]]
        if len(rows) > _NAMED:
            named.append(f"and {len(rows) - _NAMED:,} more")
        what = "this list" if len(rows) == 1 else f"these {len(rows):,} lists"
        if len(rows) == 1 and isinstance(rows[0], kinds.SegmentRow):
            what = "this segment"
        lines = (*named, "The people, and what they got, stay as they are; u brings it back.")
        if not await self.app.push_screen_wait(Confirm(f"Delete {what}?", lines)):
            return None
        sources = [_source(row) for row in rows]
        return partial(listkeeping.delete, self.desk.store, sources, self.desk.operator, self.desk.clock())

    async def _reload(self, rows: Sequence[Shelved]) -> Write | None:
        from store.actions import reloading
        from store.queries.reloading import changes
        from tui.dialogs.reload import NAMED, ReloadList

        (row,) = rows
        if not isinstance(row, kinds.ListRow):
            return None
        store = self.desk.store
        read = partial(_read, store, partial(changes, store, row.id, NAMED))
        wanted = await self.app.push_screen_wait(ReloadList(row, read))
        if wanted is None:
            return None
        reload = partial(reloading.reload, store, row.id, self.desk.operator, self.desk.clock())
        return partial(reload, everybody=wanted.everybody)

    async def _add(self, rows: Sequence[Shelved]) -> Write | None:
        from store.actions import lists
        from store.queries.lists import list_lists
        from tui.dialogs.lists import ChooseList

        first = f"Everybody on {_told(rows[0])}" if len(rows) == 1 else f"Everybody on {len(rows):,} lists"
        picked = await self.app.push_screen_wait(ChooseList(first, list_lists(self.desk.store)))
        if picked is None:
            return None
        sources = [_source(row) for row in rows]
        who, now = self.desk.operator, self.desk.clock()
        return partial(lists.add_source, self.desk.store, sources, picked.kind, picked.name, who, now)


def _read(store: Store, read: Callable[[], T]) -> T:
    """Read in a thread, whose connection and temporary tables go afterwards."""
    try:
        return read()
    finally:
        store.close()


def _source(row: Shelved) -> Source:
    """Return everybody of a list or segment."""
    from store.queries.segments import source_of

    return source_of(row)


def _campaign(row: Shelved) -> int | None:
    """Return the campaign whose recipients they are, if it is one."""
    if isinstance(row, kinds.ListRow):
        return row.campaign_id
    return row.filter.campaign_id if row.filter is not None else None


def _told(row: Shelved) -> str:
    """Return a list with its members, or a segment with what it asks for."""
    if isinstance(row, kinds.SegmentRow):
        return f"segment {row.name} · {row.words}"
    return f"{row.kind} {row.name} · {row.members:,} member{'' if row.members == 1 else 's'}"
