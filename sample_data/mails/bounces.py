"""Bounce mails in nine styles; the forms are those of the programs, the words are our own."""

from __future__ import annotations

from sample_data.mails.letter import Letter, encoded, original, original_headers, report
from sample_data.names import OUR_MTA

_PLAIN = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit"
_STATUS = "Content-Type: message/delivery-status"
_WHOLE = "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit"
_HEADERS = "Content-Type: text/rfc822-headers"


def postfix(letter: Letter, action: str = "failed") -> str:
    """Write the report that our own server makes, as Postfix does: failed, delayed or delivered."""
    subject, told = {
        "failed": ("Undelivered Mail Returned to Sender", "The mail below could not be delivered to this recipient."),
        "delayed": (
            "Delayed Mail (still being retried)",
            "THIS IS ONLY A WARNING. Nothing need be sent again: the server goes on trying for another 16 hours.",
        ),
        "delivered": ("Successful Mail Delivery Report", "As asked for, here is the note that your mail has arrived."),
    }[action]
    remote = "" if "Name service" in letter.words else f"Remote-MTA: dns; {letter.host}\n"
    kind = "X-Postfix" if not remote else "smtp"
    fields = (
        f"Reporting-MTA: dns; {OUR_MTA}\n"
        f"X-Postfix-Queue-ID: {letter.queue}\n"
        f"X-Postfix-Sender: rfc822; {letter.sending.bounce_address}\n"
        f"Arrival-Date: {letter.sent}\n\n"
        f"Final-Recipient: rfc822; {letter.address}\n"
        f"Original-Recipient: rfc822;{letter.address}\n"
        f"Action: {action}\n"
        f"Status: {letter.status}\n"
        f"{remote}"
        f"Diagnostic-Code: {kind}; {_folded(letter.words)}\n"
    )
    text = f"This is the mail system at host {OUR_MTA}.\n\n{told}\n\n<{letter.address}>: {_folded(letter.words)}\n"
    source = (_WHOLE, original(letter.sending)) if action == "failed" else (_HEADERS, original_headers(letter.sending))
    return (
        letter.envelope(OUR_MTA)
        + f"Date: {letter.date}\n"
        + f"From: Mail Delivery System <MAILER-DAEMON@{OUR_MTA}>\n"
        + f"To: {letter.sending.bounce_address}\n"
        + f"Subject: {subject}\n"
        + "Auto-Submitted: auto-replied\n"
        + f"Message-Id: <{letter.at:%Y%m%d%H%M%S}.{letter.back or letter.mark}@{OUR_MTA}>\n"
        + report(letter, [(_PLAIN, text), (_STATUS, fields), source])
    )


def exim(letter: Letter) -> str:
    """Write a report as Exim does: Action first, Status always 5.0.0, the true code in the words only."""
    text = (
        "This message was created automatically by mail delivery software.\n\n"
        "A mail of yours did not reach one of its recipients, and no further attempt will be made:\n\n"
        f"  {letter.address}\n    host {letter.host}\n    SMTP error after RCPT TO:<{letter.address}>:\n"
        f"    {_folded(letter.words)}\n"
    )
    fields = (
        f"Reporting-MTA: dns; gate.{letter.host}\n\n"
        "Action: failed\n"
        f"Final-Recipient: rfc822;{letter.address}\n"
        "Status: 5.0.0\n"
        f"Remote-MTA: dns; {letter.host}\n"
        f"Diagnostic-Code: smtp; {letter.words}\n"
    )
    return (
        letter.envelope(f"gate.{letter.host}")
        + f"X-Failed-Recipients: {letter.address}\n"
        + "Auto-Submitted: auto-replied\n"
        + f"From: Mail Delivery System <Mailer-Daemon@gate.{letter.host}>\n"
        + f"To: {letter.sending.bounce_address}\n"
        + f"References: <{letter.sending.message_id}>\n"
        + "Subject: Mail delivery failed: returning message to sender\n"
        + f"Message-Id: <E1t{letter.mark}@gate.{letter.host}>\n"
        + f"Date: {letter.date}\n"
        + report(letter, [(_PLAIN, text), (_STATUS, fields), (_WHOLE, original(letter.sending))])
    )


