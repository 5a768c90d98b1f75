"""The pane of a mail as its recipient will see it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.message import Message

from store.database import Store
from store.errors import StoreError
from store.outbox.compose import Composer
from store.outbox.content import Person
from store.outbox.gate import SAMPLE, Checked
from store.outbox.preview import Preview, preview
from store.outbox.whom import Whom, people, sifted
from tui.actions import Pane
from tui.keys import bindings
from tui.messages import Told, WordsChanged
from tui.panes.text import TextPane
from tui.present.preview import preview_lines
from tui.present.strangers import raw_lines

MOST = 200
"""So many of those who get the message can be walked through."""


class PreviewPane(TextPane):
    """The mails of those who get a message, one at a time.

    Attributes:
        at: whose mail is shown, from 0.
        people: those whose mails can be walked through.
    """

    kind: ClassVar[Pane] = "preview"
    BINDINGS = bindings("preview")

    class Found(Message):
        """Posted by the reading thread: the first ones who get the message, and whose mail is shown first."""

        def __init__(self, people: tuple[Person, ...], at: int) -> None:
            super().__init__()
            self.people = people
            self.at = at

    def __init__(self, checked: Checked, composer: Composer, whom: Whom | None) -> None:
        super().__init__()
        self._composer = composer
        self._whom = whom
        self.at = 0
        self.people: tuple[Person, ...] = ()
        self._sample = checked.case.person or SAMPLE

    def on_mount(self) -> None:
        """Read who gets it."""
        self.fetch(self._read)

    @property
    def person(self) -> Person | None:
        """Whose mail is shown."""
        return self.people[self.at] if self.people else None

    def do_next_mail(self) -> None:
        """Show the next one, after the last one the first."""
        self._step(1)

    def do_previous_mail(self) -> None:
        """Show the one before, before the first one the last."""
        self._step(-1)

    def on_preview_pane_found(self, event: Found) -> None:
        """Show the first one that can be built."""
        event.stop()
        self.people, self.at = event.people, event.at
        self._show()

    def _step(self, by: int) -> None:
        if len(self.people) < 2:
            self.post_message(Told("There is no other recipient to show the mail of."))
            return
        self.at = (self.at + by) % len(self.people)
        self._show()

    def _show(self) -> None:
        person = self.person
        if person is None:
            return
        try:
            found: Preview | str = preview(self._composer, person)
        except StoreError as error:
            found = f"This mail cannot be built: {error}."
        self.text.action_first()
        if isinstance(found, str):
            sentence = found
            self.text.show(lambda cells: raw_lines(sentence, cells))
        else:
            shown = found
            self.text.show(lambda cells: preview_lines(shown, cells))
        self.post_message(WordsChanged())

    def _read(self, store: Store) -> None:
        found: tuple[Person, ...] = ()
        try:
            if self._whom is not None:
                with sifted(store, self._whom):
                    found = tuple(people(store, MOST))
        except StoreError as error:
            self.post_message(Told(str(error)))
        # Nobody has a Message-ID before the send is prepared; the mail shows one like those that will be made.
        key, domain = self._composer.how.campaign, self._composer.domain
        named = (replace(one, mail_id=f"{key}.preview{at}@{domain}") for at, one in enumerate(found or (self._sample,)))
        made = tuple(named)
        self.post_message(self.Found(made, next((at for at, one in enumerate(made) if self._fits(one)), 0)))

    def _fits(self, person: Person) -> bool:
        try:
            self._composer.try_out(person)
        except StoreError:
            return False
        return True
