"""How long what is kept: the rules, what each means, and their defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from store.settings import Setting, named

PREFIX = "retention-"
"""Before the name of a rule in the table of settings."""

_FEWEST_MONTHS = 2
_MOST_MONTHS = 240
_MOST_DAYS = 3650
_DAYS_A_MONTH = 30.44


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept; 0: for ever.

    Attributes:
        mails_after_days: raw mails of Maildirs that were read in.
        words_after_days: servers' words, and whole records of nobody in a plan.
        events_after_months: single events; then the first and the last of a kind stay, with how many they stand for.
    """

    mails_after_days: int = 0
    words_after_days: int = 0
    events_after_months: int = 0

    def with_text(self, name: str, text: str) -> Retention:
        """Return the rules with one changed to what ``text`` says.

        Raises:
            BadInput: no rule has this name, or the text does not fit it.
        """
        setting = rule_named(name)
        return replace(self, **{setting.field: setting.read(text)})

    def text(self, name: str) -> str:
        """Return a rule as text that :meth:`with_text` reads."""
        return rule_named(name).text(self)

    @property
    def rules(self) -> bool:
        """Whether anything is to go at all."""
        return any(getattr(self, field.name) for field in fields(self))

    def mails_before(self, now: datetime) -> datetime | None:
        """Return from before when mails go; None: none does."""
        return now - timedelta(days=self.mails_after_days) if self.mails_after_days else None

    def words_before(self, now: datetime) -> datetime | None:
        """Return from before when words go; None: none does."""
        return now - timedelta(days=self.words_after_days) if self.words_after_days else None

    def events_before(self, now: datetime) -> datetime | None:
        """Return from before when events are folded; None: none is."""
        return now - timedelta(days=self.events_after_months * _DAYS_A_MONTH) if self.events_after_months else None


def rule_named(name: str) -> Setting:
    """Return the rule of this name.

    Raises:
        BadInput: there is none.
    """
    return named(RULES, name, "rule")


def retention_of(texts: Mapping[str, str]) -> Retention:
    """Return the rules that were kept as texts, by their names; what is not among them is kept for ever."""
    rules = Retention()
    for name, text in texts.items():
        rules = rules.with_text(name, text)
    return rules


def _whole(most: int, fewest: int = 1) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = 0 if text.casefold() == "never" else int(text)
        if number and not fewest <= number <= most:
            raise ValueError(text)
        return number

    return read


def _written(value: int) -> str:
    return str(value) if value else "never"


RULES: tuple[Setting, ...] = (
    Setting(
        "mails-after-days",
        "Delete raw mails after days",
        "The files of mails in Maildirs that were read in are deleted this many days after they came. Mailboxes of"
        " another form, IMAP and logs are left to their own rules.",
        f"never, or a whole number from 1 to {_MOST_DAYS}",
        _whole(_MOST_DAYS),
        _written,
    ),
    Setting(
        "words-after-days",
        "Drop servers' words after days",
        "What servers said (diagnostics), where it was read, and whole records of nobody in a plan go this many days"
        " after it happened. Causes and codes stay, and guesses become final.",
        f"never, or a whole number from 1 to {_MOST_DAYS}",
        _whole(_MOST_DAYS),
        _written,
    ),
    Setting(
        "events-after-months",
        "Fold events after months",
        "Of campaigns whose sending ended so many months ago, the first and the last event of each kind stay with each"
        " recipient, and how many they stand for; the others go. Every state and number stays.",
        f"never, or a whole number from {_FEWEST_MONTHS} to {_MOST_MONTHS}",
        _whole(_MOST_MONTHS, _FEWEST_MONTHS),
        _written,
    ),
)
"""Every rule, in the order in which they are shown."""