def qmail(letter: Letter) -> str:
    """Write a notice in the qmail-send bounce message format: plain text, paragraphs, a line of dashes."""
    return (
        letter.envelope(letter.host)
        + f"Date: {letter.date}\n"
        + f"From: MAILER-DAEMON@{letter.host}\n"
        + f"To: {letter.sending.bounce_address}\n"
        + "Subject: failure notice\n"
        + f"Message-ID: <{letter.at:%Y%m%d%H%M%S}.{letter.mark}.qmail@{letter.host}>\n\n"
        + f"Hi. This is the qmail-send program at {letter.host}.\n"
        + "Your mail found no way to the addresses below, and I stop trying here. Sorry about that.\n\n"
        + f"<{letter.address}>:\n{letter.words} (#{letter.status})\n\n"
        + "--- Below this line is a copy of the message.\n\n"
        + original(letter.sending)
    )


def exchange(letter: Letter) -> str:
    """Write a non-delivery report as Exchange does, with a friendly page and the facts for administrators."""
    text = (
        "Your mail did not reach these recipients or groups:\n\n"
        f"{letter.sending.person.name} ({letter.address})\n"
        "Please look at the address again, or ask the recipient another way.\n\n\n"
        "Diagnostic information for administrators:\n\n"
        f"Generating server: {letter.host}\n\n"
        f"{letter.address}\n{letter.host}\nRemote Server returned '{letter.words}'\n"
    )
    fields = (
        f"Reporting-MTA: dns;{letter.host}\n"
        f"Received-From-MTA: dns;{OUR_MTA}\n"
        f"Arrival-Date: {letter.sent}\n\n"
        f"Original-Recipient: rfc822;{letter.address}\n"
        f"Final-Recipient: rfc822;{letter.address}\n"
        "Action: failed\n"
        f"Status: {letter.status}\n"
        f"Diagnostic-Code: smtp;{letter.words}\n"
        f"X-Display-Name: {encoded(letter.sending.person.name)}\n"
    )
    return (
        letter.envelope(letter.host)
        + f"From: Microsoft Outlook <postmaster@{letter.sending.person.wire_address.rpartition('@')[2]}>\n"
        + f"To: {letter.sending.bounce_address}\n"
        + f"Date: {letter.date}\n"
        + f"Subject: Undeliverable: {encoded(letter.sending.campaign.subject)}\n"
        + f"Message-ID: <{letter.mark}@{letter.host}>\n"
        + f"In-Reply-To: <{letter.sending.message_id}>\n"
        + "X-MS-Exchange-Message-Is-Ndr:\n"
        + "Auto-Submitted: auto-replied\n"
        + report(letter, [(_PLAIN, text), (_STATUS, fields), (_WHOLE, original(letter.sending))])
    )


def sendmail(letter: Letter) -> str:
    """Write a report as sendmail does, with the transcript of its talk with the other server."""
    text = (
        f"The original message was received at {letter.sent}\nfrom {OUR_MTA} [192.0.2.25]\n\n"
        "   ----- The following addresses had permanent fatal errors -----\n"
        f"<{letter.address}>\n    (reason: {letter.words})\n\n"
        "   ----- Transcript of session follows -----\n"
        f"... while talking to {letter.host}.:\n>>> RCPT To:<{letter.address}>\n<<< {letter.words}\n"
    )
    fields = (
        f"Reporting-MTA: dns; relay.{letter.host}\n"
        f"Received-From-MTA: DNS; {OUR_MTA}\n"
        f"Arrival-Date: {letter.sent}\n\n"
        f"Final-Recipient: RFC822; {letter.address}\n"
        "Action: failed\n"
        f"Status: {letter.status}\n"
        f"Remote-MTA: DNS; {letter.host}\n"
        f"Diagnostic-Code: SMTP; {letter.words}\n"
        f"Last-Attempt-Date: {letter.date}\n"
    )
    return (
        letter.envelope(f"relay.{letter.host}")
        + f"Date: {letter.date}\n"
        + f"From: Mail Delivery Subsystem <MAILER-DAEMON@relay.{letter.host}>\n"
        + f"Message-Id: <{letter.at:%Y%m%d%H%M}.{letter.mark}@relay.{letter.host}>\n"
        + f"To: <{letter.sending.bounce_address}>\n"
        + "Subject: Returned mail: see transcript for details\n"
        + "Auto-Submitted: auto-generated (failure)\n"
        + report(letter, [(_PLAIN, text), (_STATUS, fields), (_HEADERS, original_headers(letter.sending))])
    )


