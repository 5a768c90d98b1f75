"""One statement tells how most addresses stand: it says what the fold says, whatever happened to them before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.database import Store
from store.fold import AddressState
from store.policy import COUNTABLE, SETTINGS, Policy
from store.standing import settle_keys, states_under
from store.vocabulary import BlockReason, BounceKind, Decision, Delivery, Triage
from tests.store.building import Builder

KEYS = [f"{name}@shop.example" for name in "abcd"]
moments = st.integers(0, 4)


@dataclass(frozen=True)
class Sent:
    """A mail to an address, and what came of it."""

    key: str
    delivery: Delivery
    at: int
    kind: BounceKind
    excused: bool
    complained_at: int | None
    unsubscribed_at: int | None


@dataclass(frozen=True)
class Said:
    """What an operator said of an address."""

    blocked_at: int | None
    reason: BlockReason | None
    freed_at: int | None


sent = st.builds(
    Sent,
    st.sampled_from(KEYS),
    st.sampled_from([Delivery.SENT, Delivery.DELIVERED, Delivery.DELIVERED, Delivery.BOUNCED, Delivery.REJECTED]),
    moments,
    st.sampled_from([*COUNTABLE, *COUNTABLE, BounceKind.BLOCK]),
    st.sampled_from([False] * 5 + [True]),
    st.sampled_from([None] * 20 + [1]),
    st.sampled_from([None] * 20 + [2]),
)
said = st.one_of(
    *[st.none()] * 3,
    *[st.just(Said(None, None, None))] * 3,
    st.builds(Said, st.none(), st.none(), moments),
    st.builds(Said, moments, st.sampled_from([None, BlockReason.DELETED]), st.none()),
)
policies = st.builds(
    Policy,
    st.sampled_from([0, 1, 2, 5]),
    st.booleans(),
    st.sampled_from([frozenset(COUNTABLE), frozenset(COUNTABLE), frozenset(COUNTABLE[:1]), frozenset()]),
    st.sampled_from([0, 1]),
    st.booleans(),
)


@pytest.fixture
def build(store: Store) -> Builder:
    return Builder(store)


class _Over(Exception):
    """Takes back what an example wrote."""


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    mails=st.lists(sent, max_size=7),
    later=st.lists(sent, max_size=3),
    words=st.tuples(*[said] * len(KEYS)),
    policy=policies,
    telling=st.frozensets(st.sampled_from(KEYS)),
)
def test_what_is_written_is_what_the_fold_says(
    build: Builder,
    mails: Sequence[Sent],
    later: Sequence[Sent],
    words: Sequence[Said | None],
    policy: Policy,
    telling: frozenset[str],
) -> None:
    store = build.store

    def example() -> None:
        for setting in SETTINGS:
            held = (setting.name, policy.text(setting.name))
            store.execute("INSERT INTO setting (name, value) VALUES (?, ?)", held)
        rows = dict(zip(KEYS, words, strict=True))
        for key, word in rows.items():
            if word is not None:
                reason = word.reason.code if word.reason else None
                build.address(
                    key, operator_blocked_at=word.blocked_at, operator_reason=reason, operator_freed_at=word.freed_at
                )
        there = {key for key, word in rows.items() if word is not None} | telling
        for some in (mails, later):
            for mail in some:
                _send(build, mail)
            settle_keys(store, telling, set(KEYS) - telling)
            assert standing(store) == {
                key: state for key, (_, state) in states_under(store, KEYS, policy).items() if key in there
            }
        raise _Over

    with pytest.raises(_Over):
        store.run(example)


def _send(build: Builder, mail: Sent) -> None:
    failed = mail.delivery.code > Delivery.DELIVERED.code
    number = build.store.execute("SELECT count(*) FROM campaign").fetchone()[0]
    campaign = build.campaign(f"Letter {number}")
    build.recipient(
        campaign,
        number,
        mail.key,
        delivery=mail.delivery.code,
        sent_at=mail.at,
        delivered_at=mail.at if mail.delivery is Delivery.DELIVERED else None,
        bounced_at=mail.at if failed else None,
        failed_at=mail.at if failed else None,
        bounce_kind=mail.kind.code if failed else None,
        decision=Decision.EXCUSED.code if mail.excused else None,
        triage=(Triage.DONE if mail.excused else Triage.NONE).code,
        complained_at=mail.complained_at,
        unsubscribed_at=mail.unsubscribed_at,
    )


def standing(store: Store) -> dict[str, AddressState]:
    found = store.execute(f"SELECT key, {', '.join(AddressState._fields)} FROM address").fetchall()
    return {key: _state(*values) for key, *values in found}


def _state(
    consecutive: int,
    bounced: int | None,
    success: int | None,
    blocked: int | None,
    reason: int | None,
    unsubscribed: int | None,
    complained: int | None,
) -> AddressState:
    word = None if reason is None else BlockReason.of(reason)
    return AddressState(consecutive, bounced, success, blocked, word, unsubscribed, complained)


def test_a_new_row_carries_the_address_as_the_first_list_wrote_it(build: Builder) -> None:
    first, second = build.campaign("First"), build.campaign("Second")
    contact = build.contact("a@shop.example")
    build.recipient(second, contact, "A@shop.example", delivery=Delivery.DELIVERED.code, delivered_at=1)
    build.recipient(first, contact, "a@Shop.example", delivery=Delivery.DELIVERED.code, delivered_at=2)
    build.store.run(lambda: settle_keys(build.store, ["a@shop.example"]))
    assert build.store.rows("SELECT key, address FROM address") == [("a@shop.example", "A@shop.example")]
