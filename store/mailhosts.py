"""What the DNS says of domains, asked only where an operator said so, since the question leaves the machine.

A domain takes mail if it has an MX record, or else an address (RFC 5321 5.1); it does not if it does not exist, has
neither, or says so with a null MX (RFC 7505). Answers are kept for the run; questions are asked side by side.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store.cleaning import clean
from store.errors import StoreUnavailable

if TYPE_CHECKING:
    from dns.resolver import Resolver

_SIDE_BY_SIDE: Final = 16
_TIMEOUT_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the DNS says of a domain.

    Attributes:
        takes: whether it takes mail; None if that could not be found out.
        words: the same for people, to be said behind the domain.
    """

    takes: bool | None
    words: str


class MailHosts:
    """Asks the DNS about domains; may be used from any thread.

    Args:
        nameservers: addresses of the servers to ask; None: those of the system.
        port: their port.
        timeout_s: how long one question may take in all.
    """

    def __init__(self, nameservers: Sequence[str] | None = None, port: int = 53, timeout_s: float = _TIMEOUT_S) -> None:
        self._nameservers = nameservers
        self._port = port
        self._timeout_s = timeout_s
        self._known: dict[str, Verdict] = {}
        self._resolver: Resolver | None = None
        self._lock = threading.Lock()

    def ask(self, domains: Iterable[str]) -> dict[str, Verdict]:
        """Return domain (ASCII) -> verdict; what could not be found out is asked again the next time.

        Raises:
            StoreUnavailable: this machine knows no name server.
        """
        wanted = list(dict.fromkeys(domains))
        missing = [domain for domain in wanted if domain not in self._known]
        found: dict[str, Verdict] = {}
        if missing:
            resolver = self._ready()
            with ThreadPoolExecutor(min(_SIDE_BY_SIDE, len(missing)), "dns") as pool:
                found = dict(zip(missing, pool.map(lambda domain: _verdict(resolver, domain), missing), strict=True))
            self._known |= {domain: verdict for domain, verdict in found.items() if verdict.takes is not None}
        return {domain: self._known.get(domain) or found[domain] for domain in wanted}

    def _ready(self) -> Resolver:
        with self._lock:
            if self._resolver is None:
                self._resolver = resolver_of(self._nameservers, self._port, self._timeout_s)
            return self._resolver


class TextRecords:
    """Asks the DNS for TXT records; may be used from any thread.

    Args:
        nameservers: addresses of the servers to ask; None: those of the system.
        port: their port.
        timeout_s: how long one question may take in all.
    """

    def __init__(self, nameservers: Sequence[str] | None = None, port: int = 53, timeout_s: float = _TIMEOUT_S) -> None:
        self._asked = (nameservers, port, timeout_s)
        self._resolver: Resolver | None = None

    def __call__(self, name: str) -> list[str] | None:
        """Return the records of a name, each with its pieces put together; None if that could not be found out.

        Raises:
            StoreUnavailable: this machine knows no name server.
        """
        import dns.exception
        from dns.resolver import NXDOMAIN, NoAnswer

        if self._resolver is None:
            self._resolver = resolver_of(*self._asked)
        try:
            answer = self._resolver.resolve(f"{name}.", "TXT", search=False)
        except (NXDOMAIN, NoAnswer):
            return []
        except (dns.exception.DNSException, UnicodeError):
            return None
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def resolver_of(nameservers: Sequence[str] | None, port: int, timeout_s: float) -> Resolver:
    """Return what asks these name servers, or the system's.

    Raises:
        StoreUnavailable: this machine knows no name server.
    """
    from dns.resolver import NoResolverConfiguration, Resolver

    try:
        resolver = Resolver(configure=nameservers is None)
    except NoResolverConfiguration as error:
        raise StoreUnavailable("This machine knows no name server; the DNS cannot be asked.") from error
    if nameservers is not None:
        resolver.nameservers = list(nameservers)
    resolver.port = port
    resolver.lifetime = timeout_s
    resolver.timeout = timeout_s / 2
    return resolver


def _verdict(resolver: Resolver, domain: str) -> Verdict:
    import dns.exception
    from dns.resolver import NXDOMAIN, NoAnswer

    try:
        answer = resolver.resolve(f"{domain}.", "MX", search=False)
    except NXDOMAIN:
        return Verdict(False, "does not exist")
    except NoAnswer:
        return _without_mx(resolver, domain)
    except (dns.exception.DNSException, UnicodeError):
        return Verdict(None, "was not found out, the DNS did not answer")
    hosts = sorted((record.preference, record.exchange.to_text(omit_final_dot=True)) for record in answer)
    if all(host in {"", "."} for _, host in hosts):
        return Verdict(False, "says that it takes no mail")
    return Verdict(True, f"takes mail at {clean(hosts[0][1])}")


def _without_mx(resolver: Resolver, domain: str) -> Verdict:
    import dns.exception
    from dns.resolver import NXDOMAIN, NoAnswer

    for kind in ("A", "AAAA"):
        try:
            resolver.resolve(f"{domain}.", kind, search=False)
        except (NXDOMAIN, NoAnswer):
            continue
        except dns.exception.DNSException:
            return Verdict(None, "was not found out, the DNS did not answer")
        return Verdict(True, "takes mail at its own address")
    return Verdict(False, "has no mail server")
