"""The list has short words, the history the classifier's sentences; both know every reason."""

from __future__ import annotations

import pytest

from store.feeds.bounces.classifier import reasons, sentence
from store.fold import MARKED_BY_OPERATOR
from store.vocabulary import EventType
from tests.present.made import NOON, event, history
from tui.present.history import history_lines
from tui.present.words import reason_sentence, reason_word


@pytest.mark.parametrize("reason", sorted(reasons()))
def test_every_reason_has_a_short_word_for_the_list(reason: str) -> None:
    assert reason_word(reason) != reason or reason in {"filtered", "greylisted"}
    assert len(reason_word(reason)) <= 24


@pytest.mark.parametrize("reason", sorted(reasons()))
def test_the_history_says_what_the_classifier_says(reason: str) -> None:
    found = history(events=(event(type=EventType.BOUNCED, reason=reason),))
    lines = ["".join(text for text, _ in line).strip() for line in history_lines(found, 120, NOON)]
    assert f"{sentence(reason)}." in lines


def test_a_mark_and_no_reason_have_no_sentence() -> None:
    assert reason_sentence(None) == reason_sentence(MARKED_BY_OPERATOR) == ""
    assert reason_sentence("martians") == "martians"
