"""The language in which operators say what the paths of their web server mean."""

from __future__ import annotations

import pytest

from store.errors import BadInput
from store.feeds.access.patterns import Pattern, WebPaths
from store.feeds.mapping import Mapping
from store.vocabulary import EventType

A, B, C = (f"{digit * 8}-1111-4111-8111-111111111111" for digit in "abc")


def values(pattern: str, target: str) -> dict[str, str] | None:
    path, _, query = target.partition("?")
    return Pattern.parse(EventType.CLICKED, pattern).values(path, query)


@pytest.mark.parametrize(
    ("pattern", "target", "found"),
    [
        ("/r/{link}?u={recipient}", "/r/7?u=ann", {"link": "7", "recipient": "ann"}),
        ("/r/{link}?u={recipient}", "/r/7/?x=1&u=ann&y", {"link": "7", "recipient": "ann"}),
        ("/r/{link}?u={recipient}", "/r/7?uu=1&xu=2&amp;u=ann", {"link": "7", "recipient": "ann"}),
        (
            "/r/{link}?u={recipient}&v=2",
            "/r/7?v=2&u=a%2Bb+c%40x.example",
            {"link": "7", "recipient": "a+b+c@x.example"},
        ),
        (
            "/r/{link}?utm_campaign={campaign}",
            "/r/7?utm_campaign=Spring+sale",
            {"link": "7", "campaign": "Spring sale"},
        ),
        ("/r/{link}?u={}&one", "/r/7?one&u=", {"link": "7"}),
        (
            "/o/{campaign}/{recipient}.gif",
            "/o/spring/ann.b@x.example.gif",
            {"campaign": "spring", "recipient": "ann.b@x.example"},
        ),
        ("/o/{campaign}-{recipient}.gif", "/o/s-ann-b.gif.gif", {"campaign": "s", "recipient": "ann-b.gif"}),
        ("/o/{}/{recipient}.gif/x", "/o/1/ann.gif/x", {"recipient": "ann"}),
        ("/o/{recipient}", "/o/ann%40shop.example", {"recipient": "ann@shop.example"}),
        ("/rück/{link}", "/r%c3%bcck/7", {"link": "7"}),
        ("/rück/{link}", "/rück/7", {"link": "7"}),
        ("/@/r/{link}", "/%40/r/7", {"link": "7"}),
        (
            "/a/{recipient}/{url}",
            "/a/ann/https://x.example/p?q=%20a",
            {"recipient": "ann", "url": "https://x.example/p?q=%20a"},
        ),
        (
            "/a/{recipient}/{url}",
            "/a/ann/https%3A%2F%2Fx.example%2Fp",
            {"recipient": "ann", "url": "https://x.example/p"},
        ),
        ("/a?to={url}", "/a?to=https%3A%2F%2Fx.example%2F%3Fq%3Da+b", {"url": "https://x.example/?q=a+b"}),
        ("/*?utm_campaign={campaign}", "/any/page.html?utm_campaign=s", {"campaign": "s"}),
        ("https://go.example/r/{link}", "/r/7", {"link": "7"}),
        (
            "/link/{link:uuid}/{campaign:uuid}/{recipient:uuid}",
            f"/link/{A}/{B}/{C}",
            {"link": A, "campaign": B, "recipient": C},
        ),
    ],
)
def test_what_a_path_names(pattern: str, target: str, found: dict[str, str]) -> None:
    assert values(pattern, target) == found


@pytest.mark.parametrize(
    ("pattern", "target"),
    [
        ("/r/{link}", "/r/"),
        ("/r/{link}", "/r/7/8"),
        ("/r/{link}", "/x/r/7"),
        ("/R/{link}", "/r/7"),
        ("/r/{link}?u={recipient}", "/r/7"),
        ("/r/{link}?u={recipient}", "/r/7?U=ann"),
        ("/r/{link}?v=2", "/r/7?v=3"),
        ("/r/{link}?one", "/r/7?ones"),
        ("/o/{recipient}.gif", "/o/.gif"),
        ("/o/{recipient}.gif", "/o/ann.png"),
        ("/o/{campaign}-{recipient}", "/o/spring"),
        ("/subscription/{campaign:uuid}/{recipient:uuid}", f"/subscription/export/{A}"),
    ],
)
def test_a_path_of_another_sort_is_none(pattern: str, target: str) -> None:
    assert values(pattern, target) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("r/{link}", "'r/{link}' is no pattern: it must begin with / or with http://."),
        ("/r/{person}", "'/r/{person}': {person} is unknown; there are {campaign}, {recipient}, {link}, {url}."),
        ("/r/{link:hex}", "'/r/{link:hex}': {link:hex} is unknown; there are {campaign}, {recipient}, {link}, {url}."),
        ("/r/{link", "'/r/{link' is no pattern: in braces stand campaign, recipient, link, url or nothing."),
        ("/r/{link}/{link}", "'/r/{link}/{link}' names the same thing twice."),
        ("/r/{link}{recipient}", "'/r/{link}{recipient}': between two names there must be some text."),
        ("/r/*/{link}", "'/r/*/{link}': * may stand at the end of the path only."),
        ("/{recipient}", "'/{recipient}' would take every path: it needs some text of its own."),
        ("/*", "'/*' would take every path: it needs some text of its own."),
        ("/r?u=x{recipient}", "'/r?u=x{recipient}': 'u=x{recipient}' should be parameter={name} or parameter=text."),
    ],
)
def test_what_is_no_pattern_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        Pattern.parse(EventType.CLICKED, text)
    assert str(refused.value) == sentence


def test_the_text_a_line_must_have_is_known_beforehand() -> None:
    assert Pattern.parse(EventType.CLICKED, "/*?utm_campaign={campaign}").anchor == b"utm_campaign="
    assert Pattern.parse(EventType.CLICKED, "/c/{campaign}/click-through/{link}").anchor == b"/click-through/"
    assert Pattern.parse(EventType.CLICKED, "/r%C3%BCck/{link}").anchor == b"ck/"


@pytest.mark.parametrize(
    "pattern", ["/a/{campaign}-{recipient}.gif", "/a/{url}", "/*?a={campaign}&b={recipient}", "/a/{}-/{link}-/x"]
)
@pytest.mark.parametrize("piece", ["-", ".gif", "a-.gif/", "%2D", "&a=", "/-", "a=b&"])
def test_a_hostile_path_costs_no_more_than_its_length(pattern: str, piece: str) -> None:
    # Were it to try twice for each piece, this would take hours.
    for start in ("/a/", "/a/?", "/a/x-"):
        values(pattern, start + piece * (60_000 // len(piece)))


def test_patterns_are_said_in_a_mapping_and_come_back_from_json() -> None:
    mapping = Mapping.parse('click=/r/{link}?u={recipient},click="/a,b/{link}",paths=listmonk,campaign:=Spring')
    assert mapping.web is not None
    assert [pattern.text for pattern in mapping.web.patterns][:2] == ["/r/{link}?u={recipient}", "/a,b/{link}"]
    assert [pattern.kind for pattern in mapping.web.patterns][2:] == [
        EventType.CLICKED,
        EventType.OPENED,
        EventType.UNSUBSCRIBED,
    ]
    assert mapping.campaign == "Spring"
    assert Mapping.from_json(mapping.to_json()) == mapping


def test_paths_of_no_known_program_are_refused() -> None:
    with pytest.raises(BadInput, match=r"no paths of 'mailomat' are known; those of listmonk are"):
        WebPaths.parse([("paths", "mailomat")])
