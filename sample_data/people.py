"""Contacts of the sample world: who they are, where they work, and how they may be written to."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from random import Random

from sample_data.names import (
    OUR_DOMAIN,
    PROVIDER_WEIGHTS,
    PROVIDERS,
    REGIONS,
    RESPONSIBLE,
    SCANNED_WORDS,
    SENDER,
    Region,
)

CONTACTS = 2000
_PRIVATE_SHARE = 0.32
_SPELLED = str.maketrans({
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "ß": "ss",
    "ø": "o",
    "ł": "l",
    "å": "a",
    "'": "",
    "&": "",
    ".": "",
})
HOUSE = {
    "ines.falk": "Ines Falk",
    "oskar.brandl": "Oskar Brandl",
    "messerunde": "Messerunde",
    "fachhandel": "Fachhandel",
    "werkstudent": "Werkstudent",
    "praktikum": "Praktikum",
    "messe2019": "Messe 2019",
    "f.oldenkamp": "Frauke Oldenkamp",
    "telex": "Telexzentrale",
    "azubi": "Auszubildende",
}
"""Our own people on the lists: local part -> name."""
_ROLES = ("info", "office", "einkauf", "orders", "sales")


@dataclass(frozen=True, slots=True)
class Company:
    """An invented company; ``domain`` may hold non-ASCII letters, ``scanned`` means that its gateway follows links."""

    name: str
    domain: str
    region: Region
    responsible: str
    scanned: bool


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as the CRM knows them.

    Attributes:
        consent, tracking: True, False, or None where the CRM says nothing.
        former: left the company.
        mobile: reads on a phone whose maker loads pictures before anybody looks.
    """

    number: int
    crm_id: str
    name: str
    company: str
    address: str
    language: str
    responsible: str
    consent: bool | None
    tracking: bool | None
    former: bool
    mobile: bool
    scanned: bool

    @property
    def local(self) -> str:
        """The part of the address before the at sign."""
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """The part of the address after the at sign, as written."""
        return self.address.rpartition("@")[2]

    @property
    def wire_address(self) -> str:
        """The address as mail servers write it: the domain in ASCII (RFC 5890)."""
        return f"{self.local}@{wire_domain(self.domain)}"


def wire_domain(domain: str) -> str:
    """Return a domain as it stands in SMTP and in DNS."""
    return domain if domain.isascii() else domain.encode("idna").decode("ascii")


def spell(text: str) -> str:
    """Return a name as people put it into an address: lower case, without accents."""
    text = unicodedata.normalize("NFKD", text.lower().translate(_SPELLED))
    return "".join(char for char in text if char.isalnum() and char.isascii())


def make_people(rng: Random) -> list[Person]:
    """Return the contacts, each with an address of their own."""
    companies = _companies(rng)
    taken: set[str] = set()
    people: list[Person] = []
    while len(people) < CONTACTS:
        company = rng.choice(companies)
        person = _person(rng, len(people) + 1, company, private=rng.random() < _PRIVATE_SHARE)
        if person.address not in taken:
            taken.add(person.address)
            people.append(person)
    return _with_slips(rng, people) + _house(len(people))


def _with_slips(rng: Random, people: list[Person]) -> list[Person]:
    """Return the same people; some have a slip of the finger in the domain of their provider."""
    slips = [(provider, slip) for provider, slips in PROVIDERS.items() for slip in slips for _ in range(3)]
    changed = list(people)
    for provider, slip in slips:
        places = [place for place, person in enumerate(changed) if person.domain == provider and person.consent]
        place = rng.choice(places)
        changed[place] = replace(changed[place], address=f"{changed[place].local}@{slip}")
    return changed


def _house(number: int) -> list[Person]:
    """Return colleagues, and addresses of our own domain that stand for several people or for nobody any more."""
    return [
        Person(
            number=number + place,
            crm_id=f"H{place:03d}",
            name=name,
            company=SENDER,
            address=f"{local}@{OUR_DOMAIN}",
            language="de",
            responsible=RESPONSIBLE[0],
            consent=True,
            tracking=True,
            former=False,
            mobile=False,
            scanned=False,
        )
        for place, (local, name) in enumerate(HOUSE.items(), 1)
    ]


def _companies(rng: Random) -> list[Company]:
    companies: dict[str, Company] = {}
    for region in REGIONS:
        for _ in range(3 + region.weight):
            word, roman_word = _native_and_roman(rng.choice(region.words))
            trade, roman_trade = _native_and_roman(rng.choice(region.trades))
            separator = "" if region.family_first else " "
            name = separator.join((word, trade)) + (separator or " ") + rng.choice(region.forms)
            domain = f"{spell(roman_word)}-{spell(roman_trade)}.{rng.choice(region.top)}"
            if region.language == "de" and not word.isascii():
                domain = f"{word.lower()}-{spell(roman_trade)}.example"
            scanned = trade in SCANNED_WORDS
            companies.setdefault(domain, Company(name.strip(), domain, region, rng.choice(RESPONSIBLE), scanned))
    weighted = [company for company in companies.values() for _ in range(rng.choice((1, 1, 2, 3)))]
    return weighted


def _person(rng: Random, number: int, company: Company, private: bool) -> Person:
    region = company.region
    first, roman_first = _native_and_roman(rng.choice(region.first))
    last, roman_last = _native_and_roman(rng.choice(region.last))
    name = f"{last} {first}" if region.family_first else f"{first} {last}"
    given, family = spell(roman_first), spell(roman_last)
    local = rng.choice((f"{given}.{family}", f"{given}.{family}", f"{given[0]}.{family}", f"{family}.{given}"))
    domain = company.domain
    if private:
        domain = rng.choices(tuple(PROVIDERS), PROVIDER_WEIGHTS)[0]
        local = rng.choice((local, f"{given}{family}", f"{family}{rng.randint(61, 99)}"))
        local += "+kontor" if rng.random() < 0.04 else ""
    elif rng.random() < 0.03:
        name, local = "", rng.choice(_ROLES)
    return Person(
        number=number,
        crm_id=f"C{10000 + number * 7}",
        name=name,
        company="" if private and rng.random() < 0.6 else company.name,
        address=f"{local}@{domain}",
        language=region.language,
        responsible=company.responsible,
        consent=rng.choices((True, False, None), (965, 20, 15))[0],
        tracking=rng.choices((True, False, None), (80, 9, 11))[0],
        former=not private and rng.random() < 0.018,
        mobile=rng.random() < 0.16,
        scanned=company.scanned and not private,
    )


def _native_and_roman(text: str) -> tuple[str, str]:
    native, _, roman = text.partition("/")
    return native, roman or native
