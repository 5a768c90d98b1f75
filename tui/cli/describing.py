"""Options by which operators say what a file holds, shared by the commands that read feeds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from store.cleaning import clean
from store.errors import BadInput, UndecidedDates
from store.vocabulary import EventType
from tui.cli.arguments import CampaignName
from tui.cli.opening import now

if TYPE_CHECKING:
    from store.database import Store
    from store.feeds.mapping import Mapping

F = TypeVar("F", bound=Callable[..., Any])

_KEYS = {
    "preset": "preset",
    "kind": "type",
    "campaign": "campaign",
    "time": "time",
    "date_style": "dates",
    "decimal": "decimal",
    "delimiter": "delimiter",
    "encoding": "encoding",
}
"""Parameter -> key of a mapping."""

_OPTIONS = (
    click.option(
        "--map",
        "spec",
        metavar="SPEC",
        help="What the columns of an event file mean: address=E-Mail,time=Zeit,type:=opened (= a column, := a"
        " constant); or the paths of a web server:"
        " click=/r/{link}?u={recipient},pixel=/o/{campaign}/{recipient}.gif,unsubscribe=/u/…",
    ),
    click.option("--save-map", metavar="NAME", help="Save what --map and the options below say under this name."),
    click.option("--use-map", metavar="NAME", help="Use what was saved; options beside it win."),
    click.option(
        "--preset",
        metavar="NAME",
        help="Whose export an event file is, if that is not found out: brevo, campaignmonitor, listmonk, mailchimp,"
        " superoffice.",
    ),
    click.option(
        "--type",
        "kind",
        type=click.Choice([str(word) for word in EventType], case_sensitive=False),
        metavar="TYPE",
        help="Every line of an event file is this: opened, clicked, bounced, unsubscribed, sent, …",
    ),
    click.option(
        "--campaign", type=CampaignName(), metavar="NAME", help="Every line of an event file is of this campaign."
    ),
    click.option(
        "--time", metavar="TIME", help="When it was, for lines of an event file that do not tell: '2026-03-02 09:00'."
    ),
    click.option(
        "--date-style",
        type=click.Choice(["dmy", "mdy", "ymd"], case_sensitive=False),
        help="The order of day, month and year in dates like 03/04/2026; never guessed: found out from a date like"
        " 25/03/2026, or asked.",
    ),
    click.option(
        "--decimal",
        type=click.Choice(["point", "comma"], case_sensitive=False),
        help="What cuts the decimals off in numbers like 46.083.",
    ),
    click.option(
        "--delimiter",
        metavar="CHAR",
        help="What stands between the columns: a character, or comma, semicolon, tab, pipe; found out otherwise.",
    ),
    click.option("--encoding", metavar="NAME", help="The encoding of an event file; found out otherwise."),
)


@dataclass(frozen=True, slots=True)
class Described:
    """What the operator said about files.

    Attributes:
        spec: the text of --map.
        save_as: the name under which all of it is to be saved.
        use: the name of a saved mapping.
        said: key of a mapping -> value, from the other options.
    """

    spec: str | None
    save_as: str | None
    use: str | None
    said: dict[str, str]

    def mapping(self, store: Store, zone: str | None = None) -> Mapping | None:
        """Return the mapping that comes of it (saved, if that was asked for), None if nothing was said.

        Args:
            store: the open store.
            zone: the name of the zone of times that tell none; it is saved, too.

        Raises:
            NotFound: there is no such campaign or saved mapping.
            BadInput: something in it means nothing.
        """
        if not (self.spec or self.use or self.said):
            return None
        from store.actions import mappings as saving
        from store.feeds.mapping import Mapping
        from store.queries import mappings

        begin = mappings.load(store, self.use) if self.use else self.spec
        said = dict(self.said)
        if "campaign" in said:
            from store.queries.campaigns import find_campaign

            said["campaign"] = find_campaign(store, said["campaign"]).key
        text = ",".join([*([begin] if begin else []), *(_item(key, value) for key, value in said.items())])
        mapping = Mapping.parse(text)
        if self.save_as:
            saved = ",".join([text, *([_item("zone", zone)] if zone else [])])
            saving.save(store, self.save_as, saved, now())
            click.echo(clean(f"Mapping {self.save_as} saved."), err=True)
        return mapping


def describing_options(command: F) -> F:
    """Add the options to a command, which gets what they say as ``described``."""

    @wraps(command)
    def described(*args: Any, spec: str | None, save_map: str | None, use_map: str | None, **options: Any) -> Any:
        if spec and use_map:
            raise click.UsageError("Give either --map or --use-map.")
        said = {key: options.pop(name) for name, key in _KEYS.items()}
        said = {key: value for key, value in said.items() if value}
        if save_map and not (spec or said):
            raise click.UsageError("--save-map needs --map, or an option that says something of the file.")
        return command(*args, described=Described(spec, save_map, use_map, said), **options)

    for option in reversed(_OPTIONS):
        option(described)
    return described  # type: ignore[return-value]


def order_asked(doubt: UndecidedDates) -> str | None:
    """Ask in which order day, month and year stand in a file's dates; None where nobody sits at a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    readings = " or ".join(f"{day.day} {day:%B %Y} ({order})" for order, day in doubt.days.items())
    question = f"{clean(str(doubt.path))}: is {clean(doubt.date)} {readings}?"
    choice = click.Choice(list(doubt.days), case_sensitive=False)
    return str(click.prompt(question, type=choice, show_choices=False, prompt_suffix=" ", err=True))


def _item(key: str, value: str) -> str:
    if '"' in value:
        raise BadInput(f"{value!r} has a quote in it, which no {key} can have here.")
    value = {"\t": "tab"}.get(value, value)
    return f'{key}:="{value}"'
