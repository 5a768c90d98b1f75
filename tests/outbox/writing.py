"""Messages and people for tests of what goes out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from store.outbox.content import How, Message, Person
from store.outbox.mailid import mail_id

WHEN = datetime(2027, 3, 2, 8, 0, tzinfo=UTC)
SECRET = "a secret of the message"

FRONT = """
subject = "Spring at {{ company }}"
from = "Müller & Co <news@shop.example>"
campaign = "spring-27"
reply-to = "info@shop.example"
language = "en"
return-path = "bounces+{recipient}@news.shop.example"
unsubscribe = "https://shop.example/u/{token}"
"""
TEXT = "Dear {{ name }},\n\nwe open on Tuesday, 2 March 2027.\n\nNo more mail: {{ unsubscribe }}\n"
HTML = (
    '<html><body><p>Dear {{ name }},</p><p>we open on Tuesday, 2 March 2027: <a href="https://shop.example/spring">'
    'the shop</a> <img src="https://shop.example/i.png" alt="A shop"></p>'
    '<p><a href="{{ unsubscribe }}">No more mail</a></p></body></html>\n'
)


def message(**changes: Any) -> Message:
    """Return a message to which nothing can be objected, but for what is changed."""
    known: dict[str, Any] = {
        "subject": "Spring at {{ company }}",
        "sender": "Müller & Co <news@shop.example>",
        "text": TEXT,
        "html": HTML,
        "reply_to": "info@shop.example",
        "campaign": "spring-27",
        "language": "en",
        "return_path": "bounces+{recipient}@news.shop.example",
        "unsubscribe": "https://shop.example/u/{token}",
    }
    return Message(**known | changes)


def how(**changes: Any) -> How:
    """Return how a message is sent."""
    known: dict[str, Any] = {
        "campaign": "spring-27",
        "name": "Spring",
        "date": WHEN,
        "verp": "bounces+{recipient}@news.shop.example",
        "unsubscribe": "https://shop.example/u/{token}",
    }
    return How(**known | changes)


def person(number: int = 7, address: str = "anna@shop.example", **changes: Any) -> Person:
    """Return a recipient of whom everything is known."""
    known: dict[str, Any] = {"name": "Anna Berg", "company": "Acme", "language": "en", "crm_id": f"C{number}"}
    return Person(number, address, mail_id("spring-27", SECRET, number, "shop.example"), **known | changes)


def folder(at: Path, front: str = FRONT, text: str = TEXT, html: str = HTML) -> Path:
    """Write a message's folder."""
    at.mkdir(parents=True, exist_ok=True)
    for name, content in (("message.toml", front), ("text.txt", text), ("html.html", html)):
        if content:
            (at / name).write_text(content, encoding="utf-8")
    return at
