"""Setting tripwires."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Input

from store.actions.tripwires import INHERITED
from store.errors import StoreError
from store.queries.tripwires import ALL, Held
from store.rows import CampaignRow
from store.settings import Setting
from store.tripwires import SETTINGS, Tripwires
from tui.dialogs.dialog import Dialog, Line, words


class SetTripwires(Dialog[dict[str, str]]):
    """Asks for the limits of a campaign, or of all; the result is name -> text of those that were changed.

    Args:
        campaign: None: all campaigns.
        held: what holds now.
    """

    heading = "Tripwires"
    keys = "Tab next field · Enter save · Esc leave"

    def __init__(self, campaign: CampaignRow | None, held: Held) -> None:
        super().__init__()
        self._campaign = campaign
        self._own = held.own.get(ALL if campaign is None else campaign.id, {})
        self._wires = held.default if campaign is None else held.of(campaign.id)
        self._below = Tripwires() if campaign is None else held.default

    def body(self) -> Iterable[Widget]:
        """Return a line for each setting, what the one with the cursor means, and the answer."""
        whose = f"Of {self._campaign.name}" if self._campaign else "Of all campaigns that have nothing of their own"
        yield words(whose, classes="first")
        for setting in SETTINGS:
            with Horizontal(classes="field"):
                yield words(setting.label)
                yield Line(self._wires.text(setting.name), name=setting.name)
        yield words("", name="meaning")
        yield words("", name="answer")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Say what the field means."""
        self._explain()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say at once if it does not fit."""
        self._explain()
        setting = next(setting for setting in SETTINGS if setting.name == event.input.id)
        try:
            self._changed(setting)
        except StoreError as error:
            self.say("#answer", str(error), wrong=True)
        else:
            self.say("#answer", "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was changed if all of it fits; go to the first field that does not."""
        texts: dict[str, str] = {}
        for setting in SETTINGS:
            try:
                text = self._changed(setting)
            except StoreError as error:
                self._field(setting).focus()
                self.say("#answer", str(error), wrong=True)
                return
            if text is not None:
                texts[setting.name] = text
        self.dismiss(texts or None)

    def _changed(self, setting: Setting) -> str | None:
        """Return what a setting shall be; None if it stays as it is.

        Raises:
            BadInput: the text does not fit.
        """
        text = self._field(setting).value.strip()
        if not text:
            return INHERITED if setting.name in self._own else None
        written = setting.written(setting.read(text))
        return None if written == self._wires.text(setting.name) else written

    def _field(self, setting: Setting) -> Line:
        return self.query_one(f"#{setting.name}", Line)

    def _explain(self) -> None:
        setting = next((setting for setting in SETTINGS if self.focused is self._field(setting)), None)
        if setting is not None:
            below = self._below.text(setting.name)
            self.say("#meaning", f"{setting.help} Empty: {below}.")
