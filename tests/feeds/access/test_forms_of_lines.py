"""Every form in which servers write a request gives the same record."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest

from store.feeds.access.detection import first_access_ms, is_access_log
from store.feeds.record import Defect, Record
from store.vocabulary import EventType
from tests.feeds.access.lines import CHROME, CLICK, SECOND, line, read, records

NGINX = {
    "time_local": "02/Mar/2026:09:00:02 +0100",
    "remote_addr": "203.0.113.9",
    "request": f"GET {CLICK} HTTP/1.1",
    "status": "302",
    "http_user_agent": CHROME,
}
NAMED = {
    "@timestamp": "2026-03-02T08:00:02+00:00",
    "clientip": "203.0.113.9",
    "verb": "GET",
    "request": CLICK,
    "request_path": "/r/7f3",
    "path": "/var/log/nginx/access.json",
    "response": 302,
    "request_time": "0.003",
    "agent": CHROME,
}
APART = {
    "msec": "1772438402.000",
    "remote_addr": "10.0.0.1",
    "http_x_forwarded_for": "203.0.113.9, 10.0.0.7",
    "request_method": "GET",
    "uri": "/r/7f3",
    "args": CLICK.partition("?")[2],
    "status": 302,
    "http_user_agent": CHROME,
}
CADDY = {
    "level": "info",
    "ts": 1772438402.0,
    "logger": "http.log.access.log0",
    "msg": "handled request",
    "request": {
        "remote_ip": "203.0.113.9",
        "remote_port": "41342",
        "client_ip": "203.0.113.9",
        "proto": "HTTP/2.0",
        "method": "GET",
        "host": "go.shop.example",
        "uri": CLICK,
        "headers": {"User-Agent": [CHROME], "Accept": ["*/*"]},
    },
    "duration": 0.0009,
    "size": 0,
    "status": 302,
    "resp_headers": {"Location": ["https://shop.example/"]},
}
TRAEFIK = {
    "ClientAddr": "203.0.113.9:41342",
    "ClientHost": "203.0.113.9",
    "DownstreamStatus": 302,
    "Duration": 903112,
    "RequestHost": "go.shop.example",
    "RequestMethod": "GET",
    "RequestPath": CLICK,
    "RequestProtocol": "HTTP/2.0",
    "StartUTC": "2026-03-02T08:00:02.000000000Z",
    "request_User-Agent": CHROME,
    "level": "info",
    "msg": "",
    "time": "2026-03-02T08:00:03Z",
}
ELASTIC = {
    "@timestamp": "2026-03-02T08:00:02.000Z",
    "http": {"request": {"method": "GET"}, "response": {"status_code": 302}},
    "url": {"path": "/r/7f3", "query": CLICK.partition("?")[2]},
    "source": {"ip": "203.0.113.9"},
    "user_agent": {"original": CHROME},
}
DOCKER = {"log": line() + "\n", "stream": "stdout", "time": "2026-03-02T08:00:02.5Z"}

FORMS = {
    "combined": line(),
    "virtual host first": f"go.shop.example:443 {line()}",
    "forwarded address first": line(client="203.0.113.9, 10.0.0.7"),
    "forwarded address behind": line(client="10.0.0.1") + ' "203.0.113.9, 10.0.0.7" rt=0.003',
    "further fields": line() + ' 0.003 "upstream" 1.2',
    "user with blanks": line().replace("- -", "- John Doe"),
    "user with a bracket": line().replace("- -", "- [02/Mar"),
    "syslog before": f"Mar  2 09:00:02 web nginx: {line()}",
    "whole URL": line(f"https://go.shop.example{CLICK}"),
    "carriage return": line() + "\r",
    "nginx escapes": line().replace("7f3", "\\x37f3"),
    "nginx json": json.dumps(NGINX),
    "names of one's own": json.dumps(NAMED),
    "path and query apart": json.dumps(APART),
    "slashes escaped": json.dumps(NGINX).replace("/", "\\/"),
    "ampersands escaped": json.dumps(NGINX).replace("&", "\\u0026"),
    "caddy": json.dumps(CADDY),
    "traefik": json.dumps(TRAEFIK),
    "elastic": json.dumps(ELASTIC),
    "docker": json.dumps(DOCKER),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_click_is_the_same_in_every_form(form: str) -> None:
    [plain] = records(line())
    assert records(form) == [plain]
    assert (plain.type, plain.ts, plain.address, plain.campaign) == (
        EventType.CLICKED,
        SECOND,
        "ann@shop.example",
        "spring-26",
    )
    assert plain.url == "/r/7f3"


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_is_known_for_an_access_log(form: str) -> None:
    start = f"# something else\n{form}\n{form}\n".encode()
    assert is_access_log(start)
    if "log" not in form[:6]:
        assert first_access_ms(start) == SECOND


def test_the_common_form_has_no_agent() -> None:
    [found] = records(line().partition(' "-"')[0])
    assert (found.type, found.address) == (EventType.CLICKED, "ann@shop.example")


@pytest.mark.parametrize(
    "text",
    [
        '{"event": "open", "email": "ann@shop.example", "timestamp": 1772438402, "url": "/a", "status": 2}',
        '{"method": "GET", "status": 200}',
        "Mar  2 09:00:02 mx postfix/smtp[4]: 4bT: to=<a@x.example>, status=sent (250 ok [02/Mar/2026:09:00:02 +0100])",
        "email,event,time\nann@shop.example,open,2026-03-02",
        "[]",
        '{"a"',
    ],
)
def test_what_is_no_access_log_is_not_taken_for_one(text: str) -> None:
    assert not is_access_log(text.encode())
    assert first_access_ms(text.encode()) is None


def test_milliseconds_are_kept_where_the_log_has_them() -> None:
    [found] = records(json.dumps(APART | {"msec": "1772438402.517"}))
    assert found.ts == SECOND + 517


@pytest.mark.parametrize("stamp", ["2026-03-02 09:00:02", "2026/03/02 09:00:02"])
def test_a_time_without_a_zone_needs_one(stamp: str) -> None:
    text = json.dumps(NAMED | {"@timestamp": stamp})
    [defect] = read(text)
    assert isinstance(defect, Defect)
    assert "--zone" in defect.sentence
    [found] = read(text, zone=ZoneInfo("Europe/Berlin"))
    assert isinstance(found, Record)
    assert found.ts == SECOND


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (line()[:90], "the request in quotes is missing or not closed"),
        (CLICK, "a line of an access log was expected, with its time in brackets"),
        (line(time="31/Feb/2026:09:00:02 +0100"), "there is no such day or time"),
        (json.dumps(NGINX)[:-9], "this is no complete JSON object"),
        (json.dumps(NGINX | {"time_local": "99/Foo/2026:09:00:02 +0100"}), "there is no such day or time"),
        (json.dumps({key: value for key, value in NGINX.items() if key != "status"}), "the object has no status"),
        (json.dumps(NAMED | {"@timestamp": 10**400}), "the time is no likely one"),
        (line(CLICK + "x" * 70_000), "the line is longer than 65,536 bytes"),
    ],
)
def test_a_broken_line_is_reported_with_its_number_and_the_rest_is_read(text: str, sentence: str) -> None:
    first, defect, last = read(line(), text, line(client="198.51.100.1"))
    assert isinstance(first, Record)
    assert isinstance(last, Record)
    assert defect == Defect("line 2", sentence)


def test_lines_that_have_nothing_to_do_with_the_paths_are_not_looked_at() -> None:
    assert read('garbage "', b"\x16\x03\x01\xff\x00", "{", "") == []


@pytest.mark.parametrize(
    "hostile",
    [
        line().encode() * 5000,
        b'"' + CLICK.encode() + b'\\"GET ' * 10_000,
        line().partition('"')[0].encode() + b'"GET ' + CLICK.encode() + b'\\"' * 30_000,
        line().encode() + b' "1.2.3.4' * 7000,
        line().encode() + b' "' + b'\\"' * 30_000,
        b"[" * 30_000 + line().encode(),
        b"1.2.3.4 " * 7000 + line().encode(),
        b":" * 60_000 + line().encode(),
        b"{" * 60_000 + CLICK.encode(),
        b'{"request": ' * 5_000 + b'"' + CLICK.encode() + b'"',
        b'{"a":' + b"[" * 50_000 + CLICK.encode(),
    ],
)
def test_hostile_lines_cost_no_more_than_their_length(hostile: bytes) -> None:
    assert len(read(hostile)) <= 1


def test_bytes_of_any_sort_and_escape_sequences_are_only_text() -> None:
    shown = line("/r/\x1b[31m7?utm_campaign=spring\x07-26&u=ann%40shop.example%00").encode()
    [found] = records(shown.replace(b"Chrome", b"\xff\xfe\x00"))
    assert found.campaign == "spring-26"
    assert found.url == "/r/\x1b[31m7"
    assert found.address == ""


def test_a_newline_put_into_a_request_is_none_in_the_log() -> None:
    forged = line(CLICK + "\\x0a1.2.3.4 - - [02/Mar/2026:09:00:02 +0100] \\x22GET /u/bo@x.example HTTP/1.1\\x22 200")
    [found] = records(forged)
    assert found.type is EventType.CLICKED
