"""A message is read from a folder or a mail; what is wrong with it is one sentence with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.errors import BadInput
from store.outbox.content import Message
from store.outbox.reading import read_message
from tests.outbox.writing import FRONT, HTML, TEXT, folder, message

EML = (
    "From: =?utf-8?q?M=C3=BCller=2C_Jan?= <news@shop.example>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= {{ name }}\r\n"
    "X-Campaign-ID: spring-27\r\nReturn-Path: <bounces+{recipient}@news.shop.example>\r\n"
    "List-Unsubscribe: <https://shop.example/u/{token}>,\r\n <mailto:off@shop.example?subject=off>\r\n"
    "Auto-Submitted: auto-generated\r\nList-ID: News <news.shop.example>\r\nX-Mozilla-Draft-Info: x\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n{{ na=\r\nme }}\r\n"
)


def eml(at: Path, text: str = EML) -> Path:
    at.write_bytes(text.encode("latin-1"))
    return at


def wrong(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        read_message(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_is_read(tmp_path: Path) -> None:
    read = read_message(folder(tmp_path / "spring"))
    assert read == message(source=str(tmp_path / "spring"), owner=read.owner)
    assert read_message(tmp_path / "spring" / "message.toml") == read


def test_headers_fields_and_files_come_along(tmp_path: Path) -> None:
    at = folder(tmp_path, f'{FRONT}\nautomatic = true\n[headers]\nX-Department = "Sales"\n[fields]\ncity = "Bremen"\n')
    (at / "files").mkdir()
    (at / "files" / "list.pdf").write_bytes(b"%PDF")
    (at / "images").mkdir()
    (at / "images" / "logo.png").write_bytes(b"\x89PNG")
    read = read_message(at)
    assert (read.headers, read.fields, read.automatic) == ({"X-Department": "Sales"}, {"city": "Bremen"}, True)
    assert [(part.name, part.type, part.content_id) for part in read.parts] == [
        ("list.pdf", "application/pdf", ""),
        ("logo.png", "image/png", "logo.png"),
    ]


def test_a_mail_is_read(tmp_path: Path) -> None:
    read = read_message(eml(tmp_path / "spring.eml"))
    assert read.sender == '"Müller, Jan" <news@shop.example>'
    assert (read.subject, read.text, read.html) == ("Grüße {{ name }}", "Grüße\n{{ name }}\n", "")
    assert (read.campaign, read.automatic) == ("spring-27", True)
    assert read.return_path == "bounces+{recipient}@news.shop.example"
    assert (read.unsubscribe, read.unsubscribe_mail) == ("https://shop.example/u/{token}", "off@shop.example")
    assert dict(read.headers) == {"List-ID": "News <news.shop.example>"}


def test_alternatives_and_attachments_of_a_mail_are_told_apart(tmp_path: Path) -> None:
    text = (
        "From: a@shop.example\nSubject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n"
        "--m\nContent-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\nhi\n"
        "--a\nContent-Type: text/html\n\n<p>hi</p>\n--a--\n--m\nContent-Type: application/pdf\n"
        "Content-Disposition: attachment; filename=x.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--m--\n"
    )
    read = read_message(eml(tmp_path / "a.eml", text))
    assert (read.text, read.html) == ("hi", "<p>hi</p>")
    assert [(part.name, part.content) for part in read.parts] == [("x.pdf", b"%PDF")]


@pytest.mark.parametrize(
    ("front", "sentence"),
    [
        ('from = "a@shop.example"', "message.toml: subject is missing"),
        ('subject = "s"', "message.toml: from is missing"),
        ('subject = ""\nfrom = "a@shop.example"', "message.toml, line 1: subject is empty"),
        ('subject = "s"\nfrom = 5', "message.toml, line 2: from takes a text in quotes"),
        ('subject = "s"\nfrom = "a"\nfoo = 1', "message.toml, line 3: there is no “foo”; there are subject, from"),
        ('subject = "s\nfrom', "message.toml is no TOML: Illegal character"),
        ('subject = "s\\nBcc: x"\nfrom = "a"', "message.toml, line 1: subject holds a line break"),
        ('subject = "s"\nfrom = "a"\ncampaign = "a.b"', "message.toml, line 3: “a.b” is no key"),
        ('subject = "s"\nfrom = "a"\nunsubscribe = "{x}"', "message.toml, line 3: there is no {x} here"),
        ('subject = "s"\nfrom = "a"\nreturn-path = "{x}"', "message.toml, line 3: there is no {x} here"),
        ('subject = "s"\nfrom = "a"\nlanguage = "Deutsch!"', "message.toml, line 3: “Deutsch!” is no language"),
        ('subject = "s"\nfrom = "a"\n[headers]\nBcc = "x"', "message.toml, line 3: Bcc is no header"),
        ('subject = "s"\nfrom = "a"\n[headers]\n"X-A\\r\\nBcc" = "x"', "is no header"),
        ('subject = "s"\nfrom = "a"\n[headers]\nX-A = "x\\r\\nBcc: y"', "X-A takes a text of one line"),
        ('subject = "s"\nfrom = "a"\n[headers]\nX-A = "1"\nx-a = "2"', "twice"),
        ('subject = "s"\nfrom = "a"\nheaders = "x"', "headers is a table"),
        ('subject = "s"\nfrom = "a"\n[fields]\nname = "x"', "the field name is taken"),
        ('subject = "s"\nfrom = "a"\nautomatic = "yes"', "automatic takes true or false"),
    ],
)
def test_a_wrong_front_matter_is_told_with_its_line(tmp_path: Path, front: str, sentence: str) -> None:
    assert sentence in wrong(folder(tmp_path, front))


def test_a_text_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "text.txt").write_bytes("one\ntwo\nGrüße".encode("latin-1"))
    assert wrong(tmp_path).endswith("text.txt, line 3: this is no text in UTF-8.")


def test_what_is_no_message_is_told(tmp_path: Path) -> None:
    assert "holds no message.toml" in wrong(tmp_path)
    assert wrong(tmp_path / "nowhere").startswith("There is no")
    (tmp_path / "a.pdf").write_bytes(b"x")
    assert "is no message" in wrong(tmp_path / "a.pdf")
    assert "neither a text.txt nor an html.html" in wrong(folder(tmp_path / "empty", text="", html=""))
    assert "is no mail" in wrong(eml(tmp_path / "a.eml", "\x00\xff"))
    assert "has From 2 times" in wrong(eml(tmp_path / "b.eml", "From: a@b.example\nFrom: c@d.example\nSubject: s\n\nx"))
    assert "neither a text nor an HTML" in wrong(eml(tmp_path / "c.eml", "From: a@b.example\nSubject: s\n\n"))
    assert "character set" in wrong(eml(tmp_path / "d.eml", EML.replace("iso-8859-1", "klingon")))
    assert "another mail in it" in wrong(
        eml(
            tmp_path / "e.eml",
            "From: a@b.example\nSubject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n"
            "--b\nContent-Type: message/rfc822\n\nSubject: inner\n\nx\n--b--\n",
        )
    )


def test_a_file_too_large_for_any_mail_is_not_read_whole(tmp_path: Path) -> None:
    folder(tmp_path)
    with open(tmp_path / "html.html", "wb") as handle:
        handle.truncate(9 << 20)
    assert "is larger than 8 MiB" in wrong(tmp_path)


def test_the_digest_is_of_what_is_mailed() -> None:
    known = message().digest
    assert message(source="elsewhere", owner="bob").digest == known
    for change in ({"subject": "t"}, {"text": f"{TEXT} "}, {"html": f"{HTML} "}, {"language": "de"},
                   {"headers": {"X-A": "1"}}, {"author": "anna"}, {"unsubscribe": ""}):  # fmt: skip
        assert message(**change).digest != known


def test_front_matter_goes_into_the_store_and_back() -> None:
    known = message(author="anna", dkim="s1", unsubscribe_mail="off@shop.example")
    bare = Message(known.subject, known.sender, known.text, known.html, known.reply_to)
    assert bare.with_front(known.front() | {"of a newer version": 1}) == known
