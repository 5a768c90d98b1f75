"""What a real Postfix does with a campaign's mails is what the store says of its recipients."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.actions.imports import import_recipients
from store.database import Store
from store.ingest import ingest
from store.journal import Operator
from store.queries.campaigns import list_campaigns
from store.vocabulary import Delivery
from tests.postfix import Postfix

NOW = datetime(2026, 3, 5, 8, tzinfo=UTC)
WHO = Operator("ann", "desk")


def planned(store: Store, folder: Path, key: str, addresses: list[str]) -> None:
    """Import recipients with these addresses as a campaign."""
    file = folder / f"{key}.csv"
    file.write_text("email\n" + "".join(f"{address}\n" for address in addresses))
    import_recipients(store, file, key, WHO, NOW, key=key)


def deliveries(store: Store, campaign: str) -> dict[str, Delivery]:
    """Return address -> delivery of a campaign's recipients."""
    sql = "SELECT r.address, r.delivery FROM recipient AS r JOIN campaign AS p ON p.id = r.campaign_id WHERE p.key = ?"
    return {address: Delivery.of(code) for address, code in store.rows(sql, (campaign,))}


@pytest.mark.parametrize("order", [("log", "mails"), ("mails", "log")])
def test_its_log_and_its_notices_give_the_true_state_of_everybody(
    postfix: Postfix, store: Store, tmp_path: Path, order: tuple[str, str]
) -> None:
    spring = [f"{how}{n}@shop{n % 3}.example" for how in ("ann", "later", "unknown") for n in range(10)]
    planned(store, tmp_path, "spring", spring)
    planned(store, tmp_path, "summer", ["ann1@shop1.example", "unknown2@shop2.example", "unsent@shop.example"])
    before = len(postfix.logged())
    postfix.send(spring, "spring")
    postfix.send(["ann1@shop1.example", "unknown2@shop2.example"], "summer")
    postfix.settle()
    log = tmp_path / "mail.log"
    log.write_text(postfix.logged()[before:])
    for what in order:
        ingest(store, [log if what == "log" else postfix.maildir], NOW)
    true = {"ann": Delivery.DELIVERED, "later": Delivery.DEFERRED, "unknown": Delivery.BOUNCED}
    found = deliveries(store, "spring")
    assert found == {address: true[re.split(r"\d", address)[0]] for address in spring}
    assert Counter(deliveries(store, "summer").values()) == {
        Delivery.DELIVERED: 1,
        Delivery.BOUNCED: 1,
        Delivery.READY: 1,
    }
    assert len(postfix.receiver.taken) == 11
    assert all(row.adds_up and not row.strangers for row in list_campaigns(store))
