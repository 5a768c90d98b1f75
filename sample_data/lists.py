"""The three recipient lists: what stands on them, and the three dialects in which such files come."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from sample_data.people import Person

_BROKEN: tuple[Callable[[Person], str], ...] = (
    lambda person: f"{person.local}@",
    lambda person: f"{person.local} @ {person.domain}",
    lambda person: f"{person.local}@@{person.domain}",
    lambda person: f"{person.local}.{person.domain}",
    lambda person: f"{person.local}@{person.domain.partition('.')[0]}..example",
    lambda person: "n/a",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a recipient list; ``mailed`` tells whether the sending program wrote to it."""

    person: Person
    address: str
    mailed: bool


def make_lines(rng: Random, people: Sequence[Person], withheld: frozenset[str]) -> list[Line]:
    """Return the lines of a list for ``people``, with the flaws of a real one, in the order of sending.

    Args:
        rng: the source of chance.
        people: who stands on it.
        withheld: addresses that are blocked or unsubscribed already.
    """
    lines: list[Line] = []
    for person in people:
        willing = person.consent is True and not person.former and person.address not in withheld
        lines.append(Line(person, person.address, mailed=willing))
    flawed = rng.sample(people, 18)
    for person in flawed[:10]:
        lines.insert(rng.randrange(len(lines) // 2, len(lines)), _again(person))
    for place, person in enumerate(flawed[10:16]):
        stranger = replace(person, crm_id=f"N{20000 + person.number}", name=f"{person.name} (neu)".strip())
        lines.insert(rng.randrange(len(lines)), Line(stranger, _BROKEN[place](person), mailed=False))
    for person in flawed[16:]:
        nobody = replace(person, crm_id=f"N{30000 + person.number}")
        lines.insert(rng.randrange(len(lines)), Line(nobody, "", mailed=False))
    return lines


def _again(person: Person) -> Line:
    """Return the same person once more, the address in another case."""
    return Line(person, f"{person.local.title()}@{person.domain.upper()}", mailed=False)


_ENGLISH = (
    "Email",
    "Full name",
    "Company",
    "Language",
    "Account manager",
    "Consent",
    "Tracking consent",
    "CRM ID",
    "Former employee",
    "Newsletter since",
)
_GERMAN = (
    "Kundennummer",
    "Vorname",
    "Nachname",
    "Firma",
    "E-Mail",
    "Sprache",
    "Betreuer",
    "Einwilligung",
    "Tracking-Einwilligung",
    "Ausgeschieden",
)


def write_english_csv(path: Path, lines: Sequence[Line]) -> None:
    """Write a list in UTF-8, with commas, as an English CRM exports it; one of its columns means nothing to us."""
    rows = [
        (
            line.address,
            line.person.name,
            line.person.company,
            line.person.language,
            line.person.responsible,
            _word(line.person.consent, "yes", "no"),
            _word(line.person.tracking, "yes", "no"),
            line.person.crm_id,
            "yes" if line.person.former else "",
            f"20{10 + line.person.number % 16}",
        )
        for line in lines
    ]
    path.write_bytes(_table(_ENGLISH, rows, ",", "\n").encode("utf-8"))


def write_german_csv(path: Path, lines: Sequence[Line]) -> None:
    """Write a list in Windows-1252, with semicolons, as a German Excel saves it."""
    rows = []
    for line in lines:
        first, _, last = line.person.name.rpartition(" ")
        rows.append((
            line.person.crm_id,
            first,
            last,
            line.person.company,
            line.address,
            line.person.language,
            line.person.responsible,
            _word(line.person.consent, "ja", "nein"),
            _word(line.person.tracking, "ja", "nein"),
            "x" if line.person.former else "",
        ))
    path.write_bytes(_table(_GERMAN, rows, ";", "\r\n").encode("cp1252"))


def write_utf16_tsv(path: Path, lines: Sequence[Line]) -> None:
    """Write a list in UTF-16 with a byte order mark and tabs: "Unicode text" in spreadsheet programs."""
    rows = [
        (
            f"{line.person.name} <{line.address}>"
            if line.person.name and line.person.number % 9 == 0
            else line.address,
            line.person.name,
            line.person.company,
            line.person.language,
            line.person.responsible,
            _word(line.person.consent, "1", "0"),
            _word(line.person.tracking, "1", "0"),
            line.person.crm_id,
            "1" if line.person.former else "0",
        )
        for line in lines
    ]
    path.write_bytes(b"\xff\xfe" + _table(_ENGLISH[:9], rows, "\t", "\r\n").encode("utf-16-le"))


def in_cp1252(person: Person) -> bool:
    """Return whether a person can stand in a Windows-1252 file."""
    try:
        f"{person.name}{person.company}{person.address}{person.responsible}".encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _word(value: bool | None, yes: str, no: str) -> str:
    return "" if value is None else yes if value else no


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str, end: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
