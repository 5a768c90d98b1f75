"""Every mail parses back to what went in, is 7-bit and has no line that is too long, whatever the fields hold."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.errors import BadInput
from store.feeds.bounces.parts import open_mail
from store.feeds.verp import verp_recipient
from store.outbox.compose import Composer
from store.outbox.content import How, Message, Part, Person
from store.outbox.mailid import is_key, mail_id, token
from tests.outbox.writing import how, message, person

WILD = st.text(st.characters(codec="utf-8"), max_size=120) | st.text(
    st.sampled_from("\r\n\t \0\x1b,;:<>@\"'\\()=?_uüß漢😀\u202e\u200bBcc"), max_size=60
)


def compose(made: Message, recipient: Person, sent: How) -> bytes:
    return Composer(made, sent).mail(recipient)


def envelope_sender(made: Message, recipient: Person, sent: How) -> str:
    return Composer(made, sent).sender(recipient)


def parsed(data: bytes) -> EmailMessage:
    found = message_from_bytes(data, _class=EmailMessage, policy=policy.SMTP)
    assert isinstance(found, EmailMessage)
    return found


def assert_wire_safe(data: bytes) -> None:
    data.decode("ascii")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert b"\n" not in data.replace(b"\r\n", b"")
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    end = lines.index(b"")
    assert all(len(line) <= 76 for line in lines[:end] if b"=?" in line)
    assert all(len(line) <= 78 for line in lines[end:])
    assert data.endswith(b"\r\n")
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", data)


def names(data: bytes) -> list[str]:
    return [name.lower() for name in parsed(data).keys()]


def test_a_mail_says_who_it_is_from_to_whom_and_of_which_campaign() -> None:
    mail = parsed(compose(message(), person(), how()))
    assert mail["From"] == "Müller & Co <news@shop.example>"
    assert mail["To"] == "Anna Berg <anna@shop.example>"
    assert mail["Reply-To"] == "info@shop.example"
    assert mail["Subject"] == "Spring at Acme"
    assert mail["Date"] == "Tue, 02 Mar 2027 08:00:00 +0000"
    assert mail["Message-ID"] == f"<{person().mail_id}>"
    assert mail["X-Campaign-ID"] == "spring-27"
    assert mail["Content-Language"] == "en"
    assert mail["Auto-Submitted"] is None
    assert not mail.defects


def test_the_two_parts_are_alternatives_and_the_html_stands_last() -> None:
    mail = parsed(compose(message(), person(), how()))
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content_charset() == html.get_content_charset() == "utf-8"
    assert text.get_content().startswith("Dear Anna Berg,\r\n")


def test_one_click_unsubscribing_needs_a_link_over_https() -> None:
    mail = parsed(compose(message(), person(), how(unsubscribe_mail="off@shop.example")))
    word = token(person().mail_id)
    assert mail["List-Unsubscribe"] == (
        f"<https://shop.example/u/{word}>, <mailto:off@shop.example?subject=unsubscribe%20{word}>"
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = parsed(compose(message(), person(), how(unsubscribe="http://shop.example/u/{crm_id}")))
    assert plain["List-Unsubscribe"] == "<http://shop.example/u/C7>"
    assert plain["List-Unsubscribe-Post"] is None
    assert parsed(compose(message(text="x", html=""), person(), how(unsubscribe="")))["List-Unsubscribe"] is None


def test_a_long_link_to_unsubscribe_stays_one_word() -> None:
    link = f"https://shop.example/unsubscribe?document={'a1' * 200}&recipient={{token}}"
    data = compose(message(), person(), how(unsubscribe=link))
    assert b"=?utf-8" not in data.partition(b"List-Unsubscribe: ")[2].partition(b"\r\n")[0]
    assert parsed(data)["List-Unsubscribe"] == f"<{link.replace('{token}', token(person().mail_id))}>"
    assert_wire_safe(data)


def test_what_a_program_sends_says_so() -> None:
    assert parsed(compose(message(), person(), how(automatic=True)))["Auto-Submitted"] == "auto-generated"


def test_a_test_mail_says_so_and_names_no_campaign() -> None:
    mail = parsed(compose(message(), person(), how(test=True)))
    assert mail["Subject"] == "[Test] Spring at Acme"
    assert mail["X-Campaign-ID"] is None
    assert envelope_sender(message(), person(), how(test=True)) == "bounces@news.shop.example"


def test_the_envelope_sender_names_the_recipient_as_the_bounce_reader_reads_it() -> None:
    for address in ("anna@shop.example", "reader1+news@shop.example", "o'neil=x@shop.example"):
        sender = envelope_sender(message(), person(address=address), how())
        assert verp_recipient(sender) == address
        assert sender.endswith("@news.shop.example")
    assert verp_recipient(envelope_sender(message(), person(address="a@bücher.example"), how())) == (
        "a@xn--bcher-kva.example"
    )


def test_an_address_that_does_not_fit_into_the_envelope_sender_stays_out_of_it() -> None:
    assert envelope_sender(message(), person(address=f"{'a' * 60}@shop.example"), how()) == "bounces@news.shop.example"
    assert envelope_sender(message(), person(), how(verp="")) == "news@shop.example"
    assert envelope_sender(message(), person(), how(verp="back@shop.example")) == "back@shop.example"


def test_our_own_bounce_reader_knows_the_mail_again() -> None:
    headers = open_mail(compose(message(), person(), how())).headers
    assert headers.get("x-campaign-id") == "spring-27"
    assert headers.get("message-id").strip("<>").partition(".")[0] == "spring-27"


def test_the_same_mail_is_built_again_from_the_same_things() -> None:
    assert compose(message(), person(), how()) == compose(message(), person(), how())
    assert compose(message(), person(7), how()) != compose(message(), person(8), how())


def test_message_ids_are_stable_and_different_and_need_the_secret() -> None:
    assert mail_id("k", "s", 1, "Shop.example") == mail_id("k", "s", 1, "shop.example")
    some = {mail_id("k", secret, number, "shop.example") for secret in "abc" for number in range(50)}
    assert len(some) == 150
    assert len({token(one) for one in some}) == 150
    assert not any(token(one) in one for one in some)


@pytest.mark.parametrize("key", ["spring.27", "spring 27", "", "ümlaut", "a\r\nb", "x" * 65])
def test_keys_that_matching_would_not_find_are_refused(key: str) -> None:
    assert not is_key(key)
    with pytest.raises(BadInput, match="cannot begin a Message-ID"):
        Composer(message(), how(campaign=key))


def test_letters_before_the_at_sign_that_need_smtputf8_are_refused_in_a_sentence() -> None:
    with pytest.raises(BadInput, match=r"“jörg@shop\.example” has other letters than ASCII before the @"):
        compose(message(), person(address="jörg@shop.example"), how())


def test_a_domain_with_other_letters_goes_as_idna() -> None:
    data = compose(message(), person(address="anna@bücher.example"), how())
    assert b"anna@xn--bcher-kva.example" in data


def test_images_go_with_the_html_and_files_beside_the_texts() -> None:
    parts = (
        Part("logo.png", "image/png", b"\x89PNG" * 40, "logo.png"),
        Part("Preisübersicht.pdf", "application/pdf", b"%PDF" * 900),
    )
    data = compose(message(html='<p><img src="cid:logo.png" alt="us"></p>', parts=parts), person(), how())
    mail = parsed(data)
    assert_wire_safe(data)
    assert mail.get_content_type() == "multipart/mixed"
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "Preisübersicht.pdf"
    assert attached.get_content() == b"%PDF" * 900
    html = mail.get_body(("html",))
    assert html is not None
    shown = next(part for part in mail.walk() if part["Content-ID"] == "<logo.png>")
    assert shown.get_content() == b"\x89PNG" * 40


@pytest.mark.parametrize(
    "part",
    [
        Part("a\r\nX-Evil: 1", "text/plain", b""),
        Part("", "text/plain", b""),
        Part("a", "text/plain\r\nX-Evil: 1", b""),
        Part("a", "image/png", b"", "a>\r\nX-Evil: 1"),
    ],
)
def test_a_file_cannot_write_headers(part: Part) -> None:
    with pytest.raises(BadInput):
        Composer(message(parts=(part,)), how())


@pytest.mark.parametrize(
    "change",
    [
        {"sender": "Evil\r\nBcc: x@y.example <news@shop.example>"},
        {"sender": "a@shop.example, b@shop.example"},
        {"sender": "nobody"},
        {"reply_to": "a@shop.example\nBcc: x@y.example"},
        {"subject": "Hi\r\nBcc: x@y.example"},
        {"headers": {"X-Note": "a\nBcc: x@y.example"}},
    ],
)
def test_headers_with_line_breaks_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        compose(message(**change), person(), how())


@settings(deadline=None)
@given(name=WILD, company=WILD)
def test_no_name_writes_a_header_or_a_control_character(name: str, company: str) -> None:
    try:
        data = compose(message(), person(name=name, company=company), how())
    except BadInput:
        return
    assert_wire_safe(data)
    clean = compose(message(), person(), how())
    assert names(data) == names(clean)
    mail = parsed(data)
    assert parseaddr(str(mail["To"]))[1] == "anna@shop.example"
    assert len(mail["To"].addresses) == 1
    text = mail.get_body(("plain",))
    assert text is not None
    assert f"Dear {name.strip()}," in text.get_content()
    assert "".join(str(mail["Subject"]).split()) == "".join(f"Spring at {company}".split())


@settings(deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=3000))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    if "{{" in text or "{%" in text:
        return
    data = compose(message(text=text, html=""), person(), how())
    assert_wire_safe(data)
    assert parsed(data).get_content().rstrip("\r\n") == text


@settings(deadline=None)
@given(local=st.text(st.characters(), min_size=1, max_size=20))
def test_an_envelope_sender_is_one_address_or_a_sentence(local: str) -> None:
    try:
        sender = envelope_sender(message(), person(address=f"{local}@shop.example"), how())
    except BadInput:
        return
    assert re.fullmatch(r"[!-~]+@news\.shop\.example", sender)
    assert not set('<> "') & set(sender)
