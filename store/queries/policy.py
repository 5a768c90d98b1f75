"""The policy that holds, and what another one would change."""

from __future__ import annotations

from store.database import Store
from store.policy import SETTINGS, Policy, policy_of


def load(store: Store) -> Policy:
    """Return the policy that holds."""
    known = {setting.name for setting in SETTINGS}
    found = store.rows("SELECT name, value FROM setting WHERE value IS NOT NULL")
    return policy_of({name: value for name, value in found if name in known})
