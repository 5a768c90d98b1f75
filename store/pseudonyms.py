"""By what forgotten people are known again: keyed hashes (HMAC-SHA256, RFC 2104) of their addresses and CRM ids.

A hash without a key would give an address away to whoever tries addresses until one fits, and they are easily tried.
The key lies in a file of its own beside the store (``NAME.forget-key``, mode 0600), not in it: a copy of the store, or
a stolen one, tells nobody who was forgotten, which is what makes the hashes pseudonyms (GDPR, article 4(5)). The price
is that the key has to be kept with the same care as the store. So the store holds by what the right key is known, and
nothing is imported or read in without it, since everybody who was forgotten would come back unnoticed.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from store.addresses import address_key, campaign_key
from store.database import Store
from store.errors import StoreUnavailable
from store.feeds.record import Record
from store.feeds.storing import dedupe_key
from store.folders import make_private
from store.needles import hidden

DOMAIN = "forgotten.invalid"
"""Of the addresses that stand for forgotten ones; mail to it cannot be delivered (RFC 6761, section 6.4)."""

_CHECK = "key:"
_KEY_BYTES = 32
_DIGEST_CHARS = 32


class Pseudonyms:
    """Gives addresses, CRM ids and Message-IDs their pseudonyms, and knows whose were forgotten.

    Attributes:
        campaigns: the keys of campaigns, which stay where a Message-ID begins with one.
    """

    def __init__(self, key: bytes, forgotten: Iterable[str] = ()) -> None:
        """Take the key, and the digests of what was forgotten."""
        self.campaigns: frozenset[str] = frozenset()
        self._key = key
        self._forgotten = frozenset(forgotten)
        self._known = lru_cache(maxsize=1 << 14)(self._is_forgotten)

    def digest(self, text: str) -> str:
        """Return 128 bits of the keyed hash of ``text`` in hexadecimal."""
        sealed = hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")
        return sealed.hex()[:_DIGEST_CHARS]

    @property
    def check(self) -> str:
        """What the store keeps to know this key by."""
        return _CHECK + self.digest(_CHECK)

    def address(self, address: str) -> str:
        """Return the address that stands for one; it is its own key, and stands for itself."""
        key = address_key(address)
        if not key or key.endswith("@" + DOMAIN):
            return key
        return f"{self.digest(key)}@{DOMAIN}"

    def message_id(self, message_id: str) -> str:
        """Return the Message-ID that stands for one; it names the same campaign."""
        if message_id.endswith("@" + DOMAIN):
            return message_id
        first, dot, _ = message_id.partition(".")
        named = f"{first}." if dot and first.lower() in self.campaigns else ""
        return f"{named}{self.digest('<' + message_id)}@{DOMAIN}"

    def contact(self, crm_id: str) -> str:
        """Return the CRM id that stands for one."""
        return self.digest("crm:" + crm_id)

    def dedupe(self, dedupe: bytes) -> bytes:
        """Return the key under which an event about a forgotten person is known again: the time stays."""
        sealed = hmac.digest(self._key, dedupe, "sha256")
        return dedupe[:8] + sealed[:8]

    def _is_forgotten(self, text: str) -> bool:
        return self.digest(text) in self._forgotten

    def knows_address(self, address: str | None) -> bool:
        """Tell whether an address was forgotten."""
        return bool(address) and self._known(address_key(address or ""))

    def knows_contact(self, crm_id: str | None) -> bool:
        """Tell whether somebody with this id in the CRM was forgotten."""
        return bool(crm_id) and self._known(f"crm:{crm_id}")

    def veiled(self, record: Record) -> Record:
        """Return a record as it may be kept: without anything of a forgotten person if it is about one, too."""
        addresses = (record.address, record.original, record.verp)
        if not (any(map(self.knows_address, addresses)) or self.knows_contact(record.contact)):
            return record
        return self.veil(record)

    def veil(self, record: Record) -> Record:
        """Return a record with pseudonyms in it and without the words of servers; it is known again all the same."""
        if record.sealed is not None:
            return record
        contact = record.contact
        addresses = [address for address in (record.address, record.original, record.verp) if address]
        return replace(
            record,
            address=self.address(record.address),
            original=None if record.original is None else self.address(record.original),
            verp=None if record.verp is None else self.address(record.verp),
            message_id=None if record.message_id is None else self.message_id(record.message_id),
            contact=None if contact is None else self.contact(contact),
            where="",
            diagnostic=None,
            name=None,
            identity=None,
            url=None if record.url is None else self._hidden(record.url, addresses),
            sealed=self.dedupe(dedupe_key(record)).hex(),
        )

    def _hidden(self, url: str, addresses: Iterable[str]) -> str:
        return hidden(url, {address: self.address(address) for address in addresses})


def veiled(store: Store, records: Sequence[Record]) -> Sequence[Record]:
    """Return records as they may be kept; call it before anything of them is written.

    What was folded or dropped before the person was forgotten is known under its own key, and left out.

    Raises:
        StoreUnavailable: people were forgotten, and the key is missing.
    """
    names = pseudonyms(store)
    if names is None:
        return records
    found = [names.veiled(record) for record in records]
    changed = {at: dedupe_key(records[at]) for at, record in enumerate(found) if record is not records[at]}
    sql = "SELECT dedupe FROM folded_key WHERE dedupe IN ({})"
    gone = {bytes(key) for (key,) in store.among(sql, list(changed.values()))}
    return [record for at, record in enumerate(found) if changed.get(at) not in gone] if gone else found


_Mark = tuple[int, int, int, int]
_LOADED: dict[Path, tuple[_Mark, Pseudonyms]] = {}
"""The file with the key -> how both it and the digests stood, and what was made of them."""


def pseudonyms(store: Store) -> Pseudonyms | None:
    """Return the pseudonyms of a store, the same ones while nothing changes; None as long as nobody was forgotten.

    Raises:
        StoreUnavailable: the file with the key is missing, or holds another one.
    """
    count, newest = store.row("SELECT count(*), coalesce(max(forgotten_at), 0) FROM forgotten") or (0, 0)
    if not count:
        return None
    path = key_path(store)
    mark = (count, newest, *_stand(path))
    known, names = _LOADED.get(path, (None, None))
    if names is None or known != mark:
        digests = {digest for (digest,) in store.rows("SELECT digest FROM forgotten")}
        names = Pseudonyms(_read(path), digests)
        if names.check not in digests:
            raise StoreUnavailable(f"{path} is not the key with which people were forgotten; {_CURE}")
        _LOADED[path] = (mark, names)
    names.campaigns = _campaigns(store)
    return names


def _stand(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns


_CURE = "put the right one there, or whoever was forgotten would not be known again. Nothing was done."


def key_path(store: Store) -> Path:
    """Return where the key of a store lies: beside it; of one on a server in the operator's data directory."""
    if "://" not in store.place:
        return store.path.with_name(f"{store.path.name}.forget-key")
    from platformdirs import user_data_path

    return user_data_path("aftersend") / f"{re.sub(r'[^A-Za-z0-9.-]+', '_', store.place)}.forget-key"


