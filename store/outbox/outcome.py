"""How one attempt to hand a mail to the relay ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from store.feeds.bounces.classifier import find_status


class Ending(Enum):
    """What is known of a mail after an attempt.

    ``ACCEPTED``: the relay answered 2xx to the end of the data; the mail is its now. ``DEFERRED``: it answered 4xx to
    the recipient or the mail. ``REFUSED``: 5xx, likewise. ``LOST``: something went wrong before the end of the data was
    sent, so it has surely not left. ``UNSURE``: the end of the data was sent, or may have been, and no answer came.
    ``HELD``: this mail cannot be made or handed over; somebody has to look.
    """

    ACCEPTED = auto()
    DEFERRED = auto()
    REFUSED = auto()
    LOST = auto()
    UNSURE = auto()
    HELD = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended.

    Attributes:
        command: what the relay answered to ("RCPT", "DATA" for the mail itself); "": to nothing.
        reply: its reply code; None: there was none.
        words: what it said, or what happened, for people.
    """

    ending: Ending
    command: str = ""
    reply: int | None = None
    words: str = ""

    @property
    def status(self) -> str | None:
        """The enhanced status code (RFC 2034) in the relay's words."""
        return find_status(self.words) if self.reply is not None else None
