"""Addresses and campaign keys: one spelling for comparing, and the folded text for searching."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from store.cleaning import normalized


@lru_cache(maxsize=1 << 14)
def address_key(address: str) -> str:
    """Return the one spelling under which an address is compared: stripped, NFC, casefolded, domain in IDNA.

    The local part is casefolded too (RFC 5321 2.4 lets a server tell case apart, none does). Text that is no address
    is folded the same way, so that even rubbish has a stable key.
    """
    text = address.strip().strip("<>").strip()
    if text.isascii():
        return text.lower().rstrip(".")
    text = normalized("NFC", text).casefold()
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{_idna(domain)}" if at else text


@lru_cache(maxsize=4096)
def _idna(domain: str) -> str:
    import idna

    try:
        return idna.encode(domain.rstrip("."), uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain.rstrip(".")


def search_fold(text: str) -> str:
    """Fold ``text`` for searching: NFKD without accents, casefolded; the same on write and on query."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


class _Folded(dict[int, str]):
    """Code point -> its folded text, worked out when it is first met; folding goes character by character."""

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code))
        folded = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
        self[code] = folded
        return folded


_FOLDED = _Folded()


@lru_cache(maxsize=1024)
def campaign_key(text: str) -> str:
    """Return the one spelling under which campaign names and keys are compared."""
    return " ".join(text.split()).casefold()
