"""What files hold of a row: headings and where their values stand."""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """One column of a file.

    Attributes:
        heading: its heading.
        name: the row's attribute.
        brief: whether it stands also in files that are read, not processed (HTML, text).
    """

    heading: str
    name: str
    brief: bool = False


RECIPIENT_FIELDS = (
    Field("Campaign", "campaign", True),
    Field("Address", "address", True),
    Field("Address today", "contact_address", True),
    Field("Name", "name", True),
    Field("Company", "company", True),
    Field("Language", "language"),
    Field("Responsible", "responsible", True),
    Field("Delivery", "delivery", True),
    Field("Engagement", "engagement", True),
    Field("Skip reason", "skip_reason"),
    Field("Bounce kind", "bounce_kind", True),
    Field("Reason", "reason", True),
    Field("Status", "status", True),
    Field("Reply", "reply"),
    Field("Triage", "triage"),
    Field("Decision", "decision", True),
    Field("Blocked", "blocked", True),
    Field("Partly", "partly"),
    Field("Clicks", "clicks"),
    Field("Sent at", "sent_at", True),
    Field("Delivered at", "delivered_at"),
    Field("Deferred at", "deferred_at"),
    Field("Bounced at", "bounced_at", True),
    Field("Opened at", "opened_at", True),
    Field("Machine opened at", "machine_opened_at"),
    Field("Clicked at", "clicked_at", True),
    Field("Machine clicked at", "machine_clicked_at"),
    Field("Replied at", "replied_at"),
    Field("Complained at", "complained_at"),
    Field("Unsubscribed at", "unsubscribed_at"),
    Field("Cleared at", "cleared_at"),
)
"""Of a recipient: everything but the inner numbers."""

CLICKER_FIELDS = (
    Field("Address", "address", True),
    Field("Name", "name", True),
    Field("Company", "company", True),
    Field("Clicks", "clicks", True),
    Field("Clicks by machines", "machine_clicks", True),
    Field("First click", "first_at", True),
    Field("Last click", "last_at", True),
)
"""Of somebody who clicked a link."""

CORRECTION_FIELDS = (
    Field("Old address", "old", True),
    Field("New address", "new", True),
    Field("CRM id", "crm_id", True),
    Field("Name", "name", True),
    Field("Company", "company", True),
    Field("Campaign", "campaign", True),
    Field("Corrected at", "at", True),
    Field("By", "operator", True),
    Field("Contact", "contact_id"),
)
"""Of a correction: what a CRM needs to take it over."""

JOURNAL_FIELDS = (
    Field("Entry", "id", True),
    Field("When", "ts", True),
    Field("Who", "operator", True),
    Field("From", "host"),
    Field("Verb", "verb", True),
    Field("What", "sentence", True),
    Field("Rows", "subjects", True),
    Field("Undone at", "undone_at", True),
    Field("Undone by", "undone_by", True),
    Field("Undoable", "undoable"),
)
"""Of an entry of the journal."""

COMPLAINT_FIELDS = (
    Field("Complained at", "at", True),
    Field("Address", "address", True),
    Field("Name", "name", True),
    Field("Company", "company", True),
    Field("Campaign", "campaign", True),
    Field("Feedback", "feedback", True),
    Field("Told by", "source", True),
    Field("Feed", "feed"),
    Field("Consent withdrawn", "withdrawn", True),
    Field("Blocked at", "blocked_at", True),
    Field("Mails since", "sent_since", True),
    Field("Last of them", "sent_last", True),
)
"""Of a complaint about spam."""

PERSON_FIELDS = (
    Field("Name", "name", True),
    Field("Address", "address", True),
    Field("Company", "company", True),
    Field("Earlier addresses", "other_addresses", True),
    Field("Campaigns", "campaigns", True),
    Field("Last event", "last_event", True),
    Field("Last at", "last_at", True),
    Field("Last campaign", "last_campaign", True),
    Field("Blocked", "blocked", True),
    Field("Former", "former", True),
    Field("Complained", "complained", True),
    Field("Unsubscribed", "unsubscribed", True),
    Field("Consent", "consent"),
)
"""Of a person over all campaigns."""

BLOCKED_FIELDS = (
    Field("Address", "address", True),
    Field("Domain", "domain"),
    Field("Reason", "reason", True),
    Field("Since", "since", True),
    Field("Failed campaigns", "failures", True),
    Field("By", "by", True),
    Field("Last success", "last_success_at", True),
    Field("Name", "name", True),
    Field("Company", "company", True),
)
"""Of a blocked address."""
