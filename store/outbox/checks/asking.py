"""Asking whether links answer: side by side, bounded in time and in what is read, over the web and nothing else."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from store.outbox.checks.finding import Answer
from store.outbox.checks.links import ascii_host

_SIDE_BY_SIDE: Final = 8
_AGENT: Final = "aftersend (checks the links of a mail before it is sent)"
_TRIED_AGAIN: Final = frozenset({400, 403, 404, 405, 406, 500, 501, 503})
_SAFE: Final = "/%:=&?~#+!$,;'@()*[]"


class LinkAsker:
    """Asks for links; what it returns is one :class:`Answer` for each.

    Args:
        timeout_s: how long one question may take without a byte.
        all_s: how long all may take together.
    """

    def __init__(self, timeout_s: float = 8.0, all_s: float = 60.0) -> None:
        self._timeout_s = timeout_s
        self._all_s = all_s

    def __call__(self, urls: Sequence[str]) -> Mapping[str, Answer]:
        """Ask for every link with HEAD, and with GET where that is refused."""
        end = time.monotonic() + self._all_s
        wanted = list(dict.fromkeys(urls))
        if not wanted:
            return {}
        with ThreadPoolExecutor(min(_SIDE_BY_SIDE, len(wanted)), "links") as pool:
            return dict(zip(wanted, pool.map(lambda url: self._ask(url, end), wanted), strict=True))

    def _ask(self, url: str, end: float) -> Answer:
        found = self._once(url, "HEAD", end)
        # Some servers know no HEAD, and say so in many ways.
        return self._once(url, "GET", end) if found.status in _TRIED_AGAIN else found

    def _once(self, url: str, method: str, end: float) -> Answer:
        left = min(self._timeout_s, end - time.monotonic())
        if left <= 0:
            return Answer(0, "was not asked any more: it took too long")
        try:
            request = Request(_ascii(url), method=method, headers={"User-Agent": _AGENT, "Accept": "*/*"})
            with _opener().open(request, timeout=left) as answer:
                status = int(answer.status)
            return Answer(status, f"answers {status}")
        except HTTPError as error:
            with error:
                return Answer(error.code, f"answers {error.code} {error.reason}".strip())
        except (URLError, HTTPException, OSError, ValueError) as error:
            return Answer(0, _said(error))


def _opener() -> OpenerDirector:
    """Return what opens http: and https: links, follows up to ten redirections, and knows no file and no FTP."""
    opener = OpenerDirector()
    for handler in (
        *(ProxyHandler(), UnknownHandler(), HTTPHandler(), HTTPSHandler(), HTTPDefaultErrorHandler()),
        *(HTTPRedirectHandler(), HTTPErrorProcessor()),
    ):
        opener.add_handler(handler)
    return opener


def _ascii(url: str) -> str:
    """Return a link as HTTP takes it."""
    parts = urlsplit(url)
    host = ascii_host(parts.hostname or "")
    port = f":{parts.port}" if parts.port else ""
    place = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{place}{port}", quote(parts.path, _SAFE), quote(parts.query, _SAFE), ""))


def _said(error: BaseException) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return "does not answer in time"
    if isinstance(reason, socket.gaierror):
        return "leads to a host that does not exist"
    if isinstance(reason, ConnectionRefusedError):
        return "leads to a server that takes no connection"
    if isinstance(reason, ssl.SSLError):
        return f"has a certificate that does not hold: {getattr(reason, 'verify_message', '') or reason.reason}"
    return f"does not answer: {str(reason)[:100] or type(reason).__name__}"
