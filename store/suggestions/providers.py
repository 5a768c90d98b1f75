"""The large mailbox providers, and the slips in top-level domains: data of providers.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).with_name("providers.toml")


@dataclass(frozen=True, slots=True)
class Providers:
    """What providers.toml holds.

    Attributes:
        names: domain -> the provider's name; "" where it stands under its region only.
        bare: the name in front of a provider's first domain -> that domain ("gmail" -> "gmail.com").
        slips: a text that is no top-level domain -> the one that is meant ("con" -> "com").
    """

    names: dict[str, str]
    bare: dict[str, str]
    slips: dict[str, str]


@lru_cache(maxsize=1)
def providers() -> Providers:
    """Return the providers; the file is read once."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    names = {domain: entry.get("name", "") for entry in data["provider"] for domain in entry["domains"]}
    bare: dict[str, str] = {}
    for domain in names:
        bare.setdefault(domain.partition(".")[0], domain)
    slips = {slip: meant for meant, slips in data["tld"].items() for slip in slips}
    return Providers(names, bare, slips)
