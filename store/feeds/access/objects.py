"""Lines of an access log as JSON: nginx (escape=json, with names of one's own), Caddy, Traefik, Apache, Docker.

Fields are known by their names, whatever the case, the punctuation and the object they lie in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from functools import lru_cache
from typing import Any

from store.feeds.access.lines import clf_ms, read_line
from store.feeds.access.request import NotRead, Request, first_address, host_of, split_target
from store.feeds.mapping import plain
from store.feeds.times import TimeDefect, parse_time

FIELDS: dict[str, str] = {
    "time": "msec startutc timeiso8601 timelocal timestamp time ts datetime eventdatetime timestart date wheniso",
    "method": "requestmethod method verb httpmethod httprequestmethod",
    "target": "requesturi request requestline uri url urloriginal requesturl requestpath urlpath path",
    "query": "args querystring query requestparam requestquery urlquery",
    "status": "status statuscode downstreamstatus response responsecode httpstatus httpresponsestatuscode"
    " responsestatus originstatus code",
    "agent": "httpuseragent useragent requestuseragent requestheadersuseragent agent useragentoriginal"
    " httpheadersuseragent ua",
    "forwarded": "httpxforwardedfor xforwardedfor requestxforwardedfor requestheadersxforwardedfor"
    " httpheadersxforwardedfor xff",
    "client": "requestclientip clientip remoteaddr remoteip requestremoteip clienthost clientaddr remoteaddress"
    " clientipaddress remotehost sourceip remote client ip",
    "host": "httphost host requesthost servername vhost virtualhost urldomain domain",
}
"""The fields of a request and the names by which each is known, folded by ``plain``, the surest first."""

_DEEP = 4
_DECODER = json.JSONDecoder(strict=False)
_LEAVES = (str, int, float)
_KINDS = frozenset(_LEAVES)
Leaf = str | int | float


def decoded(line: bytes) -> Any:
    """Return the JSON value of a line.

    Raises:
        ValueError: it is none.
        RecursionError: it is one inside another without end.
    """
    return _DECODER.decode(line.decode("utf-8", "replace").strip())


def is_request(found: object) -> bool:
    """Tell whether a JSON value is a line of an access log."""
    if not isinstance(found, dict):
        return False
    inner = _wrapped(found)
    if inner is not None:
        try:
            return read_line(inner) is not None
        except NotRead:
            return False
    flat = _flat(found)
    names = _names(tuple(flat))
    if not names.keys() >= {"time", "target", "status"}:
        return False
    target = str(flat[names["target"]])
    asked = target.split(" ")
    whole = len(asked) > 1 and asked[0].isalpha() and asked[0].isupper()
    return whole or ("method" in names and target.startswith(("/", "http://", "https://")))


def read_object(line: bytes, zone: tzinfo | None) -> Request | None:
    """Return the request of a line of JSON, None if the line tells of none.

    Args:
        line: one object.
        zone: of times that tell none; None: they are defects.

    Raises:
        NotRead: it is no JSON object, or one without time, target or status.
    """
    try:
        found = decoded(line)
    except (ValueError, RecursionError) as error:
        raise NotRead("this is no complete JSON object") from error
    if not isinstance(found, dict):
        raise NotRead("a JSON object was expected")
    inner = _wrapped(found)
    if inner is not None:
        return read_line(inner)
    flat = _flat(found)
    names = _names(tuple(flat))
    missing = [name for name in ("time", "target", "status") if name not in names]
    if missing:
        raise NotRead(f"the object has no {missing[0]}")
    return _request({name: flat[key] for name, key in names.items()}, zone)


def object_ms(found: object, zone: tzinfo | None) -> int | None:
    """Return the time of a line's object in epoch milliseconds, None if it has none."""
    try:
        flat = _flat(found) if isinstance(found, dict) else {}
        names = _names(tuple(flat))
        return _ms(flat[names["time"]], zone) if "time" in names else None
    except NotRead:
        return None


def _wrapped(found: Mapping[str, Any]) -> bytes | None:
    """Return the line in what Docker's json-file driver writes around it."""
    log = found.get("log")
    return log.encode("utf-8", "replace") if isinstance(log, str) and "stream" in found else None


def _request(said: Mapping[str, Leaf], zone: tzinfo | None) -> Request | None:
    target, method = str(said["target"]), str(said.get("method", ""))
    first, blank, rest = target.partition(" ")
    if blank and first.isalpha() and first.isupper():
        method, target = first, rest.rpartition(" ")[0] if " HTTP/" in rest else rest
    path, query, host = split_target(target)
    if not query and said.get("query"):
        query = str(said["query"]).removeprefix("?")
    status = str(said["status"])
    if not method or not (status.isascii() and status.isdigit()):
        return None
    agent = str(said.get("agent", ""))
    client = first_address(str(said.get("forwarded", ""))) or _without_port(str(said.get("client", "")))
    host = host or host_of(str(said.get("host", "")))
    return Request(
        _ms(said["time"], zone),
        method.upper(),
        path,
        "" if query == "-" else query,
        int(status[:4]),
        client,
        "" if agent == "-" else agent,
        host,
    )


def _ms(value: Leaf, zone: tzinfo | None) -> int:
    """Return a time as epoch milliseconds.

    Raises:
        NotRead: it is none.
    """
    if isinstance(value, str) and value[2:3] == "/" and value[3:4].isalpha():
        found = clf_ms(value.encode("utf-8", "replace"))
        if found is None:
            raise NotRead("there is no such day or time")
        return found
    try:
        if isinstance(value, str) and value[4:5] == "/":
            value = value.replace("/", "-", 2)
        return parse_time(value, zone, None)
    except TimeDefect as error:
        raise NotRead(str(error)) from error
    except OverflowError as error:
        raise NotRead("the time is no likely one") from error


def _without_port(client: str) -> str:
    return first_address(client) or first_address(client.rpartition(":")[0]) or client


def _flat(found: Mapping[str, Any]) -> dict[str, Leaf]:
    """Return the leaves of an object by their dotted names; of a list its first element."""
    if _KINDS.issuperset(map(type, found.values())):
        return dict(found)
    return dict(_leaves(found, "", _DEEP))


def _leaves(found: Mapping[str, Any], before: str, deep: int) -> Iterator[tuple[str, Leaf]]:
    for name, value in found.items():
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, _LEAVES):
            yield before + name, value
        elif isinstance(value, dict) and deep:
            yield from _leaves(value, f"{before}{name}.", deep - 1)


@lru_cache(maxsize=256)
def _names(keys: tuple[str, ...]) -> dict[str, str]:
    """Return field -> name for the fields of a request among an object's names."""
    by_plain: dict[str, str] = {}
    for key in keys:
        by_plain.setdefault(plain(key), key)
    found: dict[str, str] = {}
    for field, spellings in FIELDS.items():
        name = next((by_plain[spelling] for spelling in spellings.split() if spelling in by_plain), None)
        if name is not None:
            found[field] = name
    return found