def _read(path: Path) -> bytes:
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise StoreUnavailable(f"{path} is missing, the key with which people were forgotten; {_CURE}") from None
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError:
        raise StoreUnavailable(f"{path} holds no key; {_CURE}") from None


def make_pseudonyms(store: Store) -> Pseudonyms:
    """Return the pseudonyms of a store; the key is made with the first one.

    Raises:
        StoreUnavailable: the key is missing though people were forgotten, or cannot be written.
    """
    known = pseudonyms(store)
    if known is not None:
        return known
    path = key_path(store)
    try:
        make_private(path.parent)
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_bytes(_KEY_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        _sync(path.parent)
    except FileExistsError:
        pass
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise StoreUnavailable(f"{path} cannot be written: {error.strerror}.") from error
    names = Pseudonyms(_read(path))
    names.campaigns = _campaigns(store)
    return names


def _campaigns(store: Store) -> frozenset[str]:
    return frozenset(campaign_key(key) for (key,) in store.rows("SELECT key FROM campaign"))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remember(store: Store, names: Pseudonyms, digests: Iterable[str], contact_id: int, at: int) -> None:
    """Keep digests of a forgotten person, and by what the key is known; call it inside a transaction."""
    rows = [(names.check, 0, at), *((digest, contact_id, at) for digest in digests)]
    store.execute_many(
        "INSERT INTO forgotten (digest, contact_id, forgotten_at) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
        rows,
    )
