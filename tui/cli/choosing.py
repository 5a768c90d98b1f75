"""Which recipients a command is about: the options that narrow them down, and whose recipients they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from store.asking import RecipientFilter, Sort
from store.filters import described
from store.vocabulary import State
from tui.cli.arguments import ListName, SegmentName, state_option

if TYPE_CHECKING:
    from store.database import Store

SORTS = (
    "plan",
    "name",
    "address",
    "company",
    "state",
    "reason",
    "responsible",
    "sent",
    "bounced",
    "opened",
    "clicked",
)
"""What recipients can be sorted by."""

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--text", default="", help="Only those with all these words in name, address or company."),
    click.option("--without", multiple=True, metavar="TEXT", help="Not those with any of these words; repeatable."),
    click.option("--responsible", metavar="NAME", help='Only those whom NAME looks after; "" for nobody.'),
    click.option("--company", metavar="NAME", help="Only those of this company."),
    click.option("--domain", metavar="DOMAIN", help="Only addresses of this receiving domain."),
    click.option("--reason", metavar="WORD", help="Only this reason of a failure, such as userunknown."),
)
segment_option = click.option(
    "--segment", type=SegmentName(), help="Those of this segment, which brings its own conditions."
)
list_option = click.option("--list", "list_name", type=ListName(), help="The members of this list.")


def narrowing_options(function: F) -> F:
    """Add --state, --text and the other conditions; the command gets them as one filter named ``narrowed``."""

    @wraps(function)
    def collected(
        *args: Any,
        states: Sequence[str],
        text: str,
        without: Sequence[str],
        responsible: str | None,
        company: str | None,
        domain: str | None,
        reason: str | None,
        **more: Any,
    ) -> Any:
        narrowed = RecipientFilter(
            states=frozenset(map(State, states)),
            text=text,
            without=tuple(term for given in without for term in given.split()),
            responsible=responsible,
            company=company,
            domain=domain,
            reason=reason,
        )
        return function(*args, narrowed=narrowed, **more)

    wrapped: Any = collected
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    found: F = state_option(wrapped)
    return found


def sort_options(function: F) -> F:
    """Add --sort and --reverse; the command gets them as one order named ``sort``."""

    @wraps(function)
    def collected(*args: Any, column: str, reverse: bool, **more: Any) -> Any:
        return function(*args, sort=Sort(column, reverse), **more)

    wrapped: Any = click.option("--reverse", is_flag=True, help="Turn the order round.")(collected)
    found: F = click.option(
        "--sort",
        "column",
        type=click.Choice(SORTS),
        default="plan",
        metavar="COLUMN",
        help=f"The order: {', '.join(SORTS)}; plan is that of the imported list.",
    )(wrapped)
    return found


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose recipients are meant.

    Attributes:
        filter: all conditions.
        scope: all of that, for people.
        campaign: the campaign's name; "" if it is none.
        members_of: the list or the segment; "" if it is none.
    """

    filter: RecipientFilter
    scope: str
    campaign: str = ""
    members_of: str = ""


def whose(
    store: Store,
    narrowed: RecipientFilter,
    campaign: str | None,
    list_name: str | None,
    segment: str | None = None,
) -> Chosen:
    """Return the recipients of a campaign, the members of a list, or both, that fit a filter; or those of a segment.

    Raises:
        click.UsageError: nothing is given, or more than the segment.
        NotFound: there is no such campaign, list or segment.
        BadInput: the segment cannot be read.
    """
    from store.queries.campaigns import find_campaign
    from store.queries.lists import find_list

    if segment is not None:
        if campaign is not None or list_name is not None or narrowed != RecipientFilter():
            raise click.UsageError("--segment stands alone: it brings its own conditions.")
        return _of_segment(store, segment)
    if campaign is None and list_name is None:
        raise click.UsageError("Give CAMPAIGN, --list or --segment.")
    of = find_campaign(store, campaign) if campaign is not None else None
    members_of = find_list(store, list_name) if list_name is not None else None
    wanted = replace(narrowed, campaign_id=of.id if of else None, list_id=members_of.id if members_of else None)
    names = (of.name if of else "", f"{members_of.kind} {members_of.name}" if members_of else "")
    scope = " · ".join([*filter(None, names), *described(wanted)])
    return Chosen(wanted, scope, *names)


def _of_segment(store: Store, name: str) -> Chosen:
    from store.errors import BadInput
    from store.queries.segments import find_segment

    row = find_segment(store, name)
    if row.filter is None:
        raise BadInput(f"The segment “{row.name}” cannot be used: {row.words}")
    return Chosen(row.filter, f"segment {row.name} · {row.words}", members_of=f"segment {row.name}")
