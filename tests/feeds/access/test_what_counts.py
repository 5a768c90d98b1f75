"""Which requests are events, whose they are, and whether a person made them."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.errors import BadInput
from store.feeds.access.patterns import WebPaths
from store.feeds.access.reader import AccessLog
from store.feeds.access.tokens import with_tokens
from store.feeds.stamps import Clock
from store.feeds.storing import dedupe_key, record_from_json, record_to_json
from store.vocabulary import Actor, EventType
from tests.feeds.access.lines import CHROME, CLICK, GMAIL, PATHS, PIXEL, SECOND, UNSUBSCRIBE, line, read, records

ANN = "ann@shop.example"
UUIDS = [f"{digit * 8}-1111-4111-8111-111111111111" for digit in "abc"]
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("target", [CLICK, PIXEL])
@pytest.mark.parametrize("status", [200, 204, 206, 301, 302, 303, 304, 307, 308])
def test_a_get_that_was_answered_counts(target: str, status: int) -> None:
    kind = EventType.CLICKED if target == CLICK else EventType.OPENED
    assert [found.type for found in records(line(target, status=status))] == [kind]


@pytest.mark.parametrize("target", [CLICK, PIXEL, UNSUBSCRIBE])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 429, 499, 500, 502, 503, 100, 999])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_what_the_server_refused_never_counts(target: str, status: int, method: str) -> None:
    assert records(line(target, status=status, method=method)) == []


@pytest.mark.parametrize("status", [200, 201, 202, 204, 302, 303])
def test_a_post_on_the_unsubscribe_path_is_an_unsubscription(status: int) -> None:
    [found] = records(line(UNSUBSCRIBE, method="POST", status=status))
    assert (found.type, found.address, found.actor, found.url) == (EventType.UNSUBSCRIBED, ANN, Actor.UNKNOWN, None)


@pytest.mark.parametrize("status", [301, 304, 307, 308])
def test_a_post_that_was_sent_elsewhere_is_none(status: int) -> None:
    assert records(line(UNSUBSCRIBE, method="POST", status=status)) == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PROPFIND"])
def test_a_look_at_the_unsubscribe_page_is_nothing(method: str) -> None:
    assert records(line(UNSUBSCRIBE, method=method, status=200)) == []


@pytest.mark.parametrize("target", [CLICK, PIXEL])
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "PUT", "DELETE"])
def test_other_methods_are_no_clicks(target: str, method: str) -> None:
    assert records(line(target, method=method)) == []


@pytest.mark.parametrize(
    ("target", "agent", "client", "actor"),
    [
        (PIXEL, CHROME, "203.0.113.9", Actor.UNKNOWN),
        (PIXEL, "Mozilla/5.0", "17.58.0.9", Actor.MACHINE),
        (PIXEL, "-", "17.58.0.9", Actor.MACHINE),
        (PIXEL, GMAIL, "66.249.84.1", Actor.HUMAN),
        (PIXEL, "YahooMailProxy; https://help.yahoo.com/kb/", "203.0.113.9", Actor.HUMAN),
        (CLICK, CHROME, "203.0.113.9", Actor.UNKNOWN),
        (CLICK, "-", "203.0.113.9", Actor.UNKNOWN),
        (
            CLICK,
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "66.249.66.1",
            Actor.MACHINE,
        ),
        (CLICK, "python-requests/2.32", "203.0.113.9", Actor.MACHINE),
        (CLICK, "curl/8.9.1", "203.0.113.9", Actor.MACHINE),
        (CLICK, "Mozilla/5.0 AppleWebKit/537.36 HeadlessChrome/126.0", "203.0.113.9", Actor.MACHINE),
        (CLICK, "Mozilla/5.0 BingPreview/1.0b", "203.0.113.9", Actor.MACHINE),
        (CLICK, "Mozilla/5.0 (Linux; Android 13; CUBOT P80) Chrome/126.0 Mobile", "203.0.113.9", Actor.UNKNOWN),
        (CLICK, "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0; Pro)", "203.0.113.9", Actor.UNKNOWN),
    ],
)
def test_who_made_a_request(target: str, agent: str, client: str, actor: Actor) -> None:
    [found] = records(line(target, agent=agent, client=client, status=200))
    assert found.actor is actor


def test_a_head_is_a_machines_and_so_is_the_get_after_it() -> None:
    found = records(
        line(method="HEAD", time="02/Mar/2026:09:00:02 +0100"),
        line(method="GET", time="02/Mar/2026:09:00:12 +0100"),
        line(method="GET", time="02/Mar/2026:09:00:13 +0100"),
        line(method="GET", time="02/Mar/2026:09:00:05 +0100", client="198.51.100.7"),
    )
    machine, unknown = Actor.MACHINE, Actor.UNKNOWN
    assert [one.actor for one in found] == [machine, machine, unknown, unknown]
    assert len({dedupe_key(one) for one in found}) == 4


def test_a_head_that_was_refused_is_a_sign_all_the_same() -> None:
    [found] = records(line(method="HEAD", status=405), line())
    assert found.actor is Actor.MACHINE


def test_a_head_and_a_get_of_one_second_are_two_events() -> None:
    assert len({dedupe_key(one) for one in records(line(method="HEAD"), line())}) == 2


def test_a_head_is_known_after_a_restart() -> None:
    def lines(*texts: str) -> list[bytes]:
        return [text.encode() + b"\n" for text in texts]

    clock = Clock(datetime.now(UTC), None)
    before = AccessLog(WebPaths.parse(PATHS))
    assert len(list(before.records(lines(line(method="HEAD")), clock))) == 1
    after = AccessLog(WebPaths.parse(PATHS))
    after.from_json(json.loads(json.dumps(before.to_json())))
    [found] = after.records(lines(line(agent="other"), line())[1:], clock, 7)
    assert (found.where, getattr(found, "actor", None)) == ("line 7", Actor.MACHINE)


@pytest.mark.parametrize(
    ("written", "address", "contact"),
    [
        (ANN, ANN, None),
        ("ann%40shop.example", ANN, None),
        ("ann%2Bnews%40shop.example", "ann+news@shop.example", None),
        ("ann+news@shop.example", "ann+news@shop.example", None),
        ("J%C3%BCrgen%40shop.example", "Jürgen@shop.example", None),
        (urlsafe_b64encode(b"ann@shop.example").decode(), ANN, None),
        (urlsafe_b64encode(b"ann@shop.example").decode().rstrip("="), ANN, None),
        (b64encode("ö?>ann@shop.example".encode()).decode().replace("/", "%2F"), "ö?>ann@shop.example", None),
        ("4711", "", "4711"),
        ("0017A000-x", "", "0017A000-x"),
        (UUIDS[0], "", UUIDS[0]),
        ("abcdefgh", "", "abcdefgh"),
        ("a%00b", "", None),
        ("x" * 600, "", None),
        (NOBODY, "", None),
        ("0", "", None),
        ("-", "", None),
        ("null", "", None),
    ],
)
def test_whom_a_path_names(written: str, address: str, contact: str | None) -> None:
    for found in (
        *records(line(f"/r/7?utm_campaign=s&u={written}")),
        *records(line(f"/u/{written}", method="POST", status=200)),
    ):
        assert (found.address, found.contact) == (address, contact)
        assert record_from_json(record_to_json(found)) == found


def test_a_campaign_alone_names_nobody() -> None:
    [found] = records(line("/r/7?utm_source=mail&utm_campaign=spring-26"))
    assert (found.address, found.contact, found.campaign) == ("", None, "spring-26")


def test_the_first_pattern_that_fits_counts() -> None:
    paths = [("click", "/{campaign}/r/{link}"), ("pixel", "/{campaign}/r/{recipient}")]
    [found] = records(line("/s/r/7"), paths=paths)
    assert (found.type, found.campaign, found.url) == (EventType.CLICKED, "s", "7")


@pytest.mark.parametrize(
    ("host", "kinds"), [("go.shop.example:443", 1), ("GO.shop.example", 1), ("www.shop.example", 0)]
)
def test_a_host_counts_where_the_log_names_one(host: str, kinds: int) -> None:
    paths = [("click", "https://go.shop.example:8443/r/{link}?u={recipient}")]
    assert len(records(f"{host} {line()}", paths=paths)) == kinds
    assert len(records(line(), paths=paths)) == 1


@pytest.mark.parametrize(
    ("pattern", "target", "url"),
    [
        ("/r/{link}?u={recipient}", "/r/7f3?u=ann", "/r/7f3"),
        ("/go/{recipient}/{link}", "/go/ann/7f3", "7f3"),
        ("/go?l={link}&u={recipient}", "/go?u=ann&l=7f3", "/go?l=7f3"),
        ("/go?to={url}&u={recipient}", "/go?u=ann&to=https%3A%2F%2Fshop.example%2Fa%3Fb", "https://shop.example/a?b"),
        ("/*?u={recipient}", "/offers/spring.html?u=ann&utm_source=mail", "/offers/spring.html"),
    ],
)
def test_which_link_was_followed(pattern: str, target: str, url: str) -> None:
    [found] = records(line(target), paths=[("click", pattern)])
    assert found.url == url


def test_the_paths_of_listmonk() -> None:
    link, campaign, person = UUIDS
    found = records(
        line(f"/link/{link}/{campaign}/{person}", status=307),
        line(f"/campaign/{campaign}/{person}/px.png", status=200),
        line(f"/subscription/{campaign}/{person}", method="POST", status=200),
        line(f"/subscription/{campaign}/{person}", method="GET", status=200),
        line(f"/subscription/export/{person}", method="POST", status=200),
        line(f"/campaign/{campaign}/{NOBODY}/px.png", status=200),
        paths=[("paths", "listmonk")],
    )
    assert [(one.type, one.campaign, one.contact, one.url) for one in found] == [
        (EventType.CLICKED, campaign, person, f"/link/{link}"),
        (EventType.OPENED, campaign, person, None),
        (EventType.UNSUBSCRIBED, campaign, person, None),
        (EventType.OPENED, campaign, None, None),
    ]


def test_equal_requests_of_one_second_are_one_and_others_are_two() -> None:
    same = {dedupe_key(one) for one in records(line(), line(status=307), line() + ' "further" 0.2')}
    assert len(same) == 1
    other = records(
        line(client="203.0.113.10"),
        line(agent="Firefox"),
        line(CLICK + "&x=1"),
        line(time="02/Mar/2026:09:00:03 +0100"),
    )
    assert len(same | {dedupe_key(one) for one in other}) == 5


def test_what_is_learnt_of_tokens_and_links_later_makes_no_other_event(tmp_path: Path) -> None:
    table = tmp_path / "tokens.csv"
    table.write_text("token;E-Mail\nt-1;ann@shop.example\n")
    links = tmp_path / "links.csv"
    links.write_text("id,url\n7,https://shop.example/\n")
    plain = WebPaths.parse(PATHS)
    said = with_tokens(plain, [table, links])
    text = line("/r/7?utm_campaign=s&u=t-1")
    [before], [after] = records(text, paths=plain), records(text, paths=said)
    assert (before.contact, before.url) == ("t-1", "/r/7")
    assert (after.address, after.contact, after.url) == (ANN, None, "https://shop.example/")
    assert dedupe_key(before) == dedupe_key(after)


@pytest.mark.parametrize(
    ("table", "address", "contact"),
    [
        ("token,address\nt-1,ann@shop.example\n", ANN, None),
        ("uuid,email,name,attributes,status\nt-1,ann@shop.example,Ann,{},enabled\n", ANN, None),
        ("Kundennummer;Name;E-Mail;Token\n1;Ann;ann@shop.example;t-1\n", ANN, None),
        ("E-Mail\tKundennummer\nann@shop.example\tt-1\n", ANN, None),
        ("what,email\nt-1,ann@shop.example\n", ANN, None),
        ("token,CRM-ID\nt-1,4711\n", "", "4711"),
        ("token,address\nt-1\n,\nt-2,bo@x.example\n", "", None),
        ("token,address\n", "", "t-1"),
    ],
)
def test_tables_of_tokens(tmp_path: Path, table: str, address: str, contact: str | None) -> None:
    file = tmp_path / "tokens.csv"
    file.write_text(table)
    [found] = records(line("/r/7?utm_campaign=s&u=t-1"), paths=with_tokens(WebPaths.parse(PATHS), [file]))
    assert (found.address, found.contact) == (address, contact)


def test_a_table_that_does_not_tell_what_is_what_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tokens.csv"
    file.write_text("a,b,c\n1,2,3\n")
    with pytest.raises(BadInput) as refused:
        with_tokens(WebPaths.parse(PATHS), [file])
    assert str(refused.value) == (
        f"{file} is no table of tokens: a column headed token (or uuid, key, id) is needed beside one of addresses,"
        " of CRM ids, or of URLs."
    )


def test_a_campaign_for_the_whole_file_is_every_requests() -> None:
    log = AccessLog(WebPaths.parse(PATHS), "Autumn")
    found = [*log.records([line().encode(), line(UNSUBSCRIBE, method="POST").encode()], Clock(datetime.now(UTC), None))]
    assert {getattr(one, "campaign", None) for one in found} == {"Autumn"}


def test_a_record_tells_the_line_it_stands_on() -> None:
    [found] = read("other", line("/o/s/ann@shop.example.gif", status=200))
    assert found.where == "line 2"
    assert getattr(found, "ts", None) == SECOND
