"""One word for a recipient's state."""

from __future__ import annotations

from store.rows import RecipientRow
from store.vocabulary import FAILED_DELIVERY, Delivery, Engagement

_WORDS = {
    Engagement.COMPLAINED: "complained",
    Engagement.UNSUBSCRIBED: "unsubscribed",
    Engagement.REPLIED: "replied",
    Engagement.CLICKED: "clicked",
    Engagement.OPENED: "read",
}


def state_word(row: RecipientRow) -> str:
    """Return the word that says most about a recipient: the failure, else what the person did, else the delivery."""
    if row.delivery is Delivery.BOUNCED and row.bounce_kind is not None:
        return f"bounced {row.bounce_kind}"
    if row.delivery in FAILED_DELIVERY:
        return row.delivery
    return _WORDS.get(row.engagement, row.delivery)
