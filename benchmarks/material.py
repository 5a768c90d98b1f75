"""What is measured on: seeded, written once, kept under benchmarks/.cache."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).parent / ".cache"
VERSION = 1
CAMPAIGN = "autumn"

_FIRST = "Anna Bernd Carla Dieter Eva Frank Gisela Hans Ida Jörg Karin Lars Mia Nils Olga Peter Renée Sven Tina Uwe"
_LAST = "Schmidt Müller Berg Hansen Lange Koch Wolf Krüger Jansen Dubois Novak Rossi Lund Weber Meyer Fischer"
_TRADES = "Optik Werft Verlag Bau Druck Handel Logistik Praxis Schule Energie"
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "é": "e"})


@dataclass(frozen=True, slots=True)
class Person:
    """One recipient of the made-up list."""

    address: str
    name: str
    company: str
    language: str


def people(size: int) -> Iterator[Person]:
    """Yield ``size`` recipients, the same ones each time, in no order of their addresses."""
    dice = random.Random(size)
    first, last, trades = _FIRST.split(), _LAST.split(), _TRADES.split()
    for number in range(size):
        given, family = dice.choice(first), dice.choice(last)
        domain = f"firma{dice.randrange(400)}.example" if dice.random() < 0.5 else dice.choice(_BIG_DOMAINS)
        local = f"{given}.{family}{number}".lower().translate(_PLAIN)
        company = f"{dice.choice(last)} {dice.choice(trades)} {dice.randrange(900)}"
        yield Person(f"{local}@{domain}", f"{given} {family}", company, dice.choice(("de", "de", "en", "no")))


_BIG_DOMAINS = ("mail.example", "post.example.net", "web.example.org")


def recipients_csv(size: int) -> Path:
    """Return a recipient list: five columns, no quotes."""
    return _made(f"recipients-{size}.csv", lambda path: _write_recipients(path, size))


def _write_recipients(path: Path, size: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(("E-Mail", "Name", "Firma", "Sprache", "Einwilligung"))
        writer.writerows((one.address, one.name, one.company, one.language, "ja") for one in people(size))


def _made(name: str, write: Callable[[Path], None]) -> Path:
    """Return a cached file, written first if it is missing; a half-written one never gets the name."""
    folder = CACHE / f"v{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        draft = folder / f"{name}.draft"
        write(draft)
        draft.rename(path)
    return path
