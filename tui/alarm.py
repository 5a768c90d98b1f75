"""The tripwires on the screen: whatever rings is heard once and stands in every title until somebody takes note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.errors import StoreError
from tui.messages import Refused
from tui.panes.pacing import Pace
from tui.screens.desk import Desk

if TYPE_CHECKING:
    from store.lookout import Lookout
    from store.rows.tripwires import TripRow
    from tui.app import AftersendApp

_REST_S = 1.0
_SCOPES = frozenset({"campaigns", "recipients"})


class Alarm:
    """Looks at the tripwires whenever something changed; what that takes is loaded by the thread that looks first.

    Args:
        app: the app whose bell rings.

    Attributes:
        ringing: the trips that ring.
    """

    def __init__(self, app: AftersendApp) -> None:
        self.ringing: tuple[TripRow, ...] = ()
        self._app = app
        self._since = app.clock()
        self._known: set[int] = set()
        self._lookout: Lookout | None = None
        self._pace = Pace(app, self._begin, rest_s=_REST_S)

    @property
    def busy(self) -> bool:
        """Whether it looks, or will in a moment."""
        return self._pace.busy

    def words(self, *, narrow: bool) -> str:
        """Return what stands in the titles; "" if nothing rings."""
        if not self.ringing:
            return ""
        from tui.present.monitor import alarm_words

        return alarm_words(self.ringing, narrow=narrow)

    def begin(self) -> None:
        """Look for the first time, and listen to changes."""
        self._app.stirred.subscribe(self._app, self._stirred)
        self._pace.now()

    def _stirred(self, scopes: frozenset[str]) -> None:
        if scopes & _SCOPES:
            self._pace.changed()

    def _begin(self) -> None:
        self._app.run_worker(self._look, group="alarm", thread=True)

    def _look(self) -> None:
        """Look, in a thread: what has tripped meanwhile, whoever saw it first."""
        from store.lookout import Lookout
        from store.queries.tripwires import standing

        store = self._app.store
        if self._lookout is None:
            self._lookout = Lookout(store, self._app.clock, self._note)
        try:
            self._lookout.look()
            found = standing(store, self._app.clock())
        except StoreError:
            # Whatever shows the campaigns says why the store cannot be read.
            found = ()
        finally:
            store.close()
        self._app.call_later(self._looked, found)

    def _looked(self, found: tuple[TripRow, ...]) -> None:
        self._pace.done()
        ringing = tuple(trip for trip in found if trip.rings)
        new = [trip for trip in ringing if trip.id not in self._known and trip.tripped_at >= self._since]
        self._known |= {trip.id for trip in ringing}
        if ringing != self.ringing:
            self.ringing = ringing
            for screen in self._app.screen_stack:
                if isinstance(screen, Desk):
                    screen.show_alarm()
        if new:
            from store.lookout import told_of

            self._app.bell()
            more = f" (and {len(new) - 1:,} more)" if len(new) > 1 else ""
            self._app.tell(f"{told_of(new[0])}{more} M shows the monitor.", wrong=True)

    def _note(self, sentence: str) -> None:
        self._app.post_message(Refused(sentence))
