"""Mails for the tests: written here, in no server's own words."""

from __future__ import annotations

RETURNED = """\
Return-Path: <bounces+ann=shop.example@news.example>
From: Spring News <news@news.example>
To: ann@shop.example
Subject: Spring
Message-ID: <c1.7@news.example>
X-Campaign-ID: spring-26
List-ID: <spring.news.example>

Hello
"""


def block(
    address: str = "ann@shop.example",
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "",
    more: str = "",
) -> str:
    said = f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else ""
    return f"Final-Recipient: rfc822; {address}\n{more}Action: {action}\nStatus: {status}\n{said}"


def report(
    *blocks: str,
    to: str = "bounces+ann=shop.example@news.example",
    subject: str = "Undelivered",
    container: str = "report; report-type=delivery-status",
    words: str = "Your mail could not be delivered.",
    returned: str = RETURNED,
    returned_kind: str = "message/rfc822",
    date: str = "Date: Mon, 02 Mar 2026 08:00:05 +0100\n",
    message_id: str = "Message-ID: <dsn.1@mx.example>\n",
) -> bytes:
    recipients = "\n".join(blocks)
    return f"""\
Return-Path: <>
Delivered-To: {to}
From: Mail Delivery <MAILER-DAEMON@mx.example>
To: {to}
Subject: {subject}
{date}{message_id}Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/{container}; boundary="b=1"

--b=1
Content-Type: text/plain; charset=utf-8

{words}

--b=1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 02 Mar 2026 07:59:00 +0100

{recipients}
--b=1
Content-Type: {returned_kind}

{returned}
--b=1--
""".encode()


def complaint(fields: str, *, returned: str = RETURNED, to: str = "fbl@news.example") -> bytes:
    return f"""\
From: Feedback <fbl@isp.example>
To: {to}
Date: Mon, 02 Mar 2026 09:00:00 +0000
Message-ID: <arf.1@isp.example>
Content-Type: multipart/report; report-type=feedback-report; boundary=b1

--b1
Content-Type: text/plain

This is an abuse report.

--b1
Content-Type: message/feedback-report

{fields}
--b1
Content-Type: message/rfc822

{returned}
--b1--
""".encode()


def plain(headers: str, body: str) -> bytes:
    return f"Date: Mon, 02 Mar 2026 08:00:05 +0000\nMessage-ID: <m.1@x.example>\n{headers}\n\n{body}".encode()
