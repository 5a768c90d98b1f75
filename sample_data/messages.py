"""Two messages that are to be sent: one in order, in a folder, and one over which the gate stumbles, as a mail."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from sample_data.names import NEWS_DOMAIN, OUR_DOMAIN

_GERMAN_DAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_GERMAN_MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_AHEAD = timedelta(days=31)

_FRONT = f"""\
# What everybody's mail has in common; text.txt and html.html hold what it says.
subject = "{{% if company %}}{{{{ company }}}}: {{% endif %}}Einladung zum Tag der offenen Tür"
from = "Brightwell Instruments <einladung@{NEWS_DOMAIN}>"
reply-to = "ines.falk@{OUR_DOMAIN}"
campaign = "open-day"
language = "de"
return-path = "bounces+{{recipient}}@{NEWS_DOMAIN}"
unsubscribe = "https://{NEWS_DOMAIN}/aus/{{token}}"
dkim-selector = "s1"
author = "ines"

[fields]
place = "Halle 3"
"""

_TEXT = """\
Guten Tag{{% if name %}} {{{{ name }}}}{{% endif %}},

am {day} öffnen wir unsere Türen: ab 10 Uhr zeigen wir in {{{{ place }}}},
wie unsere Waagen und Mikroskope entstehen.

Programm und Anmeldung: https://{news}/go/offen

Wir freuen uns auf Sie{{% if company %}} und {{{{ company }}}}{{% endif %}}.

Ihre Ines Falk

--
Keine Einladungen mehr: {{{{ unsubscribe }}}}
"""

_HTML = """\
<!doctype html>
<html lang="de">
<head><meta charset="utf-8"><title>Tag der offenen Tür</title>
<style>@media print{{#foot{{display:none}}}}</style></head>
<body>
<p>Guten Tag{{% if name %}} {{{{ name }}}}{{% endif %}},</p>
<p>am <b>{day}</b> öffnen wir unsere Türen: ab 10 Uhr zeigen wir in {{{{ place }}}},
wie unsere Waagen und Mikroskope entstehen.</p>
<p><img src="https://{news}/bild/halle.jpg" alt="Blick in die Halle 3" width="560"></p>
<p><a href="https://{news}/go/offen">Programm und Anmeldung</a></p>
<p>Wir freuen uns auf Sie{{% if company %}} und {{{{ company }}}}{{% endif %}}.</p>
<p>Ihre Ines Falk</p>
<p id="foot"><a href="{{{{ unsubscribe }}}}">Keine Einladungen mehr</a></p>
</body>
</html>
"""

_WRONG_TEXT = """\
Dear {{{{ first_name }}}},

the price list that we sent you named the wrong date. The new prices hold
from {day}, not from the first of the month.

The right list: http://{news}/go/pricelist.pdf

TODO: ask Oskar for the phone number

No more mail: {{{{ unsubscribe }}}}
"""

_WRONG_HTML = """\
<p>Dear {{{{ first_name }}}},</p>
<p>the price list that we sent you named the wrong date. The new prices hold
from {day}, not from the first of the month.</p>
<p><img src="https://{news}/img/prices.png"></p>
<p><a href="http://{news}/go/pricelist.pdf">www.{ours}/prices</a></p>
"""


def write_messages(folder: Path, now: datetime) -> tuple[Path, Path]:
    """Write both messages into ``folder`` and return where they lie: the folder of the first, the file of the second.

    Args:
        folder: where to; made if it is missing.
        now: aware UTC time; the days that they invite to lie a month ahead.
    """
    day = (now + _AHEAD).date()
    first, second = folder / "open-day", folder / "correction.eml"
    first.mkdir(parents=True, exist_ok=True)
    texts = {"message.toml": _FRONT, "text.txt": _TEXT, "html.html": _HTML}
    for name, text in texts.items():
        filled = text if name == "message.toml" else text.format(day=_german(day), news=NEWS_DOMAIN)
        (first / name).write_bytes(filled.encode())
    second.write_bytes(_wrong(day).as_bytes())
    return first, second


def _german(day: date) -> str:
    return f"{_GERMAN_DAYS[day.weekday()]}, dem {day.day}. {_GERMAN_MONTHS[day.month - 1]} {day.year}"


def _wrong(day: date) -> EmailMessage:
    """Return the mail with the faults: a weekday, a note to oneself, an image without words, a link, no way out."""
    told = f"{_DAYS[(day.weekday() + 1) % 7]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Brightwell Sales <prices@{NEWS_DOMAIN}>"
    mail["Subject"] = "Correction: the price list for {{ company }}"
    mail["Return-Path"] = f"<bounces+{{recipient}}@{NEWS_DOMAIN}>"
    mail["List-Unsubscribe"] = f"<https://{NEWS_DOMAIN}/out/{{token}}>"
    mail["Content-Language"] = "en"
    mail.set_content(_WRONG_TEXT.format(day=told, news=NEWS_DOMAIN))
    mail.add_alternative(_WRONG_HTML.format(day=told, news=NEWS_DOMAIN, ours=OUR_DOMAIN), subtype="html")
    mail.set_boundary("=_brightwell")
    return mail