def opensmtpd(letter: Letter) -> str:
    """Write a notice as OpenSMTPD does: multipart/mixed, a vague code, the reason in the text alone."""
    text = (
        "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n"
        "    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\n"
        f"{letter.address}: {letter.words}\n\n    Below is a copy of the original message:\n"
    )
    fields = (
        f"Reporting-MTA: dns; {letter.host}\n\n"
        f"Final-Recipient: rfc822; {letter.address}\nAction: failed\nStatus: 5.0.0\n"
    )
    return (
        letter.envelope(letter.host)
        + f"Subject: Delivery status notification: error\nFrom: Mailer Daemon <MAILER-DAEMON@{letter.host}>\n"
        + f"To: {letter.sending.bounce_address}\nDate: {letter.date}\n"
        + f"Message-ID: <{letter.mark}@{letter.host}>\n"
        + report(letter, [(_PLAIN, text), (_STATUS, fields), (_HEADERS, original_headers(letter.sending))], "mixed")
    )


def german(letter: Letter) -> str:
    """Write a notice in German, as plain text, as large German providers do."""
    return (
        letter.envelope(letter.host)
        + f"Date: {letter.date}\n"
        + f"From: Mailzustellung <mailer-daemon@{letter.host}>\n"
        + f"To: {letter.sending.bounce_address}\n"
        + f"Subject: {encoded('Ihre E-Mail konnte nicht zugestellt werden')}\n"
        + f"Message-ID: <{letter.mark}@{letter.host}>\n"
        + "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        + _PLAIN
        + "\n\nGuten Tag,\n\nIhre Nachricht konnte leider nicht an den folgenden Empfänger zugestellt werden:\n\n"
        + f"{letter.address}\n    Grund: {letter.words}\n\n"
        + "Dies ist eine automatisch erzeugte Nachricht; bitte antworten Sie nicht darauf.\n\n"
        + "--- Kopfzeilen der ursprünglichen Nachricht ---\n\n"
        + original_headers(letter.sending)
    )


def bare(letter: Letter) -> str:
    """Write a notice of a home-made gateway: HTML, no code, no original; only the envelope tells who is meant."""
    return (
        letter.envelope(letter.host)
        + f"Date: {letter.date}\n"
        + f"From: Mail gateway <postmaster@{letter.host}>\n"
        + f"To: {letter.sending.bounce_address}\n"
        + "Subject: Mail could not be delivered\n"
        + f"Message-ID: <{letter.mark}@{letter.host}>\n"
        + 'MIME-Version: 1.0\nContent-Type: text/html; charset="iso-8859-1"\n\n'
        + f"<html><body><p>Delivery failed.</p><p>Recipient: &lt;{letter.address}&gt;</p>"
        + f"<p>{letter.words}</p></body></html>\n"
    )


def hostile(letter: Letter) -> str:
    """Write a report whose words try to take over the terminal: escape sequences, markup, bidi controls."""
    trick = (
        f"550 5.1.1 \x1b]0;owned\x07\x1b[2J\x1b[31mNo mailbox\x1b[0m [bold red]here[/] [/nothing]"
        f" \u202etxet sdrawkcab\u202c \x9b2Jagain <{letter.address}>\x00"
    )
    return postfix(
        Letter(letter.sending, letter.at, trick, "5.1.1", letter.queue, letter.back)
    ).replace("Undelivered Mail", "Undelivered \x1b[5mMail\x1b[0m")  # fmt: skip


def _folded(words: str) -> str:
    lines: list[str] = [""]
    for word in words.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) > 70:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n    ".join(lines)
