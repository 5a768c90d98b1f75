"""Hostile names, companies and addresses merged into a mail: it is refused, or it has the headers that we wrote."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest

from store.errors import BadInput
from store.outbox.compose import Composer
from tests.hostile.needles import HEAD, NEEDLES
from tests.outbox.writing import how, message, person

PLAIN = "Anna Berg"


def headers(mail: bytes) -> list[str]:
    head = mail.partition(b"\r\n\r\n")[0]
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
    return [name.lower() for name in message_from_bytes(mail, policy=default)]


@pytest.mark.parametrize("field", ["name", "company", "language", "responsible", "crm_id", "address"])
def test_no_field_adds_a_header(field: str) -> None:
    composer = Composer(message(subject="For {{ name }} of {{ company }}"), how())
    known = headers(composer.mail(person(name=PLAIN)))
    built = 0
    for needle in (*NEEDLES, *(needle.replace(HEAD, "") for needle in NEEDLES)):
        value = f"{needle}@shop.example" if field == "address" else needle
        try:
            mail = composer.mail(person(**{"name": PLAIN, field: value}))
        except BadInput:
            continue
        built += 1
        assert headers(mail) == known
    assert built or field == "address"
