"""Bounce mails of the campaign that :mod:`tests.following.logs` sends."""

from __future__ import annotations

from tests.feeds.mails import RETURNED, block, report
from tests.following.logs import KEY, address


def notice(number: int) -> bytes:
    """Return a notice that a mail to a recipient bounced."""
    to = address(number)
    returned = RETURNED.replace("c1.7@news.example", f"m{number}@ours.example").replace("spring-26", KEY)
    return report(
        block(to, diagnostic=f"550 5.1.1 <{to}>: User unknown"),
        to=f"bounces+{to.replace('@', '=')}@news.example",
        returned=returned.replace("ann@shop.example", to),
        message_id=f"Message-ID: <dsn.{number}@mx.example>\n",
    )
