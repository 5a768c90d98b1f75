"""The quick look at an address never accepts what email-validator rejects."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from store.syntax import all_plain, is_address


def valid(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


PARTS = st.sampled_from(
    ["a", "B9", ".", "-", "--", "@", "xn--", "xn--mller-kva", "example", "test", "LOCAL", "onion", "arpa", "invalid",
     "localhost", "_", "+", "'", '"', " ", "ü", "com", "x" * 30, "1", "\n", "[", "\\", ",", "co-m", "..", "\u200b"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=9).map("".join), st.lists(PARTS, max_size=9).map("".join))
def test_whatever_is_plain_is_valid(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    assert is_address(text) == valid(text)
    if all_plain([text]):
        assert valid(text)


@given(st.emails())
def test_a_generated_address_is_judged_as_the_validator_judges_it(text: str) -> None:
    assert is_address(text) == valid(text)


@given(st.lists(st.one_of(st.emails(), st.text(max_size=12), st.just("ann@shop.example")), max_size=6))
def test_many_are_plain_only_if_each_is_valid(texts: list[str]) -> None:
    if all_plain(texts):
        assert all(map(valid, texts))


@pytest.mark.parametrize(
    "text",
    [
        "", "ann", "ann@", "@shop.example", "ann@shop", "ann@shop..example", "ann@-shop.example", "ann@shop-.example",
        ".ann@shop.example", "ann.@shop.example", "a..b@shop.example", "ann@shop.example.", "ann@shop.123",
        "ann@mail.local", "ann@MAIL.LOCALHOST", "ann@x.onion", "ann@x.Invalid", "ann@in-addr.arpa", "ann@[127.0.0.1]",
        "ann berg@shop.example", "ann@shop.example\n", "ann@shop.example\nbo@shop.example", "ann,bo@shop.example",
        "ann@ab--cd.example", "ann@xn--a.example", "ann@" + "x" * 64 + ".example", "a" * 250 + "@shop.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_rejected(text: str) -> None:
    assert not valid(text)
    assert not is_address(text)
    assert not all_plain([text])


@pytest.mark.parametrize(
    "text",
    ["ann@shop.example", "Ann.O'Neil+news@mail.shop.example", "jörg@müller.example", "a@b.test", "x_1@a-b.c-d.info",
     "ann@xn--mller-kva.example", "info@localhost.example"],
)  # fmt: skip
def test_what_is_an_address_is_accepted(text: str) -> None:
    assert valid(text)
    assert is_address(text)
