"""A field that is printed holds something; a template can do little, and nothing that takes long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.outbox.compose import Composer
from store.outbox.person import FIELDS, first_name
from store.outbox.template import FieldError, Template
from tests.outbox.writing import how, message, person

EVERYTHING = {name: f"<{name}>" for name in FIELDS}


def text(template: str, **values: str) -> str:
    return Template(message(subject="s", text=template, html="")).filled(EVERYTHING | values).text


def refused(template: str, **values: str) -> FieldError:
    with pytest.raises(FieldError) as caught:
        text(template, **values)
    return caught.value


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_can_be_printed(name: str) -> None:
    assert text(f"a {{{{ {name} }}}} b") == f"a <{name}> b"


def test_html_escapes_what_people_are_called_and_text_does_not() -> None:
    made = Template(message(subject="{{ name }}", text="{{ name }}", html='<p title="{{ name }}">{{ name }}</p>'))
    filled = made.filled(EVERYTHING | {"name": 'Tom & "Jerry" <b>'})
    assert filled.subject == filled.text == 'Tom & "Jerry" <b>'
    assert filled.html == ('<p title="Tom &amp; &#34;Jerry&#34; &lt;b&gt;">Tom &amp; &#34;Jerry&#34; &lt;b&gt;</p>')


@pytest.mark.parametrize(
    "template",
    [
        "a\n{{ name }}",
        "a\n{{ name|upper }}",
        "a\n{{ name ~ company }}",
        "a\n{{ name|truncate(5) }}",
        "a\n{{ name|trim }}",
    ],
)
def test_an_empty_field_is_an_error_with_its_line_and_name(template: str) -> None:
    error = refused(template, name="")
    assert (str(error), error.part, error.line, error.field) == ("name is empty", "text", 2, "name")


def test_nothing_is_printed_as_nothing() -> None:
    for template in ("{{ '' }}", "{{ name|default('') }}", "{{ '  ' }}", "{{ none }}", "{{ name|urlencode }}"):
        assert "is empty" in str(refused(template, name=""))


def test_an_empty_field_may_be_asked_for_and_replaced() -> None:
    assert text("{% if company %}at {{ company }}{% else %}at home{% endif %}", company="") == "at home"
    assert text("{% if not company %}x{% endif %}", company="") == "x"
    assert text("{% if company == '' %}x{% endif %}", company="") == "x"
    assert text("{{ first_name or 'reader' }} {{ company|default('friends') }}", first_name="", company="") == (
        "reader friends"
    )
    assert text("{{ company if company else name }}", company="") == "<name>"


def test_an_unknown_field_is_an_error_wherever_it_stands() -> None:
    for template in ("{{ nmae }}", "{% if name %}{{ name }}{% else %}{{ nmae }}{% endif %}", "{{ nmae|default('x') }}"):
        error = refused(template)
        assert str(error) == "there is no field nmae; is it name?"
        assert error.line == 1


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{% for a in name %}{{ a }}{% endfor %}", "a loop"),
        ("{{ 'a' * 1000000000 }}", "arithmetic"),
        ("{{ 9 ** 9 ** 9 ** 9 }}", "arithmetic"),
        ("{{ name.__class__ }}", "a dot behind a field"),
        ("{{ name['__class__'] }}", "brackets behind a field"),
        ("{{ name.upper() }}", "a call"),
        ("{% set name = name ~ name %}", "set"),
        ("{% include 'x' %}", "include"),
        ("{% import 'x' as y %}", "import"),
        ("{% macro a() %}{% endmacro %}", "a macro"),
        ("{{ name|safe }}", "the filter safe"),
        ("{{ name|replace('a', 'aaaaaaaaa') }}", "the filter replace"),
        ("{{ name|center(1000000000) }}", "the filter center"),
        ("{{ [name] }}", "a list"),
        ("{% if name is sameas(name) %}{% endif %}", "the test sameas"),
    ],
)
def test_what_no_mail_needs_is_refused_before_it_runs(template: str, words: str) -> None:
    assert words in str(refused(template))


@pytest.mark.parametrize(
    "template",
    [
        "{{ " + "(" * 3000 + "name" + ")" * 3000 + " }}",
        "{{ " + "not " * 5000 + "name }}",
        "{% if name %}" * 300 + "{% endif %}" * 300,
        "{{ name" + "|upper" * 5000 + " }}",
        "x" * (2 << 20),
        "{{ name",
        "{% if name %}",
        "{{ }}",
        "{% nothing %}",
    ],
)
def test_a_template_that_cannot_be_read_is_a_sentence(template: str) -> None:
    assert "\n" not in str(refused(template))


def test_style_sheets_are_no_templates_and_comments_stay_inside() -> None:
    style = "@media print{#head{color:red}} a{width:50%}"
    assert text(style) == style
    assert text(f"{style}{{{{# for us only #}}}}{{{{ name }}}}") == f"{style}<name>"


def test_fields_of_the_message_itself() -> None:
    made = Template(message(subject="{{ city }}", text="{% if hall %}{{ hall }}{% endif %}", html="",
                            fields={"city": "Bremen", "hall": ""}))  # fmt: skip
    assert made.filled(EVERYTHING).subject == "Bremen"
    for name in ("name", "City", "a-b", "if", "1a", ""):
        with pytest.raises(FieldError):
            Template(message(fields={name: "x"}))


@pytest.mark.parametrize("value", ["a\r\nBcc: x", "a\x1b[2J", "a\u202eb", "a\u2028b", "\ud800"])
def test_a_value_with_a_control_character_is_refused(value: str) -> None:
    error = refused("{{ name }}", name=value)
    assert "name holds a control character" in str(error)
    assert value not in str(error)
    assert text("{{ company }}", name=value) == "<company>"


def test_a_text_with_a_control_character_is_refused_with_its_line() -> None:
    error = refused("a\nb\x1b[2J")
    assert (error.line, str(error)) == (2, "holds a control character (U+001B)")


@settings(deadline=None)
@given(template=st.text(alphabet=st.sampled_from("{}%|#'\" \nnameif()~.[]<>=0*"), max_size=60))
def test_any_text_is_filled_or_refused_in_a_sentence(template: str) -> None:
    try:
        made = Template(message(subject="s", text=template, html=template)).filled(EVERYTHING)
    except FieldError:
        return
    assert isinstance(made.text, str)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Anna Berg", "Anna"),
        ("Berg, Anna", "Anna"),
        ("Berg, Dr. Anna Maria", "Anna"),
        ("Dr. Anna Berg", "Anna"),
        ("Dipl.-Ing. Jörg Müller", "Jörg"),
        ("Frau Dr. Berg", ""),
        ("Jean-Luc Picard", "Jean-Luc"),
        ("A. Berg", ""),
        ("Anna", ""),
        ("Acme GmbH", ""),
        ("anna@shop.example", ""),
        (", ", ""),
        ("", ""),
    ],
)
def test_a_first_name_is_taken_only_where_it_is_plain(name: str, first: str) -> None:
    assert first_name(name) == first


def test_links_of_ones_own_can_hold_the_token() -> None:
    made = Composer(message(text="https://shop.example/r/{{ token }}", html=""), how()).filled(person())
    assert made.text.removeprefix("https://shop.example/r/") in Composer(message(), how()).unsubscribe(person())
