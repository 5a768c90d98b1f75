"""What every feed yields: records (one event about one recipient) and defects (what could not be read)."""

from __future__ import annotations

from dataclasses import dataclass, field

from store.vocabulary import Actor, Attribution, BounceKind, EventType, Hop, Source

DEFECTS_KEPT = 1_000
"""So many defects of a feed are kept, the first ones; the others are counted."""

_LONGEST_SENTENCE = 500


@dataclass(slots=True)
class Record:
    """One thing that happened to one recipient of one message, as a feed tells it.

    Nothing changes one; it is not frozen, because making a frozen one of so many fields takes four times as long, and
    there are millions of them.

    Attributes:
        type: what happened.
        ts: when, in epoch milliseconds UTC; the event's own time, never the reading time.
        address: the final recipient as the feed writes it; "" if it is redacted or missing.
        source: the sort of feed.
        where: where it stands ("line 12", a mail's file name), for people.
        original: the address that was asked for, where an alias or forwarding led to ``address``.
        verp: the recipient that the VERP envelope sender names (user+box=host@ours -> box@host).
        message_id: RFC 5322 Message-ID of the campaign's mail, without angle brackets.
        campaign: the campaign key that the mail carries (X-Campaign-ID, List-ID label, tag), as written.
        identity: the provider's own id of this event; None: the fields below stand for it.
        status: RFC 3463 code "x.y.z".
        reply: SMTP reply code, 200 to 599.
        diagnostic: the server's words, whole and uncleaned.
        reason: reason name of the classifier ("userunknown", "mailboxfull", ...).
        kind: only for bounced, rejected and failed.
        expired: given up after temporary failures.
        actor: only for opened and clicked.
        hop: relay if a later server still has to deliver it.
        url: the link, for clicked.
        name: a display name that came along.
        command: the SMTP command that was refused ("RCPT", "DATA", ...).
        remote: the host that refused it.
        feedback: the sort of a complaint (RFC 5965: "abuse", "fraud", ...).
        list_id: the List-ID (RFC 2919) of the campaign's mail, without angle brackets.
        attribution: how sure the feed is that ``address`` is meant: fan-out and inferred if it names all recipients
            of a mail and not the one that the event is about.
        keys: other words of the mail that may be its campaign's key (tags); ``campaign`` is among them if it is no
            surer than they are.
        contact: the contact's id in the CRM, where the feed names that instead of an address.
        sealed: by what it is known again, in hexadecimal, if it is about somebody who was forgotten.
        known: by what it is known again (:func:`store.feeds.storing.dedupe_key`), if whoever read it worked it out.
    """

    type: EventType
    ts: int
    address: str
    source: Source
    where: str = ""
    original: str | None = None
    verp: str | None = None
    message_id: str | None = None
    campaign: str | None = None
    identity: str | None = None
    status: str | None = None
    reply: int | None = None
    diagnostic: str | None = None
    reason: str | None = None
    kind: BounceKind | None = None
    expired: bool = False
    actor: Actor = Actor.UNKNOWN
    hop: Hop = Hop.FINAL
    url: str | None = None
    name: str | None = None
    command: str | None = None
    remote: str | None = None
    feedback: str | None = None
    list_id: str | None = None
    attribution: Attribution = Attribution.EXACT
    keys: tuple[str, ...] = ()
    contact: str | None = None
    sealed: str | None = None
    known: bytes | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Defect:
    """A piece of a feed that could not be read.

    Attributes:
        where: "line 12", "line 3, column 40", or a mail's file name.
        sentence: what was expected there and what was found, in one sentence without the place.
        ends: the rest of the file could not be read at all.
    """

    where: str
    sentence: str
    ends: bool = False

    def __post_init__(self) -> None:
        """Cut a sentence that quotes a text of any length."""
        if len(self.sentence) > _LONGEST_SENTENCE:
            object.__setattr__(self, "sentence", f"{self.sentence[:_LONGEST_SENTENCE]}…")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a feed has been read; a feed yields one about every 1,000 records.

    Attributes:
        done: bytes (or mails) read so far.
        total: bytes (or mails) in all; 0 if unknown.
    """

    done: int
    total: int
