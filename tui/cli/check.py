"""aftersend check."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from store.asking import RecipientFilter
from store.errors import BadInput
from tui.cli.addressed import addressed
from tui.cli.arguments import CampaignName, SourceName, json_option
from tui.cli.choosing import narrowing_options
from tui.cli.columns import terminal_width
from tui.cli.group import say
from tui.cli.objects import print_objects
from tui.cli.opening import now, store_to_read, store_to_write
from tui.cli.progress import ProgressBar

if TYPE_CHECKING:
    from store.database import Store
    from store.outbox.content import Message
    from store.outbox.gate import Checked
    from store.outbox.relay import Relay
    from store.outbox.whom import Whom

_WORD = 11
_LABEL = 16
_LEAST = 30


@click.command("check")
@click.argument("message", type=click.Path(path_type=Path))
@click.option("--to", "to", type=SourceName(), help="The people of this list or segment.")
@click.option("--campaign", type=CampaignName(), help="The recipients of this campaign, narrowed down as below.")
@narrowing_options
@click.option("--relay", "relay_name", metavar="NAME", help="The relay it is to go through, if there are several.")
@click.option("--online", is_flag=True, help="Ask whether somebody answers where the links lead.")
@click.option("--dns", is_flag=True, help="Look up SPF, DKIM and DMARC of the sender's domain.")
@click.option(
    "--tick", "ticks", multiple=True, metavar="RULE", help="Say that you have done it: proof-read, test-mail."
)
@click.option("--override", "overrides", multiple=True, metavar="RULE", help="Let it pass; needs --because.")
@click.option("--because", default="", metavar="TEXT", help="Why; it stands in the journal.")
@click.option("--preview", is_flag=True, help="Print the mail of the first who gets it, as text.")
@json_option
@click.pass_context
def check_command(
    ctx: click.Context,
    /,
    message: Path,
    to: str | None,
    campaign: str | None,
    narrowed: RecipientFilter,
    relay_name: str | None,
    ticks: Sequence[str],
    overrides: Sequence[str],
    because: str,
    preview: bool,
    as_json: bool,
    **asked: bool,
) -> None:
    """Check a message before it is sent, on everybody who would get it.

    Exit 1 if something is red. MESSAGE is an .eml file, or a folder with message.toml, text.txt and html.html.
    `aftersend send` checks the same and refuses while something is red or not ticked. Ticks and overrides hold for the
    message as it is: one changed letter and they are gone. Whoever wrote it (the file's owner, or author in
    message.toml) cannot proof-read it.
    """
    from store.outbox.reading import read_message

    if because and not overrides:
        raise click.UsageError("--because belongs to --override.")
    read = read_message(message)
    store = store_to_write(ctx) if ticks or overrides else store_to_read(ctx)
    whom = None
    if to is not None or campaign is not None or narrowed != RecipientFilter():
        whom = addressed(store, to, campaign, narrowed)[0]
    look = _looker(store, read, whom, _relay(store, relay_name), **asked)
    checked = look()
    if ticks or overrides:
        _vouch(store, read, checked, ticks, overrides, because)
        checked = look()
    if preview:
        _preview(checked)
    elif as_json:
        from store.exports.checks import finding_object

        print_objects(map(finding_object, checked.findings))
    else:
        _print(checked)
    if checked.red:
        ctx.exit(1)


def _relay(store: Store, name: str | None) -> Relay | None:
    """Return the relay of this name, else the only one there is, if there is one."""
    from store.queries.relays import find_relay, list_relays

    relays = list_relays(store)
    return find_relay(store, name) if name is not None or len(relays) == 1 else None


def _looker(
    store: Store, message: Message, whom: Whom | None, relay: Relay | None, *, online: bool, dns: bool
) -> Callable[[], Checked]:
    from store.feeds.record import Progress
    from store.outbox.checking import check

    asking: dict[str, Any] = {}
    if online:
        from store.outbox.checks.asking import LinkAsker

        asking["ask_links"] = LinkAsker()
    if dns:
        from store.mailhosts import TextRecords

        asking["ask_text"] = TextRecords()

    def look() -> Checked:
        with ProgressBar("mails tried") as bar:
            return check(
                store, message, whom, now(), relay=relay, on_tried=lambda done, of: bar(Progress(done, of)), **asking
            )

    return look


def _vouch(
    store: Store, message: Message, checked: Checked, ticks: Sequence[str], overrides: Sequence[str], because: str
) -> None:
    from store.actions.vouching import override, tick
    from store.journal import current_operator

    who = current_operator()
    for rule in ticks:
        say(tick(store, message, rule, who, now()).sentence)
    for rule in overrides:
        say(override(store, message, checked.findings, rule, because, who, now()).sentence)


def _print(checked: Checked) -> None:
    from tui.present.cells import fit, wrap
    from tui.present.checks import SIGNS, gravest_first, label_of, verdict, word_of

    room = terminal_width()
    for one in gravest_first(checked.findings):
        if room is None:
            click.echo("\t".join((one.level.value, one.rule, one.sentence, one.where, one.vouched)))
            continue
        beside = " · ".join(text for text in (one.sentence, one.where, one.vouched) if text)
        lines = wrap(beside, max(_LEAST, room - _WORD - _LABEL - 5))
        sign = "~" if one.vouched else SIGNS[one.level]
        click.echo(f"{sign} {fit(word_of(one), _WORD)} {fit(label_of(one.rule), _LABEL)} {lines[0]}")
        for line in lines[1:]:
            click.echo(f"{' ' * (_WORD + _LABEL + 4)}{line}")
    say(verdict(checked))


def _preview(checked: Checked) -> None:
    from tui.present.preview import preview_text

    case = checked.case
    if case.composer is None or case.person is None:
        raise BadInput(f"No mail can be made of it: {case.broken}.")
    sys.stdout.write(preview_text(case.composer, case.person))
