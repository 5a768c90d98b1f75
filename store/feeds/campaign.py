"""The headers by which a mail names its campaign."""

from __future__ import annotations

CAMPAIGN_HEADERS = ("x-campaign-id", "x-campaignid", "x-listmonk-campaign", "x-campaign", "list-id")
"""Headers that name the campaign, the surest first."""


def campaign_of(name: str, value: str) -> str | None:
    """Return the campaign that a header names: its value, or the label of a List-ID (RFC 2919)."""
    if name.lower() == "list-id":
        inner = value.rpartition("<")[2].partition(">")[0]
        value = inner.partition(".")[0]
    return value.strip() or None
