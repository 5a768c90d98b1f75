"""What the doctor found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What a check says."""

    FINE = "fine"
    NOTE = "note"
    UNSEEN = "not seen"
    WRONG = "wrong"
    MENDED = "mended"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: what was looked at ("modes").
        verdict: how it stands; ``unseen`` if it could not be looked at.
        sentence: what was found, for people.
        advice: what can be done about it; "" if nothing need be.
        examples: single things that are wrong, the first ones.
    """

    check: str
    verdict: Verdict
    sentence: str
    advice: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a store is, whether or not anything is wrong with it.

    Attributes:
        place: the file, or the URL without a password.
        size_bytes: its size; None if that is not known.
        log_bytes: the size of its write-ahead log; None where there is none to see.
        free_bytes: the room that is left on its disk; None if that is not known.
        schema: the last migration of its tables; "" if they could not be read.
        rows: table -> its number of rows.
        users: other processes that have it open; None if that cannot be known.
        backup_at: when the last backup was made, by the journal; None: never, or not known.
        backup: what the journal says of it.
    """

    place: str
    size_bytes: int | None
    log_bytes: int | None
    free_bytes: int | None
    schema: str
    rows: dict[str, int]
    users: tuple[str, ...] | None
    backup_at: datetime | None
    backup: str


@dataclass(frozen=True, slots=True)
class Health:
    """A store as the doctor sees it.

    Attributes:
        versions: program or library -> its version.
        store: what it is.
        findings: one or several a check, in the order of the checks.
    """

    versions: dict[str, str]
    store: StoreFacts
    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """The checks that found something wrong, each once."""
        return tuple(dict.fromkeys(one.check for one in self.findings if one.verdict is Verdict.WRONG))

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong, of what could be looked at."""
        return not self.wrong
