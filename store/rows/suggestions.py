"""Which address was probably meant, and which ones were corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """An address that may be meant.

    Attributes:
        address: it can be taken as it is: its syntax was checked, nothing in it does harm on a terminal.
        score: how probable it is, 0 to 99.
        why: a sentence.
        against: why it is not accepted ("It is blocked itself."); "" if nothing speaks against it.
        asked: what the DNS says of its domain; "" if it was not asked.
    """

    address: str
    score: int
    why: str
    against: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """What may be meant by the address of one recipient.

    Attributes:
        id: the recipient's.
        address: the address used.
        choices: what may be meant: the most probable first, what cannot be accepted last.
        best: the one that a key accepts; None if none is sure enough, or if two are as probable.
    """

    id: int
    campaign_id: int
    campaign: str
    name: str
    address: str
    choices: tuple[SuggestionRow, ...] = ()
    best: SuggestionRow | None = None

    @property
    def refusal(self) -> str:
        """Why nothing can be accepted; "" if something can."""
        if self.best is not None:
            return ""
        if not self.choices:
            return f"No better address is known for {self.address}."
        first = self.choices[0]
        if first.against:
            return f"{first.address} may be meant, but {first.against[:1].lower()}{first.against[1:]}"
        return f"Which address is meant by {self.address} is not sure enough to be accepted with a key."


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """An address that an operator corrected, for the CRM.

    Attributes:
        journal_id: the entry in which it was done; it stands.
        contact_id: the store's number of the contact.
        recipient_id: through whose failure it was corrected; None if that is no longer there.
        crm_id: the CRM's; None if it gave none.
        campaign: the one whose failure led to it.
    """

    journal_id: int
    at: datetime
    operator: str
    contact_id: int
    recipient_id: int | None
    crm_id: str | None
    name: str
    company: str
    old: str
    new: str
    campaign: str

    @property
    def id(self) -> int:
        """One number of entry and contact: one entry corrects a contact once."""
        return (self.journal_id << 32) + self.contact_id
