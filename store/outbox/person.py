"""The merge fields, and what the store knows of a person to fill them with."""

from __future__ import annotations

import re
from typing import Final

from store.outbox.content import Person
from store.suggestions.people import TITLES

FIELDS: Final = {
    "name": "the whole name",
    "first_name": "the first name, where the name has the form “First Last” or “Last, First”",
    "address": "the address the mail goes to",
    "company": "the company",
    "language": "the language of the list (“de”)",
    "responsible": "who is responsible for them",
    "crm_id": "their id in the CRM",
    "campaign": "the campaign's key",
    "unsubscribe": "the link that unsubscribes them",
    "token": "a word that only their mail holds, for links of your own",
}
"""Every merge field, with what it holds."""

_FIRMS: Final = frozenset(
    "gmbh ag kg ohg og ug se ev eg mbh ltd plc inc llc corp co sa sas sarl srl bv nv ab as oy".split()
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_WORD: Final = re.compile(r"[^\W\d_][^\s\d@,;<>()\"]*[^\W\d_]")


def known(person: Person) -> dict[str, str]:
    """Return the fields that the store knows of a person, by name; "" where it knows nothing."""
    return {
        "name": person.name.strip(),
        "first_name": first_name(person.name),
        "address": person.address.strip(),
        "company": person.company.strip(),
        "language": person.language.strip(),
        "responsible": person.responsible.strip(),
        "crm_id": person.crm_id.strip(),
    }


def first_name(name: str) -> str:
    """Return the first name in a whole name, "" unless it is plain which one that is.

    One word may be a family name or a company, an initial is no name to call anybody by.
    """
    last, comma, rest = name.partition(",")
    words = (rest if comma else last).split()
    while words and all(part in TITLES for part in _LETTERS.findall(words[0].casefold())):
        del words[0]
    if len(words) < (1 if comma else 2) or not last.strip() or words[-1].casefold().strip(".") in _FIRMS:
        return ""
    return words[0] if _WORD.fullmatch(words[0]) else ""
