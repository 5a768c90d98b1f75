from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.vocabulary import BounceKind, Decision, Delivery, Engagement, SkipReason, Triage
from tests.present.made import campaign, recipient
from tui.present.cells import width
from tui.present.colours import STYLE_NAMES
from tui.present.words import BUCKET_LOOKS, campaign_look, reason_word, state_look, state_word, why


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"delivery": Delivery.READY}, "Ready"),
        ({"delivery": Delivery.SKIPPED, "skip_reason": SkipReason.DUPLICATE}, "Skipped: duplicate"),
        ({"delivery": Delivery.SENT}, "Sent"),
        ({"delivery": Delivery.DEFERRED}, "Deferred"),
        ({}, "Delivered"),
        ({"partly": True}, "Delivered +"),
        ({"engagement": Engagement.MACHINE}, "Opened (machine)"),
        ({"engagement": Engagement.OPENED}, "Read"),
        ({"delivery": Delivery.SENT, "engagement": Engagement.CLICKED}, "Clicked"),
        ({"engagement": Engagement.REPLIED}, "Replied"),
        ({"engagement": Engagement.UNSUBSCRIBED}, "Unsubscribed"),
        ({"engagement": Engagement.COMPLAINED}, "Complained"),
        ({"delivery": Delivery.BOUNCED, "bounce_kind": BounceKind.HARD}, "Bounced hard"),
        ({"delivery": Delivery.BOUNCED, "bounce_kind": BounceKind.SOFT}, "Bounced soft"),
        ({"delivery": Delivery.BOUNCED, "bounce_kind": BounceKind.BLOCK}, "Blocked (server)"),
        ({"delivery": Delivery.BOUNCED, "bounce_kind": BounceKind.CONTENT}, "Content refused"),
        ({"delivery": Delivery.BOUNCED}, "Bounced"),
        ({"delivery": Delivery.EXPIRED}, "Expired"),
        ({"delivery": Delivery.REJECTED}, "Rejected"),
    ],
)
def test_both_facets_give_one_word(given, word):
    assert state_word(recipient(**given)) == word


@given(
    st.sampled_from(Delivery),
    st.sampled_from(Engagement),
    st.none() | st.sampled_from(BounceKind),
    st.none() | st.sampled_from(SkipReason),
    st.sampled_from(Triage),
)
def test_every_state_has_a_sign_of_one_cell_and_a_known_style(delivery, engagement, kind, skip, triage):
    row = recipient(delivery=delivery, engagement=engagement, bounce_kind=kind, skip_reason=skip, triage=triage)
    look = state_look(row)
    assert width(look.sign) == 1
    assert look.word[0].isupper()
    assert look.style in STYLE_NAMES


def test_no_two_states_share_a_sign_so_that_colour_is_never_alone():
    looks = {
        (look.sign, look.word)
        for delivery in Delivery
        for engagement in Engagement
        for kind in (None, *BounceKind)
        for look in [state_look(recipient(delivery=delivery, engagement=engagement, bounce_kind=kind))]
    }
    words = {word for _, word in looks} - {"Bounced"}
    signs = {sign for sign, word in looks if word in words}
    assert len(signs) == len(words)


def test_buckets_have_signs_of_their_own():
    assert len({look.sign for look in BUCKET_LOOKS.values()}) == len(BUCKET_LOOKS)


def test_a_failure_somebody_decided_about_turns_quiet():
    row = recipient(delivery=Delivery.BOUNCED, bounce_kind=BounceKind.HARD, triage=Triage.OPEN)
    assert state_look(row).style == "bad"
    row = recipient(delivery=Delivery.BOUNCED, bounce_kind=BounceKind.HARD, triage=Triage.DONE)
    assert state_look(row).style == "muted"


def test_why_tells_decision_cause_and_block():
    row = recipient(
        delivery=Delivery.BOUNCED,
        bounce_kind=BounceKind.HARD,
        reason="userunknown",
        status="5.1.1",
        reply=550,
        decision=Decision.FIXED,
        blocked=True,
    )
    assert why(row) == "fixed, unknown user, blocked, 5.1.1"
    assert why(recipient()) == ""
    assert why(recipient(reason=None, reply=550)) == "550"


def test_who_was_skipped_is_told_why_without_a_repetition():
    assert why(recipient(delivery=Delivery.SKIPPED, skip_reason=SkipReason.NO_CONSENT)) == "no consent"
    assert why(recipient(delivery=Delivery.SKIPPED, skip_reason=SkipReason.BLOCKED, blocked=True)) == "blocked"


def test_a_blocked_decision_is_not_said_twice():
    assert why(recipient(decision=Decision.BLOCKED, blocked=True)) == "blocked"


def test_an_unknown_reason_is_shown_as_it_is():
    assert reason_word("martians") == "martians"
    assert reason_word(None) == ""


def test_a_campaign_says_where_it_stands():
    assert campaign_look(campaign(planned=3, ready=3)).word == "planned"
    assert campaign_look(campaign(planned=3, under_way=1, delivered=2)).word == "under way"
    assert campaign_look(campaign(planned=3, delivered=3)).word == "finished"
