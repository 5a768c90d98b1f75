"""The output of Postfix's queue commands is read without trust."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from store.feeds.mailqueue import Headers, Queued, read_headers, read_queue

MAIL = {
    "queue_name": "deferred",
    "queue_id": "4C2912B6162",
    "arrival_time": 1795329380,
    "message_size": 452,
    "forced_expire": False,
    "sender": "bounces+ann=shop.example@news.example",
    "recipients": [{"address": "ann@shop.example", "delay_reason": "host said: 450"}, {"address": "bo@shop.example"}],
}


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def test_a_mail_is_read() -> None:
    (mail,) = read_queue(lines(MAIL))
    assert mail == Queued(
        "4C2912B6162",
        "deferred",
        1795329380000,
        452,
        "bounces+ann=shop.example@news.example",
        (("ann@shop.example", "host said: 450"), ("bo@shop.example", "")),
    )


def test_long_queue_ids_are_known() -> None:
    assert [mail.id for mail in read_queue(lines(MAIL | {"queue_id": "4dWlQg0DQDz3vF4"}))] == ["4dWlQg0DQDz3vF4"]


def test_what_is_no_mail_is_passed_over() -> None:
    broken = [
        MAIL | {"queue_id": "-d ALL"},
        MAIL | {"queue_id": "ALL"},
        MAIL | {"queue_id": "../../etc/passwd"},
        MAIL | {"queue_id": 7},
        MAIL | {"queue_name": "elsewhere"},
        MAIL | {"arrival_time": "now"},
        MAIL | {"arrival_time": -1},
        MAIL | {"sender": None},
        MAIL | {"recipients": "ann@shop.example"},
        MAIL | {"recipients": [{"address": 5}]},
        ["a", "list"],
        17,
    ]
    said = lines(*broken) + b"{not json\n" + b"[" * 100_000 + b"\n\xff\xfe\n" + lines(MAIL)
    assert [mail.id for mail in read_queue(said)] == ["4C2912B6162"]


def test_the_posts_own_mail_has_no_sender() -> None:
    assert [mail.sender for mail in read_queue(lines(MAIL | {"sender": "MAILER-DAEMON"}))] == [""]


def file(id_: str, headers: str, sender: str = "bounces@news.example") -> bytes:
    return (
        f"*** ENVELOPE RECORDS deferred/4/{id_} ***\nmessage_size: 452\nsender: {sender}\n"
        f"named_attribute: rewrite_context=local\nrecipient: ann@shop.example\n"
        f"*** MESSAGE CONTENTS deferred/4/{id_} ***\n{headers}"
        f"*** HEADER EXTRACTED deferred/4/{id_} ***\n*** MESSAGE FILE END deferred/4/{id_} ***\n"
    ).encode()


def test_headers_of_several_mails_are_told_apart() -> None:
    said = file("AB1234", "Message-ID: <1@news.example>\nX-Campaign-ID: spring\n") + file("AB1235", "Subject: a\n b\n")
    assert read_headers(said) == {
        "AB1234": Headers("bounces@news.example", "spring", "1@news.example"),
        "AB1235": Headers("bounces@news.example", None, ""),
    }


def test_a_mail_with_two_campaigns_or_two_ids_names_none() -> None:
    said = file("AB1234", "X-Campaign-ID: spring\nX-Campaign-ID: summer\nMessage-ID: <1@a>\nMessage-ID: <2@a>\n")
    assert read_headers(said) == {"AB1234": Headers("bounces@news.example", None, "")}


def test_a_mail_that_is_cut_off_or_stands_there_twice_is_left_out() -> None:
    whole = file("AB1234", "X-Campaign-ID: spring\n")
    assert read_headers(whole[:150]) == {}
    assert read_headers(whole + file("AB1234", "X-Campaign-ID: summer\n")) == {}


def test_what_a_header_quotes_begins_no_other_mail() -> None:
    quoted = "Subject: x\n *** ENVELOPE RECORDS deferred/4/AB9999 ***\nX-Campaign-ID: spring\n"
    assert set(read_headers(file("AB1234", quoted))) == {"AB1234"}


@given(st.binary(max_size=400))
def test_no_bytes_are_an_error(said: bytes) -> None:
    list(read_queue(said))
    read_headers(file("AB1234", "") + said + file("AB1235", ""))
