"""Each rule of the gate says what it is there for; without the rule its test fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from store.outbox.checks.finding import Answer, Audience, Failure, Finding, Level, Vouch
from store.outbox.checks.rules import RULES
from store.outbox.content import Message, Part
from store.outbox.gate import blocking, gate, open_case
from store.vocabulary import SkipReason
from tests.outbox.writing import how, message, person

NOW = datetime(2027, 2, 20, 9, 0, tzinfo=UTC)
ZONE = {
    "news.shop.example": ["v=spf1 ip4:192.0.2.1 -all"],
    "_dmarc.shop.example": ["v=DMARC1; p=reject"],
    "s1._domainkey.shop.example": ["v=DKIM1; k=rsa; p=MIIB"],
}


def people(**changes: Any) -> Audience:
    known: dict[str, Any] = {"words": "list Spring", "count": 10, "first": person()}
    return Audience(**known | changes)


def asked(zone: dict[str, list[str] | None]) -> Callable[[str], list[str] | None]:
    return lambda name: zone.get(name, [])


def check(made: Message | None = None, **more: Any) -> dict[str, list[Finding]]:
    changes = more.pop("how", {})
    made = made or message()
    used = how(**{"verp": made.return_path, "unsubscribe": made.unsubscribe, "automatic": made.automatic} | changes)
    found: dict[str, list[Finding]] = {rule.id: [] for rule in RULES}
    for finding in gate(open_case(made, used, NOW), **more):
        found[finding.rule].append(finding)
    return found


def one(rule: str, made: Message | None = None, **more: Any) -> tuple[Level, str, str]:
    """Return the gravest finding of a rule."""
    order = list(Level)
    found = min(check(made, **more)[rule], key=lambda finding: order.index(finding.level))
    return found.level, found.sentence, found.where


def level(rule: str, made: Message | None = None, **more: Any) -> Level:
    return one(rule, made, **more)[0]


def test_a_good_message_has_nothing_red_and_every_rule_speaks() -> None:
    links = {"https://shop.example/spring": Answer(200, "answers 200")}
    found = check(
        message(dkim="s1"), audience=people(), ask_links=lambda urls: {url: links[url] for url in urls},
        ask_text=asked(ZONE),  # type: ignore[arg-type]
    )  # fmt: skip
    assert {rule: [one.sentence for one in some if one.level is not Level.GREEN] for rule, some in found.items()} == {
        **{rule.id: [] for rule in RULES},
        "proof-read": ["Has somebody who did not write it read it? Then they tick it"],
        "test-mail": ["Has anybody looked at a test mail (send --test-to)? Then they tick it"],
    }
    assert all(found.values())


def test_from() -> None:
    assert level("from") is Level.GREEN
    assert level("from", message(sender="news@shop.example")) is Level.YELLOW
    assert one("from", message(sender="a@shop.example, b@shop.example"))[0] is Level.RED
    assert one("from", message(sender="nobody")) == (Level.RED, "“nobody” is no address", "message.toml")


def test_reply_to() -> None:
    assert one("reply-to") == (Level.GREEN, "Answers go to info@shop.example", "")
    assert level("reply-to", message(reply_to="no-reply@shop.example")) is Level.YELLOW
    assert level("reply-to", message(reply_to="", sender="Shop <noreply@shop.example>")) is Level.YELLOW
    assert level("reply-to", message(reply_to="info")) is Level.RED


def test_return_path() -> None:
    assert level("return-path") is Level.GREEN
    assert level("return-path", message(return_path="bounces@shop.example")) is Level.YELLOW
    assert level("return-path", message(return_path="")) is Level.YELLOW


def test_subject() -> None:
    assert one("subject", audience=people()) == (Level.GREEN, "The subject is “Spring at Acme”", "")
    assert level("subject", message(subject="RE: your order")) is Level.RED
    assert level("subject", message(subject="Fwd: your order")) is Level.RED
    assert level("subject", message(subject="BUY NOW TODAY")) is Level.YELLOW
    assert level("subject", message(subject="a long one " * 10)) is Level.YELLOW


def test_campaign_key() -> None:
    assert level("campaign") is Level.GREEN
    assert one("campaign", taken="Spring")[0] is Level.YELLOW


def test_fields_that_somebody_has_not() -> None:
    failures = (
        Failure("bo@shop.example", "Bo", "name is empty", "name", "text.txt, line 1"),
        Failure("cy@shop.example", "", "name is empty", "name", "text.txt, line 1"),
    )
    found = one("fields", audience=people(failures=failures, failed=2))
    assert found == (Level.RED, "name is empty for bo@shop.example, cy@shop.example", "text.txt, line 1")
    assert level("fields", audience=people()) is Level.GREEN
    assert level("fields") is Level.YELLOW


def test_fields_that_do_not_exist() -> None:
    assert one("fields", message(text="a\n{{ nmae }}")) == (
        Level.RED,
        "there is no field nmae; is it name?",
        "text.txt, line 2",
    )
    assert level("fields", message(html="{{ name")) is Level.RED


@pytest.mark.parametrize("left", ["*|FNAME|*", "%%first%%", "[[name]]", "{name}", "[Vorname]", "TODO", "Lorem ipsum"])
def test_placeholders_of_other_programs(left: str) -> None:
    assert one("placeholders", message(text=f"Dear\n{left},")) == (
        Level.RED,
        f"“{left}” looks like something that was to be replaced",
        "text.txt, line 2",
    )
    assert level("placeholders", message(html=f"<p>{left}</p>")) is Level.RED
    assert level("placeholders", message(subject=left)) is Level.RED


def test_fields_style_sheets_and_small_words_are_no_placeholders() -> None:
    html = "<style>a{color}</style><p>{{ name|default('you') }}</p>"
    assert level("placeholders", message(html=html, text="todo {{name}} {% if name %}x{% endif %}")) is Level.GREEN


def test_text_part() -> None:
    assert level("text") is Level.GREEN
    assert level("text", message(text="")) is Level.RED
    assert level("text", message(text="Hi", html=f"<p>{'many words ' * 50}</p>")) is Level.YELLOW
    assert level("text", message(html="")) is Level.GREEN


def test_a_way_to_unsubscribe() -> None:
    assert level("unsubscribe") is Level.GREEN
    assert level("unsubscribe", message(unsubscribe="", text="x", html="")) is Level.RED
    assert level("unsubscribe", message(unsubscribe="https://shop.example/out")) is Level.RED
    assert level("unsubscribe", message(unsubscribe="http://shop.example/u/{token}")) is Level.YELLOW
    assert one("unsubscribe", message(text="No way out")) == (
        Level.RED,
        "The link to unsubscribe does not stand in text.txt; write {{ unsubscribe }}",
        "text.txt",
    )
    assert one("unsubscribe", message(html="<p>No way out</p>"))[2] == "html.html"
    assert level("unsubscribe", message(unsubscribe="", text="x", html="", automatic=True)) is Level.YELLOW


def test_alternative_texts() -> None:
    assert level("images") is Level.GREEN
    assert one("images", message(html='<p>a</p>\n<img src="https://shop.example/i.png">')) == (
        Level.YELLOW,
        "The image https://shop.example/i.png has no alternative text",
        "html.html, line 2",
    )
    assert level("images", message(html='<p>a</p><img src="https://shop.example/i.png" alt="">')) is Level.GREEN


def test_images_that_cannot_be_shown() -> None:
    logo = Part("logo.png", "image/png", b"x", "logo.png")
    html = '<p>a</p><img src="cid:logo.png" alt="us">'
    assert level("images", message(html=html, parts=(logo,))) is Level.GREEN
    assert level("images", message(html=html)) is Level.RED
    assert level("images", message(html='<p>a</p><img src="logo.png" alt="us">')) is Level.RED
    assert level("images", message(html='<img src="https://shop.example/i.png" alt="">')) is Level.RED


@pytest.mark.parametrize(
    ("url", "grave"),
    [
        ("https://shop.example/a?b=c#d", Level.GREEN),
        ("mailto:info@shop.example", Level.GREEN),
        ("https://bücher.example/", Level.GREEN),
        ("http://shop.example/", Level.YELLOW),
        ("#top", Level.YELLOW),
        ("", Level.RED),
        ("#", Level.RED),
        ("shop.example/a", Level.RED),
        ("htps://shop.example", Level.RED),
        ("https://shop.example/a b", Level.RED),
        ("https://localhost/", Level.RED),
        ("https://intranet/", Level.RED),
        ("https://192.0.2.1/", Level.RED),
        ("https://me:pw@shop.example/", Level.RED),
        ("https://shop..example/", Level.RED),
        ("https://shop.example:99999/", Level.RED),
        ("https://[::1", Level.RED),
        ("javascript:alert(1)", Level.RED),
        ("mailto:", Level.RED),
    ],
)
def test_links(url: str, grave: Level) -> None:
    made = message(html=f'<p>\n<a href="{url}">here</a></p>', text="x", unsubscribe="")
    assert level("links", made) is grave
    if grave is not Level.GREEN:
        assert one("links", made)[2] == "html.html, line 2"


def test_links_in_the_text_part_and_links_that_show_another_host() -> None:
    made = message(text="a\nhttps://localhost/x.", html="", unsubscribe="")
    assert one("links", made)[2] == "text.txt, line 2"
    shown = '<a href="https://track.example/x">www.shop.example</a>'
    assert level("links", message(html=shown, text="x")) is Level.YELLOW
    same = '<a href="https://go.shop.example/x">www.shop.example</a>'
    assert level("links", message(html=same, text="x")) is Level.GREEN


def test_links_that_do_not_answer() -> None:
    def answering(status: int) -> Callable[[list[str]], dict[str, Answer]]:
        return lambda urls: {url: Answer(status, f"answers {status}") for url in urls}

    assert level("online") is Level.YELLOW
    assert level("online", ask_links=answering(200)) is Level.GREEN
    assert one("online", ask_links=answering(404)) == (
        Level.RED,
        "The link https://shop.example/spring answers 404",
        "html.html, line 1",
    )
    assert level("online", ask_links=answering(0)) is Level.RED
    assert level("online", ask_links=answering(403)) is Level.YELLOW


def test_links_with_something_of_the_recipients_are_never_asked() -> None:
    seen: list[str] = []
    check(ask_links=lambda urls: seen.extend(urls) or {})
    assert seen == ["https://shop.example/spring"]


def test_size() -> None:
    assert level("size") is Level.GREEN
    assert level("size", message(html=f"<p>{'x' * 110_000}</p>")) is Level.YELLOW
    assert level("size", message(parts=(Part("a.pdf", "application/pdf", bytes(2 << 20)),))) is Level.YELLOW
    assert level("size", message(parts=(Part("a.pdf", "application/pdf", bytes(8 << 20)),))) is Level.RED


@pytest.mark.parametrize(
    "text",
    ["Wednesday, 2 March 2027", "Mittwoch, 2. März 2027", "Mi., 02.03.2027", "Wed 2027-03-02", "Mittwoch, den 2. März"],
)
def test_a_weekday_that_is_not_that_of_its_date(text: str) -> None:
    grave, sentence, where = one("dates", message(text=f"We open on\n{text}."))
    assert grave is Level.RED
    assert "is a Tuesday" in sentence
    assert where == "text.txt, line 2"
    assert one("dates", message(html=f"<p>We open on</p>\n<p>{text}</p>", text="x"))[2] == "html.html, line 2"
    assert level("dates", message(subject=text)) is Level.RED


def test_a_date_in_pieces_of_html_and_one_that_is_past() -> None:
    assert level("dates", message(html="<p>Wednesday, <b>2 March</b> 2027</p>", text="x")) is Level.RED
    assert level("dates", message(html="<p>Tuesday, <b>2 March</b> 2027</p>", text="x")) is Level.GREEN
    assert level("dates", message(text="Friday, 19 February 2027", html="")) is Level.YELLOW


def test_recipients() -> None:
    assert level("recipients") is Level.YELLOW
    assert level("recipients", audience=people()) is Level.GREEN
    assert level("recipients", audience=people(count=0)) is Level.RED


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("duplicates", SkipReason.DUPLICATE),
        ("blocked", SkipReason.BLOCKED),
        ("consent", SkipReason.NO_CONSENT),
        ("consent", SkipReason.UNSUBSCRIBED),
        ("consent", SkipReason.COMPLAINED),
        ("former", SkipReason.FORMER),
        ("unusable", SkipReason.NO_ADDRESS),
        ("unusable", SkipReason.INVALID),
    ],
)
def test_people_who_get_nothing_are_named(rule: str, reason: SkipReason) -> None:
    assert level(rule, audience=people()) is Level.GREEN
    left = people(left_out={reason: 2}, named={reason: ("bo@shop.example", "cy@shop.example")})
    grave, sentence, _ = one(rule, audience=left)
    assert grave is Level.YELLOW
    assert sentence.startswith("2 ")
    assert sentence.endswith(": bo@shop.example, cy@shop.example")


def test_addresses_that_cannot_be_written() -> None:
    failure = Failure("jörg@shop.example", "", "“jörg@shop.example” has other letters", "", "")
    assert level("addresses", audience=people(failures=(failure,), failed=1)) is Level.RED
    assert level("addresses", audience=people()) is Level.GREEN


def test_people_who_got_it_before() -> None:
    again = people(again=4, again_named=("a@b.example",), again_in=("Spring",))
    assert one("again", audience=again) == (
        Level.RED,
        "4 people got this message before, in Spring: a@b.example and 3 more",
        "",
    )
    assert level("again", audience=people()) is Level.GREEN


def with_zone(**changes: list[str] | None) -> Callable[[str], list[str] | None]:
    names = {"spf": "news.shop.example", "dmarc": "_dmarc.shop.example", "dkim": "s1._domainkey.shop.example"}
    return asked({**ZONE, **{names[name]: value for name, value in changes.items()}})


def test_spf() -> None:
    assert level("spf") is Level.YELLOW
    assert level("spf", ask_text=with_zone()) is Level.GREEN
    assert level("spf", ask_text=with_zone(spf=[])) is Level.RED
    assert level("spf", ask_text=with_zone(spf=["v=spf1 -all", "v=spf1 ~all"])) is Level.RED
    assert level("spf", ask_text=with_zone(spf=["v=spf1 +all"])) is Level.YELLOW
    assert level("spf", ask_text=with_zone(spf=["v=spf1 all"])) is Level.YELLOW
    assert level("spf", ask_text=with_zone(spf=None)) is Level.YELLOW


def test_dkim() -> None:
    made = message(dkim="s1")
    assert level("dkim", made, ask_text=with_zone()) is Level.GREEN
    assert level("dkim", ask_text=with_zone()) is Level.YELLOW
    assert level("dkim", made, ask_text=with_zone(dkim=[])) is Level.RED
    assert level("dkim", made, ask_text=with_zone(dkim=["v=DKIM1; p="])) is Level.RED
    assert level("dkim", made, ask_text=with_zone(dkim=None)) is Level.YELLOW


def test_dmarc_and_alignment() -> None:
    assert level("dmarc", ask_text=with_zone()) is Level.GREEN
    assert level("dmarc", ask_text=with_zone(dmarc=[])) is Level.RED
    assert level("dmarc", ask_text=with_zone(dmarc=None)) is Level.YELLOW
    far = message(return_path="b+{recipient}@mailer.example")
    assert level("dmarc", far, ask_text=with_zone()) is Level.RED
    assert level("dmarc", far, ask_text=with_zone(dmarc=["v=DMARC1; p=none"])) is Level.YELLOW
    signed = message(return_path="b+{recipient}@mailer.example", dkim="s1")
    assert level("dmarc", signed, ask_text=with_zone()) is Level.GREEN
    assert level("dmarc", ask_text=with_zone(dmarc=["v=DMARC1; p=reject; aspf=s"])) is Level.RED


def test_dmarc_of_a_part_of_the_domain_stands_above_it() -> None:
    made = message(sender="Shop <news@mail.shop.example>")
    assert level("dmarc", made, ask_text=with_zone()) is Level.GREEN
    strict = with_zone(dmarc=["v=DMARC1; p=none; sp=reject"])
    far = message(sender="Shop <news@mail.shop.example>", return_path="b+{recipient}@mailer.example")
    assert level("dmarc", far, ask_text=strict) is Level.RED


def test_a_person_says_that_it_was_read_and_a_test_mail_seen() -> None:
    for rule in ("proof-read", "test-mail"):
        assert level(rule) is Level.ASKED
        ticked = {rule: Vouch(rule, "", "", "bo", NOW)}
        assert level(rule, vouches=ticked) is Level.GREEN
    assert "somebody else than anna, who wrote it," in one("proof-read", message(author="anna"))[1]


def test_red_and_asked_block_and_an_override_counts_for_what_was_said() -> None:
    made = message(text="Wednesday, 2 March 2027 {{ unsubscribe }}")
    used = how(verp=made.return_path)
    found = gate(open_case(made, used, NOW), audience=people())
    assert {one.rule for one in blocking(found)} == {"dates", "proof-read", "test-mail"}
    said = next(one.sentence for one in found if one.rule == "dates")
    right = {"dates": Vouch("dates", said, "it is a quotation", "bo", NOW)}
    again = gate(open_case(made, used, NOW), audience=people(), vouches=right)
    assert {one.rule for one in blocking(again)} == {"proof-read", "test-mail"}
    (red,) = (one for one in again if one.rule == "dates" and one.level is Level.RED)
    assert red.vouched == "overridden by bo on 2027-02-20 at 09:00 UTC: it is a quotation"
    other = {"dates": Vouch("dates", "something else", "it is a quotation", "bo", NOW)}
    assert "dates" in {one.rule for one in blocking(gate(open_case(made, used, NOW), vouches=other))}


def test_what_strangers_wrote_is_shown_clean() -> None:
    made = message(html='<a href="https://evil.example/\x9b2J">x</a>', subject="\u202eevil", sender="a\x1b[2J")
    for some in check(made, audience=people(failures=(Failure("\x1b", "", "x", "", ""),), failed=1)).values():
        for finding in some:
            assert not set(finding.sentence) & {"\x1b", "\u202e", "\x9b", "\n"}


def test_every_rule_says_what_it_is_for() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.help.endswith(".")
        assert rule.label
    assert {rule.id for rule in RULES if rule.ticked} == {"proof-read", "test-mail"}
