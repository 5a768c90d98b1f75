"""It went out wrong, as a screen."""

from __future__ import annotations

import os
from functools import partial

from textual import work

from store.errors import StoreError
from store.outbox.preparing import Prepared
from store.queries.wrong import Narrow, Part, named
from store.rows.queued import QueueRow
from store.rows.wrong import WrongRow
from store.wording import answer
from tui.actions import ASKED_ABOVE
from tui.gateway import Write
from tui.messages import Refused, WordsChanged
from tui.outgoing import RemedyRequested
from tui.panes.text import TextPane
from tui.panes.wrong import WrongPane
from tui.present.cells import cut
from tui.screens.text import TextScreen
from tui.widgets.status_line import StatusLine

_CELLS = 70

SHOWN = 10_000
"""So many people of a part are shown by name; the command shows all."""


class WrongScreen(TextScreen):
    """What can still be done about a campaign: stop, hold, delete; then the erratum and the right mail."""

    def __init__(self, campaign_id: int, campaign: str) -> None:
        super().__init__()
        self._campaign_id = campaign_id
        self.heading = f"It went out wrong · {campaign}"

    def pane(self) -> TextPane:
        """Return the page."""
        return WrongPane(self._campaign_id)

    def on_words_changed(self, event: WordsChanged) -> None:
        """Draw the title."""
        event.stop()
        self.query_one("#title", StatusLine).show(f" {self.heading}")

    @work(group="request")
    async def on_remedy_requested(self, event: RemedyRequested) -> None:
        """Do what was asked for, after a question where it cannot be taken back."""
        event.stop()
        row, narrow = event.row, event.narrow
        if event.verb in {"hold", "release", "pull"}:
            write = await self._queue(event.verb, row, event.queue)
            if write is not None:
                self.write(write)
        elif event.verb == "stop-all":
            from store.actions.wrong import stop_all

            self.write(partial(stop_all, self.desk.store, row.campaign_id, self.desk.operator, self.desk.clock()))
        elif event.verb == "wrong-lists":
            from store.actions.wrong import wrong

            store, who = self.desk.store, self.desk.operator
            self.write(partial(wrong, store, row.campaign_id, narrow, who, self.desk.clock()))
        elif event.verb == "narrow":
            await self._narrow(row)
        elif event.verb == "who":
            await self._who(row, narrow)
        else:
            await self._correct(row, narrow)

    async def _queue(self, verb: str, row: WrongRow, queue: QueueRow | None) -> Write | None:
        from store.actions import pulling
        from store.outbox.postfix import Instance
        from tui.dialogs.confirm import Confirm

        if queue is None:
            self.post_message(Refused("What waits in Postfix's queue is not known; the page says why."))
            return None
        chosen = tuple(mail for mail in queue.mails if mail.held is (verb != "hold"))
        if not chosen:
            what = "waits in the queue" if verb == "hold" else "is on hold in the queue"
            self.post_message(Refused(f"Nothing of {row.campaign} {what} of {queue.instance}."))
            return None
        mails = "1 mail" if len(chosen) == 1 else f"{len(chosen):,} mails"
        first = [cut(f"{mail.addresses[0]} · {answer(mail.reason) or mail.queue}", _CELLS) for mail in chosen[:5]]
        more = f"and {len(chosen) - 5:,} more" if len(chosen) > 5 else ""
        questions = {
            "hold": (f"Put {mails} on hold?", "Only these are touched; u lets them go on."),
            "release": (f"Let {mails} go on?", "Postfix tries them again by itself."),
            "pull": (
                f"Delete {mails} from the queue?",
                "They never arrive, and nobody can bring them back. Their people count as not reached, by our fault.",
            ),
        }
        heading, warning = questions[verb]
        number = len(chosen) if verb == "pull" and len(chosen) > ASKED_ABOVE else 0
        lines = (f"{row.campaign} · {queue.instance}", *first, more, warning)
        if not await self.app.push_screen_wait(Confirm(heading, lines, number)):
            return None
        act = {"hold": pulling.hold, "release": pulling.release, "pull": pulling.pull}[verb]
        where = Instance(queue.config)
        return partial(act, self.desk.store, row.campaign_id, where, chosen, self.desk.operator, self.desk.clock())

    async def _narrow(self, row: WrongRow) -> None:
        from store.queries.links import list_links
        from store.queries.segments import list_segments
        from tui.dialogs.remedy import ChooseNarrow

        store = self.desk.store
        picked = await self.app.push_screen_wait(
            ChooseNarrow(row.campaign, list_links(store, row.campaign_id), list_segments(store))
        )
        if picked is not None:
            self.query_one(WrongPane).tell(picked)

    async def _who(self, row: WrongRow, narrow: Narrow) -> None:
        from tui.dialogs.remedy import ChoosePart
        from tui.dialogs.showing import ShowRows
        from tui.present.wrong import NAMED_COLUMNS
        from tui.widgets.row_window import ListedRows

        part = await self.app.push_screen_wait(ChoosePart(row.split))
        if part is not None:
            store = self.desk.store

            def look() -> ListedRows:
                try:
                    return ListedRows(named(store, row.campaign_id, part, narrow, SHOWN))
                finally:
                    store.close()

            self.app.push_screen(ShowRows(f"{row.campaign} · {part}", NAMED_COLUMNS, look, ("person", "people")))

    async def _correct(self, row: WrongRow, narrow: Narrow) -> None:
        from store.actions.wrong import Correction, correct
        from tui.dialogs.remedy import AskMessages

        asked = await self.app.push_screen_wait(AskMessages(row.campaign, row.split, os.getcwd()))
        if asked is None:
            return
        correction = Correction(row.campaign_id, asked.erratum, asked.right, narrow)
        try:
            made = await self.in_thread(
                partial(correct, self.desk.store, correction, self.desk.operator, self.desk.clock())
            )
        except StoreError as error:
            self.post_message(Refused(str(error)))
            return
        self.desk.stir(frozenset({"outbox", "campaigns", "recipients", "journal"}))
        await self.launch([(one, correction.messages[part]) for part, one in made.items()], _parts(made))


def _parts(made: dict[Part, Prepared]) -> tuple[str, ...]:
    return tuple(f"{one.count:,} get the {part}: “{one.campaign}”" for part, one in made.items())
