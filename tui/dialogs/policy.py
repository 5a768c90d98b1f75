"""Changing a setting of the policy, with what that would do in view."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import work
from textual.widget import Widget
from textual.widgets import Input

from store.errors import StoreError
from store.policy import Policy
from store.settings import Setting
from tui.dialogs.dialog import Dialog, Line, words

_NO_CHANGE = "This is what holds now."


class ChangeSetting(Dialog[str]):
    """Asks for the value of a setting; says what it would block and free before it is saved.

    Args:
        setting: the setting.
        policy: the policy that holds.
        count: policy -> addresses that it would block and free; called in a thread.
    """

    keys = "Enter save · Esc leave"

    def __init__(self, setting: Setting, policy: Policy, count: Callable[[Policy], tuple[int, int]]) -> None:
        super().__init__()
        self.heading = setting.label
        self._setting = setting
        self._policy = policy
        self._count = count

    def body(self) -> Iterable[Widget]:
        """Return the explanation, the field and the line with the trial."""
        yield words(self._setting.help, classes="first")
        yield words(f"Give {self._setting.allowed}:", classes="gap")
        yield Line(self._policy.text(self._setting.name), name="value")
        yield words(_NO_CHANGE, name="trial", classes="gap")
        yield words("", name="answer")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Try the value out."""
        self.say("#answer", "")
        try:
            policy = self._wanted()
        except StoreError:
            self.say("#trial", "")
            return
        if policy == self._policy:
            self.say("#trial", _NO_CHANGE)
        else:
            self.say("#trial", "Trying it out…")
            self._try(policy)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the value if it fits."""
        try:
            policy = self._wanted()
        except StoreError as error:
            self.say("#answer", str(error), wrong=True)
            return
        if policy == self._policy:
            self.dismiss(None)
        else:
            self.dismiss(event.value)

    def _wanted(self) -> Policy:
        return self._policy.with_text(self._setting.name, self.query_one("#value", Line).value)

    @work(thread=True, exclusive=True, group="trial")
    def _try(self, policy: Policy) -> None:
        try:
            blocks, frees = self._count(policy)
        except StoreError as error:
            self.app.call_from_thread(self._told, policy, str(error))
            return
        told = (
            f"Would block {blocks:,} and free {frees:,} address{'' if blocks + frees == 1 else 'es'}; u takes it back."
        )
        self.app.call_from_thread(self._told, policy, told)

    def _told(self, policy: Policy, sentence: str) -> None:
        if not self.is_attached:
            return
        try:
            current = self._wanted()
        except StoreError:
            return
        if current == policy:
            self.say("#trial", sentence)
