"""What the answers to all requests need: the app, the gateway, and what happens after a decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from tui.gateway import Write
from tui.messages import Choice

if TYPE_CHECKING:
    from store.actions.unchanged import Sight
    from store.asking import Source
    from store.rows import Change
    from store.seen import Seen
    from tui.app import AftersendApp

HIDDEN = "None of the marked rows is shown here; Esc takes the marks off."
"""Why a request for marked rows is refused when the filter hides them all."""


class Answering(Screen[None]):
    """A screen that answers requests of its panes: refuses with the reason, or confirms, then writes."""

    @property
    def desk(self) -> AftersendApp:
        """The app, with the store and the gateway."""
        return cast("AftersendApp", self.app)

    def decided(self, choice: Choice) -> None:
        """Go on after a decision about ``choice`` was handed over."""

    def write(self, write: Write) -> None:
        """Hand a write to the gateway."""
        self.desk.gateway.submit(write)

    def sight(self, seen: Seen) -> Sight:
        """Return what the operator knows of: what was shown, and what was done here."""
        from store.actions.unchanged import Sight

        return Sight(seen, self.desk.gateway.own)

    def write_about(
        self,
        ids: Sequence[int],
        seen: Seen | None,
        act: Callable[[Sequence[int]], Change],
        source: Source | None = None,
    ) -> None:
        """Hand a write about recipients to the gateway, for those of them who have not changed since they were shown.

        Args:
            ids: recipient ids.
            seen: how far the store had come then; None: they need not be as they were.
            act: the write, about some of them.
            source: the list whose rows they are, or to which they go.
        """
        if seen is None:
            self.write(partial(act, ids))
        else:
            from store.actions.unchanged import on_recipients

            self.write(partial(on_recipients, self.desk.store, self.sight(seen), ids, act, source))
