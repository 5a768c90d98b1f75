"""Finding recipients by an address."""

from __future__ import annotations

from typing import Any

from store.addresses import address_key
from store.database import Store


def recipients_of_address(store: Store, address: str, campaign_id: int | None = None) -> tuple[int, ...]:
    """Return the ids of the recipients that had this address, or whose contact has it today; the oldest campaign first.

    Repetitions of an address within one list are left out: they never get the mail.

    Args:
        store: the open store.
        address: the address in any spelling.
        campaign_id: only recipients of this campaign; None: of all.
    """
    key = address_key(address)
    sql = (
        "SELECT id, campaign_id FROM recipient WHERE address_key = ? AND occurrence = 0"
        " UNION SELECT r.id, r.campaign_id FROM contact AS c JOIN recipient AS r ON r.contact_id = c.id"
        " WHERE c.email_key = ? AND r.occurrence = 0"
    )
    parameters: list[Any] = [key, key]
    if campaign_id is not None:
        sql = f"SELECT id, campaign_id FROM ({sql}) AS found WHERE campaign_id = ?"
        parameters.append(campaign_id)
    found = store.rows(f"{sql} ORDER BY campaign_id, id", parameters)
    return tuple(int(id_) for id_, _ in found)
