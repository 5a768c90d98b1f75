"""When an address is blocked: settings change it, a trial shows it beforehand, undo takes it back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from store.actions.policy import set_policy
from store.actions.undo import redo, undo
from store.database import Store
from store.errors import BadInput
from store.fold import AddressState, Attempt, fold_address
from store.journal import Operator
from store.policy import SETTINGS, Policy, policy_of
from store.queries.policy import load
from store.queries.policy_trials import trial
from store.standing import settle_all, settle_keys
from store.vocabulary import BlockReason, BounceKind, Delivery
from tests.store.building import BASE, DAY, Builder

ANNA = Operator("anna", "desk")
NOW = datetime(2026, 3, 20, tzinfo=UTC)


def failures(count: int, kind: BounceKind = BounceKind.SOFT, every: int = DAY) -> list[Attempt]:
    return [Attempt(number * every, number, True, kind, None, None) for number in range(count)]


def test_five_campaigns_in_a_row_block_unless_the_policy_says_otherwise() -> None:
    assert fold_address(failures(5)).block_reason is BlockReason.BOUNCES_IN_A_ROW
    assert fold_address(failures(4)).blocked_at is None
    assert fold_address(failures(3), policy=Policy(block_after=3)).blocked_at == 2 * DAY
    assert fold_address(failures(50), policy=Policy(block_after=0)) == AddressState(50, 49 * DAY)


def test_a_hard_bounce_only_counts_where_it_does_not_block() -> None:
    policy = Policy(hard_blocks=False, block_after=2)
    assert fold_address(failures(1, BounceKind.HARD)).block_reason is BlockReason.HARD_BOUNCE
    assert fold_address(failures(1, BounceKind.HARD), policy=policy).blocked_at is None
    assert fold_address(failures(2, BounceKind.HARD), policy=policy).block_reason is BlockReason.BOUNCES_IN_A_ROW


def test_kinds_that_do_not_count_never_block() -> None:
    policy = Policy(counts=frozenset({BounceKind.HARD}))
    assert fold_address(failures(9), policy=policy) == AddressState(0, 8 * DAY)
    assert fold_address(failures(9, BounceKind.BLOCK)).blocked_at is None


def test_old_failures_are_forgotten_where_the_policy_says_so() -> None:
    policy = Policy(block_after=3, stale_after_days=10)
    assert fold_address(failures(3, every=9 * DAY), policy=policy).consecutive == 3
    assert fold_address(failures(3, every=10 * DAY), policy=policy) == AddressState(1, 20 * DAY)


def test_a_complaint_blocks_unless_the_policy_says_otherwise() -> None:
    attempts = [Attempt(0, 1, False, None, DAY, None)]
    assert fold_address(attempts).block_reason is BlockReason.COMPLAINT
    assert fold_address(attempts, policy=Policy(complaint_blocks=False)).blocked_at is None


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_reads_what_it_writes(setting: object) -> None:
    name = setting.name  # type: ignore[attr-defined]
    assert Policy().with_text(name, Policy().text(name)) == Policy()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("block-after", "-1"),
        ("block-after", "51"),
        ("block-after", "many"),
        ("hard-blocks", "perhaps"),
        ("counts", "hard,block"),
        ("counts", ""),
        ("stale-after-days", "1.5"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_does(name: str, text: str) -> None:
    with pytest.raises(BadInput, match=f"does not fit {name}; give "):
        Policy().with_text(name, text)


def test_an_unknown_setting_names_those_there_are() -> None:
    with pytest.raises(BadInput, match="“speed” is no setting; there are block-after, hard-blocks"):
        policy_of({"speed": "1"})


@pytest.fixture
def bouncing(store: Store) -> Store:
    """A store with one address that failed softly in three campaigns in a row, and one that failed hard once."""
    build = Builder(store)
    soft, hard = build.contact("often@shop.example"), build.contact("gone@shop.example")
    for number in range(3):
        campaign = build.campaign(f"Letter {number}", started_at=BASE + number * DAY)
        at = BASE + number * DAY
        build.recipient(
            campaign,
            soft,
            delivery=Delivery.BOUNCED.code,
            bounce_kind=BounceKind.SOFT.code,
            bounced_at=at,
            failed_at=at,
            triage=1,
        )
        if number == 2:
            build.recipient(
                campaign,
                hard,
                delivery=Delivery.BOUNCED.code,
                bounce_kind=BounceKind.HARD.code,
                bounced_at=at,
                failed_at=at,
                triage=1,
            )
    store.run(lambda: settle_keys(store, ["often@shop.example", "gone@shop.example"]))
    return store


def blocked(store: Store) -> dict[str, int | None]:
    return dict(store.rows("SELECT key, block_reason FROM address WHERE blocked_at IS NOT NULL"))


def test_a_trial_names_what_would_be_blocked_and_freed_and_changes_nothing(bouncing: Store) -> None:
    policy = Policy(block_after=3, hard_blocks=False)
    found = {row.address: row for row in trial(bouncing, policy)}
    assert found["often@shop.example"].blocks
    assert found["often@shop.example"].reason is BlockReason.BOUNCES_IN_A_ROW
    assert not found["gone@shop.example"].blocks
    assert found["gone@shop.example"].reason is BlockReason.HARD_BOUNCE
    assert blocked(bouncing) == {"gone@shop.example": BlockReason.HARD_BOUNCE.code}
    assert load(bouncing) == Policy()


def test_what_a_trial_shows_is_what_saving_does_and_undo_takes_it_back(bouncing: Store) -> None:
    before = bouncing.rows("SELECT * FROM address ORDER BY key")
    change = set_policy(bouncing, {"block-after": "3", "hard-blocks": "no"}, ANNA, NOW)
    assert change.count == 2
    assert "block-after 5 → 3" in change.sentence
    assert "as many addresses blocked as before" in change.sentence
    assert blocked(bouncing) == {"often@shop.example": BlockReason.BOUNCES_IN_A_ROW.code}
    undo(bouncing, ANNA, NOW)
    assert bouncing.rows("SELECT * FROM address ORDER BY key") == before
    assert load(bouncing) == Policy()
    redo(bouncing, ANNA, NOW)
    assert load(bouncing) == Policy(block_after=3, hard_blocks=False)
    assert list(blocked(bouncing)) == ["often@shop.example"]


def test_later_events_are_settled_by_the_policy_that_holds(bouncing: Store) -> None:
    set_policy(bouncing, {"block-after": "3"}, ANNA, NOW)
    bouncing.run(lambda: settle_all(bouncing))
    assert set(blocked(bouncing)) == {"often@shop.example", "gone@shop.example"}


def test_setting_what_holds_already_changes_nothing(bouncing: Store) -> None:
    change = set_policy(bouncing, {"block_after": " 5 "}, ANNA, NOW)
    assert (change.count, change.journal_id) == (0, None)
