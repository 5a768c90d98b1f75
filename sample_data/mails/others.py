"""Mails in the bounce mailbox that are no bounces: complaints, absence notes, answers of people."""

from __future__ import annotations

from sample_data.mails.letter import Letter, encoded, original, report
from sample_data.names import NEWS_DOMAIN

ABSENCES = (
    (
        "de",
        "Automatische Antwort: Ich bin nicht im Büro",
        "Guten Tag,\n\nich bin bis zum Monatsende nicht im Büro und lese meine E-Mails nicht. In eiligen Fällen hilft"
        " die Zentrale weiter.\n",
    ),
    (
        "en",
        "Automatic reply: away until Monday",
        "Thank you for your mail. I am away and will read it on Monday.\n",
    ),
    (
        "fr",
        "Réponse automatique : absent du bureau",
        "Bonjour, je suis absent cette semaine et vous répondrai à mon retour.\n",
    ),
)
ANSWERS = (
    "Could you send me two more copies for my colleagues? And may I have the prices in pounds?\n",
    "Vielen Dank! Bitte schicken Sie künftig alles an unsere neue Anschrift, wir sind umgezogen.\n",
)


def complaint(letter: Letter) -> str:
    """Write a feedback report (RFC 5965): a reader pressed "this is spam"."""
    fields = (
        "Feedback-Type: abuse\n"
        "User-Agent: ExampleFeedback/1.2\n"
        "Version: 1\n"
        f"Original-Mail-From: <{letter.sending.bounce_address}>\n"
        f"Original-Rcpt-To: <{letter.address}>\n"
        f"Arrival-Date: {letter.sent}\n"
        f"Reported-Domain: {NEWS_DOMAIN}\n"
        "Source-IP: 192.0.2.25\n"
    )
    text = f"This is a report about a mail that one of our users took for unwanted, sent {letter.sent}.\n"
    return (
        letter.envelope(f"feedback.{letter.host}").replace("<>", f"<fbl@feedback.{letter.host}>", 1)
        + f"From: Feedback loop <fbl@feedback.{letter.host}>\n"
        + f"To: {letter.sending.bounce_address}\n"
        + f"Date: {letter.date}\n"
        + "Subject: Complaint about a mail from 192.0.2.25\n"
        + f"Message-ID: <{letter.mark}@feedback.{letter.host}>\n"
        + report(
            letter,
            [
                ('Content-Type: text/plain; charset="us-ascii"', text),
                ("Content-Type: message/feedback-report", fields),
                ("Content-Type: message/rfc822\nContent-Disposition: inline", original(letter.sending)),
            ],
            "report; report-type=feedback-report",
        )
    )


def absence(letter: Letter, subject: str, text: str) -> str:
    """Write an absence note (RFC 3834)."""
    return _from_person(letter, subject, text, "Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\n")


def answer(letter: Letter, text: str) -> str:
    """Write an answer that a person typed."""
    return _from_person(letter, f"Re: {letter.sending.campaign.subject}", text, "")


def _from_person(letter: Letter, subject: str, text: str, extra: str) -> str:
    person = letter.sending.person
    sender = f"{encoded(person.name)} <{letter.address}>" if person.name else letter.address
    return (
        letter.envelope(letter.host).replace("<>", f"<{letter.address}>", 1)
        + f"From: {sender}\n"
        + f"To: news@{NEWS_DOMAIN}\n"
        + f"Date: {letter.date}\n"
        + f"Subject: {encoded(subject)}\n"
        + f"Message-ID: <{letter.mark}.mail@{letter.address.rpartition('@')[2]}>\n"
        + f"In-Reply-To: <{letter.sending.message_id}>\n"
        + f"References: <{letter.sending.message_id}>\n"
        + extra
        + "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        + text
    )
