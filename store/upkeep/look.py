"""The steps of looking a store over that are the same for a file and for a server."""

from __future__ import annotations

from collections.abc import Sequence

from store.cleaning import clean
from store.database import MIGRATIONS, Store
from store.figures import counted, number
from store.queries.campaigns import find_campaign
from store.rows.health import Finding, Verdict
from store.upkeep import derived
from store.upkeep.copying import Contents, Told
from store.upkeep.references import Asked, lost
from store.upkeep.values import misfits
from store.vocabulary import OutboxState, SendState

_GOING = ", ".join(str(state.code) for state in (SendState.STARTING, SendState.SENDING))
_UNSURE = (
    f"SELECT count(*) FROM outbox WHERE state IN ({OutboxState.SENDING.code}, {OutboxState.UNSURE.code})"
    f" AND state = {OutboxState.UNSURE.code}"
)
"""As the partial index has it; SQLite takes the index only where the same words stand."""


def known_schema() -> str:
    """Return the last migration that this version knows."""
    return max(file.stem for file in MIGRATIONS.glob("[0-9]*.py"))


class Look:
    """One look at a store, step by step.

    Attributes:
        findings: what was found so far.
        astray: what is derived wrongly; None as long as that was not looked at.
        held: what is in the store; None as long as it could not be read.
        backup: when the last backup was made, in milliseconds, and what the journal says of it.
    """

    def __init__(self, tell: Told, campaign: str | None, thorough: bool) -> None:
        """Begin; ``campaign`` and ``thorough`` as :func:`store.upkeep.doctor.examine` has them."""
        self.findings: list[Finding] = []
        self.astray: derived.Astray | None = None
        self.held: Contents | None = None
        self.backup: tuple[int, str] | None = None
        self.tell, self.thorough = tell, thorough
        self._campaign = campaign

    def say(self, check: str, verdict: Verdict, sentence: str, advice: str = "", examples: Sequence[str] = ()) -> None:
        """Note a finding."""
        self.findings.append(Finding(check, verdict, sentence, advice, tuple(map(clean, examples))))

    @property
    def current(self) -> bool:
        """Whether the tables are those of this version."""
        return self.held is not None and self.held.schema == known_schema()

    def tables(self, held: Contents) -> None:
        """Compare the version of the tables with this program's."""
        self.held, known = held, known_schema()
        if held.schema > known:
            said = f"They are of a newer aftersend ({held.schema}; this version knows up to {known})."
            self.say("tables", Verdict.WRONG, said, "Update the program.")
        elif held.schema < known:
            said = f"They are of an older version ({held.schema}); opening the store brings them up to date ({known})."
            self.say("tables", Verdict.NOTE, said)
        else:
            self.say("tables", Verdict.FINE, f"They are those of this version ({known}).")

    def references(self, connection: Asked) -> None:
        """Look for rows that name others which are not there."""
        if not self.current:
            self.say("references", Verdict.UNSEEN, "Only this version's tables can be looked at.")
            return
        self.tell("checking references", 0, 0)
        self.findings += lost(connection)

    def values(self, connection: Asked, way_back: str) -> None:
        """Look for values that their columns cannot hold; ``way_back``: what can be done about them."""
        if self.current:
            self.tell("checking values", 0, 0)
            self.findings += misfits(connection, way_back)

    def sends(self, connection: Asked) -> None:
        """Look for sends that are under way, and mails of which nobody can tell whether they left."""
        if not self.current:
            return
        count = connection.execute(f"SELECT count(*) FROM message WHERE state IN ({_GOING})").fetchone()[0]
        unsure = connection.execute(_UNSURE).fetchone()[0]
        if unsure:
            said = f"Of {counted(unsure, 'mail')} nobody can tell whether {'they' if unsure > 1 else 'it'} left."
            self.say("sends", Verdict.NOTE, said, "aftersend send unsure")
        if count:
            self.say("sends", Verdict.NOTE, f"{counted(count, 'send')} under way.", "aftersend send status")
        if not unsure and not count:
            self.say("sends", Verdict.FINE, "No send is open.")

    def derived(self, store: Store) -> None:
        """Compare what is derived with what follows from the events.

        Raises:
            NotFound: no campaign of the name that was given.
        """
        if not self.current:
            self.say("derived", Verdict.UNSEEN, "Only this version's tables can be looked at.")
            return
        campaign = None if self._campaign is None else find_campaign(store, self._campaign)
        self.astray = derived.look(store, None if campaign is None else campaign.id, self.tell, thorough=self.thorough)
        rows = self.held.rows.get("recipient", 0) if self.held is not None else 0
        self.findings += derived.findings(self.astray, rows if campaign is None else campaign.planned)

    def forgotten(self, connection: Asked, key_is_there: bool) -> None:
        """Look whether forgotten people can be known again."""
        if not self.current:
            return
        count = connection.execute("SELECT count(*) FROM forgotten WHERE digest NOT LIKE 'key:%'").fetchone()[0]
        if count and not key_is_there:
            said = (
                f"{number(count)} keyed {'hash' if count == 1 else 'hashes'} of forgotten people, and no key to them:"
            )
            self.say(
                "forgotten", Verdict.WRONG, f"{said} nothing can be imported or read in.", "Put NAME.forget-key back."
            )
