"""What the columns of a recipient list are called, in the languages such lists come in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum

from store.cleaning import normalized
from store.errors import BadInput


class Field(StrEnum):
    """What a column of a recipient list can hold."""

    ADDRESS = "address"
    NAME = "name"
    FIRST = "first name"
    LAST = "last name"
    COMPANY = "company"
    LANGUAGE = "language"
    RESPONSIBLE = "responsible"
    CRM_ID = "CRM id"
    CONSENT = "consent"
    TRACKING = "tracking consent"
    FORMER = "former employee"


HEADINGS: dict[Field, tuple[str, ...]] = {
    Field.ADDRESS: (
        "E-Mail, Email address, E-Mail-Adresse, E-Mailadresse, Mailadresse, Mail address, Empfängeradresse,"
        " Empfaengeradresse, Recipient address, Recipient email, Empfänger-E-Mail, Contact email, Work email,"
        " Business email, Primary email, E-Mail 1, E-Mail geschäftlich, E-Mail (geschäftlich), E-Mail dienstlich",
        "E-post, Epost, E-postadresse, Mottakeradresse, Adresse e-mail, Adresse électronique, Adresse mail, Courriel,"
        " Adresse courriel, Mél, Correo, Correo electrónico, E-mailadres",
        "Mail, Mails, Empfänger, Empfaenger, Recipient, Mottaker, Destinataire, Rcpt, To, An",
        "Address, Adresse",
    ),
    Field.NAME: (
        "Full name, Fullname, Display name, Vollständiger Name, Voller Name, Anzeigename, Fullt navn, Nom complet",
        "Name, Navn, Nom, Contact name, Kontakt, Kontaktname, Contact, Ansprechpartner, Ansprechpartnerin, Person",
    ),
    Field.FIRST: ("First name, Firstname, Given name, Forename, Vorname, Rufname, Fornavn, Prénom",),
    Field.LAST: (
        "Last name, Lastname, Surname, Family name, Nachname, Familienname, Zuname, Etternavn, Nom de famille",
    ),
    Field.COMPANY: (
        "Company, Company name, Firma, Firmenname, Unternehmen, Organisation, Organization, Organisasjon, Bedrift,"
        " Selskap, Firmanavn, Société, Entreprise, Raison sociale",
        "Account, Account name, Arbeitgeber, Employer, Institution",
    ),
    Field.LANGUAGE: ("Language, Sprache, Korrespondenzsprache, Språk, Langue, Lang, Locale",),
    Field.RESPONSIBLE: (
        "Responsible, Responsible person, Verantwortlich, Verantwortliche, Verantwortlicher, Zuständig, Zustaendig,"
        " Betreuer, Betreuerin, Kundenbetreuer, Kundenbetreuerin, Owner, Account owner, Account manager, Ansvarlig,"
        " Kundeansvarlig, Vår kontakt, Our contact, Responsable",
    ),
    Field.CRM_ID: (
        "CRM-ID, CRM-Nummer, CRM number, Customer id, Customer number, Customer no, Kundennummer, Kunden-Nr,"
        " Kundennr, Kunden-ID, Kontakt-ID, Kontaktnummer, Contact id, Person id, Kundenummer, Kundenr,"
        " Numéro client, Numéro de client, N° client, ID client",
        "ID, External id, Externe ID, Record id",
    ),
    Field.CONSENT: (
        "Consent, Consent given, Einwilligung, Einwilligung erteilt, Werbeeinwilligung, Newsletter-Einwilligung,"
        " Opt-in, Optin, Zustimmung, Permission, Samtykke, Consentement",
        "Subscribed",
    ),
    Field.TRACKING: (
        "Tracking consent, Consent tracking, Consent to tracking, Tracking-Einwilligung, Einwilligung Tracking,"
        " Tracking erlaubt, Tracking allowed, Tracking-Zustimmung, Tracking, Samtykke til sporing, Sporingssamtykke,"
        " Samtykke sporing, Consentement au suivi, Consentement suivi",
    ),
    Field.FORMER: (
        "Former employee, Former, Left, Has left, Left company, Ausgeschieden, Ehemalig, Ehemaliger Mitarbeiter,"
        " Ehemalige Mitarbeiterin, Nicht mehr im Unternehmen, Sluttet, Tidligere ansatt, Ancien employé,"
        " Ancien salarié, Parti",
    ),
}
"""Field -> headings, the surest first; within one text all are equally sure (the leftmost column wins)."""


def heading_key(text: str) -> str:
    """Return a heading without case, accents, blanks and punctuation: "E-Mail Adresse" -> "emailadresse"."""
    folded = normalized("NFKD", text.casefold().replace("ø", "o").replace("æ", "ae"))
    return re.sub(r"[\W_]", "", "".join(char for char in folded if not unicodedata.combining(char)))


def _known() -> Iterator[tuple[str, tuple[int, Field]]]:
    for field, sureness in HEADINGS.items():
        for rank, headings in enumerate(sureness):
            for heading in headings.split(","):
                yield heading_key(heading), (rank, field)


_KNOWN = dict(_known())
_SUBSCRIBERS = frozenset({"uuid", "email", "attributes", "status", "createdat", "updatedat"})


def find_columns(header: Sequence[str]) -> dict[Field, int]:
    """Return which column holds what; a column of which nothing is known is left out.

    "Name" beside "Vorname" (or "Nom" beside "Prénom") is the last name. The status in listmonk's export of subscribers
    (``/api/subscribers/export``) tells whom it mails, and so is consent.
    """
    best: dict[Field, tuple[int, int]] = {}
    for place, heading in enumerate(header):
        rank, field = _KNOWN.get(heading_key(heading), (0, None))
        if field is not None and (rank, place) < best.get(field, (99, 0)):
            best[field] = (rank, place)
    columns = {field: place for field, (_, place) in best.items()}
    if Field.FIRST in columns and Field.LAST not in columns and Field.NAME in columns:
        if best[Field.NAME][0] == 1:
            columns[Field.LAST] = columns.pop(Field.NAME)
    keys = list(map(heading_key, header))
    if _SUBSCRIBERS.issubset(keys):
        columns.setdefault(Field.CONSENT, keys.index("status"))
    return columns


def no_address(path: object, header: Sequence[str]) -> BadInput:
    """Return the error for a list without an address column: what was found, and what was expected."""
    shown = ", ".join(f'"{_short(heading)}"' for heading in header[:8])
    more = f" and {len(header) - 8} more" if len(header) > 8 else ""
    return BadInput(
        f"{path} has no address column: found {shown}{more}; expected one headed E-Mail, Email, Mail, Address,"
        f" Empfänger or the like."
    )


def _short(heading: str) -> str:
    text = "".join(char if char.isprintable() else "?" for char in heading)
    return text if len(text) <= 30 else text[:29] + "…"
