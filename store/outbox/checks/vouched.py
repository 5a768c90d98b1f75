"""What only a person can say: that somebody else has read the message, and that a test mail was looked at."""

from __future__ import annotations

from store.cleaning import clean
from store.outbox.checks.finding import Case, Found, Level

PROOF: str = "proof-read"
"""The rule that a second operator ticks."""
TEST: str = "test-mail"
"""The rule that is ticked when a test mail was seen."""


def proof_read(case: Case) -> Found:
    """Ask for a second pair of eyes: not the author's."""
    vouch = case.vouches.get(PROOF)
    if vouch is None or vouch.reason:
        writer = clean(case.message.writer)
        who = f"somebody else than {writer}, who wrote it," if writer else "somebody who did not write it"
        yield Level.ASKED, f"Has {who} read it? Then they tick it", ""
    else:
        yield Level.GREEN, f"Proof-read by {clean(vouch.by)} on {vouch.at:%Y-%m-%d at %H:%M} UTC", ""


def test_mail(case: Case) -> Found:
    """Ask whether a test mail was looked at in a mail program."""
    vouch = case.vouches.get(TEST)
    if vouch is None or vouch.reason:
        yield Level.ASKED, "Has anybody looked at a test mail (send --test-to)? Then they tick it", ""
    else:
        yield Level.GREEN, f"A test mail was seen by {clean(vouch.by)} on {vouch.at:%Y-%m-%d at %H:%M} UTC", ""
