from __future__ import annotations

from pathlib import Path

import pytest

from store.feeds.bounces.reading import reading

NOTICES = Path(__file__).with_name("notices")
OTHERS = Path(__file__).with_name("no_notices")
REASONS = {
    "exim-rcpt": "userunknown",
    "exim-unrouteable": "hostunknown",
    "exim-retry": "expired",
    "exim-frozen-warning": "expired",
    "qmail": "userunknown",
    "qmail-cname": "hostunknown",
    "qmail-quota": "mailboxfull",
    "exchange-de": "userunknown",
    "exchange-de-full": "mailboxfull",
    "gmx-de": "userunknown",
    "gmail": "userunknown",
    "domino": "userunknown",
    "groupwise": "userunknown",
    "mdaemon": "userunknown",
    "mailenable": "hostunknown",
    "courier": "userunknown",
    "opensmtpd": "userunknown",
    "hmailserver": "userunknown",
    "james": "userunknown",
    "spanish": "mailboxfull",
    "russian": "userunknown",
    "chinese": "mailboxfull",
    "polish": "mailboxfull",
    "dutch": "userunknown",
    "html-only": "userunknown",
    "fields-in-text": "userunknown",
    "ms-365": "userunknown",
    "sendmail-old": "userunknown",
}


@pytest.mark.parametrize("file", sorted(NOTICES.glob("*.eml")), ids=lambda file: str(file.stem))
def test_a_notice_of_any_server_in_any_language_names_its_recipient(file: Path) -> None:
    [recipient] = reading(file.read_bytes(), file.name, 0).recipients
    assert recipient["address"] == "ann@shop.example"
    if file.stem in REASONS:
        assert recipient["reason"] == REASONS[file.stem]


@pytest.mark.parametrize("file", sorted(OTHERS.glob("*.eml")), ids=lambda file: str(file.stem))
def test_mail_that_is_no_bounce_touches_no_address(file: Path) -> None:
    assert all(one["kind"] == "none" for one in reading(file.read_bytes(), file.name, 0).recipients)


def test_a_reading_says_what_the_mail_is_about_in_plain_words() -> None:
    [recipient] = reading((NOTICES / "exim-rcpt.eml").read_bytes(), "a.eml", 0).recipients
    assert (recipient["kind"], recipient["bounce_kind"], recipient["acts"]) == ("hard", "hard", "recipient")
    assert (recipient["sentence"], recipient["command"]) == ("There is no such mailbox", "RCPT")
    assert (recipient["status"], recipient["reply"], recipient["message_id"]) == ("5.1.1", 550, "c1.7@news.example")
