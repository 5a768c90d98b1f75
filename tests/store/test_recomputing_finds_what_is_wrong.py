"""Everything that is derived follows from events and marks; whatever else a table holds is found and named."""

from __future__ import annotations

import pytest

from sample_data.world import FIXED_NOW
from store.actions import triage
from store.database import Store
from store.journal import Operator
from store.recompute import Difference, differences

WHO = Operator("ann", "desk")


def found(store: Store) -> list[Difference]:
    return list(differences(store))


def test_the_sample_world_holds_what_follows_from_its_events(sample_store: Store) -> None:
    counted: list[int] = []
    assert list(differences(sample_store, counted.append)) == []
    assert counted[-1] == sample_store.rows("SELECT count(*) FROM recipient")[0][0]


def test_what_operators_decide_follows_too(sample_store: Store) -> None:
    failed = [id_ for (id_,) in sample_store.rows("SELECT id FROM recipient WHERE bounced_at IS NOT NULL LIMIT 9")]
    triage.excuse(sample_store, failed[:4], WHO, FIXED_NOW)
    triage.later(sample_store, failed[4:6], WHO, FIXED_NOW)
    triage.clear(sample_store, failed[6:7], WHO, FIXED_NOW)
    triage.mark_hard(sample_store, failed[7:8], WHO, FIXED_NOW)
    triage.block(sample_store, failed[8:], WHO, FIXED_NOW)
    assert found(sample_store) == []


@pytest.mark.parametrize("thorough", [False, True], ids=["screened", "thorough"])
@pytest.mark.parametrize(
    ("change", "table", "column"),
    [
        ("UPDATE recipient SET opened_at = opened_at + 1 WHERE id = {r}", "recipient", "opened_at"),
        ("UPDATE recipient SET clicks = clicks + 1 WHERE id = {r}", "recipient", "clicks"),
        ("UPDATE recipient SET engagement = 0 WHERE id = {r}", "recipient", "engagement"),
        ("UPDATE recipient SET partly = TRUE WHERE id = {r}", "recipient", "partly"),
        ("UPDATE recipient SET outcome_max = 7 WHERE id = {r}", "recipient", "outcome_max"),
        ("UPDATE campaign_stat SET n = n + 1 WHERE delivery = 40", "campaign_stat", ""),
        ("DELETE FROM clicker WHERE recipient_id = {r}", "clicker", ""),
        ("UPDATE clicker SET clicks = clicks + 1 WHERE recipient_id = {r}", "clicker", ""),
        ("UPDATE campaign SET started_at = started_at - 1 WHERE id = 1", "campaign", "started_at"),
        ("UPDATE address SET consecutive = 9 WHERE id = 1", "address", "consecutive"),
        ("DELETE FROM address WHERE id = 1", "address", ""),
        ("UPDATE event SET recipient_id = -1 WHERE recipient_id = {r}", "event", "recipient_id"),
    ],
)
def test_a_value_that_does_not_follow_is_named(
    sample_store: Store, change: str, table: str, column: str, thorough: bool
) -> None:
    sql = (
        "SELECT min(r.id) FROM recipient AS r JOIN clicker AS k ON k.recipient_id = r.id"
        " WHERE r.opened_at IS NOT NULL AND NOT r.partly"
    )
    clicked = sample_store.rows(sql)[0][0]
    sample_store.run(lambda: sample_store.execute(change.format(r=clicked)))
    named = list(differences(sample_store, thorough=thorough))
    assert (table, column) in {(one.table, one.column) for one in named}


def test_both_values_are_told(sample_store: Store) -> None:
    id_, opened = sample_store.rows("SELECT id, opened_at FROM recipient WHERE opened_at IS NOT NULL LIMIT 1")[0]
    sample_store.run(lambda: sample_store.execute("UPDATE recipient SET opened_at = 5 WHERE id = ?", (id_,)))
    assert found(sample_store) == [Difference("recipient", (id_,), "opened_at", 5, opened)]


_COLUMNS = (
    *(
        "delivery",
        "engagement",
        "triage",
        "partly",
        "bounce_kind",
        "reason",
        "status",
        "reply",
        "sent_at",
        "deferred_at",
    ),
    *("delivered_at", "bounced_at", "failed_at", "opened_at", "machine_opened_at", "clicked_at", "machine_clicked_at"),
    *("engaged_at", "replied_at", "complained_at", "unsubscribed_at", "clicks", "outcome_min", "outcome_max"),
)


def test_the_screening_misses_nothing_that_is_wrong_with_a_recipient(sample_store: Store) -> None:
    """Each column of some recipients gets the value of another one, which differs from their own."""

    def confuse() -> None:
        for at, column in enumerate(_COLUMNS):
            other = (
                f"SELECT o.{column} FROM recipient AS o WHERE o.{column} <> coalesce(recipient.{column}, -1) LIMIT 1"
            )
            sample_store.execute(
                f"UPDATE recipient SET {column} = ({other}) WHERE id % ? = ? AND EXISTS ({other})", (len(_COLUMNS), at)
            )

    sample_store.run(confuse)
    screened = [one for one in found(sample_store) if one.table == "recipient"]
    assert {one.column for one in screened} == set(_COLUMNS)
    thorough = [one for one in differences(sample_store, thorough=True) if one.table == "recipient"]
    assert sorted(map(repr, screened)) == sorted(map(repr, thorough))


def test_one_campaign_is_looked_at_alone(sample_store: Store) -> None:
    wrong = "UPDATE recipient SET clicks = clicks + 1 WHERE id IN (SELECT min(id) FROM recipient GROUP BY campaign_id)"
    sample_store.run(lambda: sample_store.execute(wrong))
    campaigns = [id_ for (id_,) in sample_store.rows("SELECT id FROM campaign ORDER BY id")]
    first = {id_: one for id_, one in sample_store.rows("SELECT campaign_id, min(id) FROM recipient GROUP BY 1")}
    for id_ in campaigns:
        named = [one.key for one in differences(sample_store, campaign_id=id_)]
        assert named == ([(first[id_],)] if id_ in first else [])
    assert len(found(sample_store)) == len(first) > 1
