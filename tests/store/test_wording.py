"""The servers' words without what is different in every mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.wording import LOOKED_AT, pattern

SAID = (
    (
        "host mx1.gmail.example[203.0.113.88] said: 550 5.1.1 <anna@gmail.example>: Recipient address rejected:"
        " User unknown in virtual mailbox table (in reply to RCPT TO command)",
        "550 5.1.1 <ADDRESS>: Recipient address rejected: User unknown in virtual mailbox table",
    ),
    (
        "550-5.7.26 Mail from news.example.org did not pass authentication. 550-5.7.26 Ask at"
        " 550 5.7.26 https://help.example.org/dmarc?id=a640c23a62f3a - gsmtp",
        "550-5.7.26 Mail from HOST did not pass authentication. Ask at 550 5.7.26 LINK - gsmtp",
    ),
    (
        "421 4.7.0 [2001:db8::25] Too many mails at 09:12:44, queue 4F1a2B3c4D, 12345 waiting",
        "421 4.7.0 [IP] Too many mails at TIME, queue ID, NUMBER waiting",
    ),
    (
        "Name service error for name=gmial.example type=AAAA: Host not found",
        "Name service error for name=HOST type=AAAA: Host not found",
    ),
    ("Reason: 552 5.2.2 <a@b.example>: mailbox full (#5.2.2)", "552 5.2.2 <ADDRESS>: mailbox full"),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found"),
    ("connect to mx3.b.example[198.51.100.7]:25: Connection refused", "connect to HOST: Connection refused"),
    ("", ""),
    (None, ""),
)


@pytest.mark.parametrize(("said", "wanted"), SAID)
def test_codes_and_words_stay_and_the_rest_has_a_name(said: str | None, wanted: str) -> None:
    assert pattern(said) == wanted


def test_what_stands_far_behind_makes_no_other_pattern_nor_does_a_word_cut_in_two() -> None:
    front = "550 5.7.1 " + "refused " * 40
    assert pattern(f"{front}ticket 4F1a2B3c4D") == pattern(f"{front}ticket 77aa88bb99cc")
    assert len(pattern(front)) <= LOOKED_AT
    told = "554 refused for a reason that is told at length " * 5
    assert pattern(f"{told[:235]}x1y2z3w4v5") == pattern(f"{told[:235]}a9b8c7d6e5")


@given(st.text(max_size=600))
def test_any_text_has_a_pattern_that_is_the_same_every_time(text: str) -> None:
    assert pattern(text) == pattern(text)
