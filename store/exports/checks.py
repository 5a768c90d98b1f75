"""The findings of the gate as objects for JSON."""

from __future__ import annotations

from typing import Any

from store.outbox.checks.finding import Finding


def finding_object(finding: Finding) -> dict[str, Any]:
    """Return a finding; "vouched" is who ticked it or overrode it, "blocks" whether nothing is sent because of it."""
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "sentence": finding.sentence,
        "where": finding.where or None,
        "vouched": finding.vouched or None,
        "blocks": finding.blocks,
    }
