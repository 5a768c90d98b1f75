"""Arguments and options that several commands share, with their completion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from store.errors import NotFound, StoreError
from store.vocabulary import ListKind, State
from tui.cli.opening import store_to_read

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from store.asking import RecipientFilter
    from store.database import Store

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")


class CampaignName(click.ParamType[str]):
    """The name or key of a campaign; completes to keys, because they need no quoting."""

    name = "campaign"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """Return the campaigns whose key or name begins so; none if the store cannot be read."""
        from click.shell_completion import CompletionItem

        from store.queries.campaigns import list_campaigns

        start = incomplete.casefold()
        try:
            rows = list_campaigns(store_to_read(ctx))
        except StoreError:
            return []
        return [
            CompletionItem(row.key, help=row.name)
            for row in rows
            if row.key.casefold().startswith(start) or row.name.casefold().startswith(start)
        ]


class ListName(click.ParamType[str]):
    """The name of a list."""

    name = "list"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """Return the lists whose name begins so; none if the store cannot be read."""
        from click.shell_completion import CompletionItem

        from store.queries.lists import list_lists

        try:
            rows = list_lists(store_to_read(ctx))
        except StoreError:
            return []
        start = incomplete.casefold()
        return [CompletionItem(row.name, help=row.kind) for row in rows if row.name.casefold().startswith(start)]


class SegmentName(click.ParamType[str]):
    """The name of a segment."""

    name = "segment"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """Return the segments whose name begins so; none if the store cannot be read."""
        from click.shell_completion import CompletionItem

        from store.queries.segments import list_segments

        try:
            rows = list_segments(store_to_read(ctx))
        except StoreError:
            return []
        start = incomplete.casefold()
        return [CompletionItem(row.name, help=row.words) for row in rows if row.name.casefold().startswith(start)]


class SourceName(ListName):
    """The name of a list or a segment."""

    name = "list|segment"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """Return the lists and segments whose name begins so; none if the store cannot be read."""
        segments = SegmentName().shell_complete(ctx, param, incomplete)
        return [*super().shell_complete(ctx, param, incomplete), *segments]


class ListTarget(click.ParamType[tuple[ListKind, str]]):
    """A list as KIND:NAME; what comes out is the kind and the name."""

    name = "kind:name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[ListKind, str]:
        """Split and check ``value``."""
        if isinstance(value, tuple):
            return value
        kind, colon, name = str(value).partition(":")
        kinds = {word.value: word for word in ListKind}
        if not colon or not name.strip():
            self.fail(f"{value!r} is not KIND:NAME, for example {ListKind.PROJECT}:Spring.", param, ctx)
        if kind.strip().lower() not in kinds:
            self.fail(f"{kind!r} is no kind of list; there are {', '.join(kinds)}.", param, ctx)
        return kinds[kind.strip().lower()], name.strip()


def campaign_argument(*, required: bool = True) -> Callable[[F], F]:
    """Return the decorator for the CAMPAIGN argument."""
    return click.argument("campaign", type=CampaignName(), required=required)


def state_option(function: F) -> F:
    """Add --state, which may be given several times."""
    words = click.Choice([state.value for state in State], case_sensitive=False)
    return click.option(
        "--state",
        "states",
        type=words,
        multiple=True,
        metavar="WORD",
        help=f"Only this state; repeatable: {_listed()}.",
    )(function)


def _listed() -> str:
    return ", ".join(State)


def chosen(campaign_id: int | None, states: Sequence[str], **more: Any) -> RecipientFilter:
    """Return the filter for a campaign and the words of --state."""
    from store.asking import RecipientFilter

    return RecipientFilter(campaign_id=campaign_id, states=frozenset(map(State, states)), **more)


def recipients_named(store: Store, campaign_id: int, campaign: str, addresses: Sequence[str]) -> dict[int, str]:
    """Return the ids of a campaign's recipients that have these addresses, in order, each with what was typed.

    Raises:
        NotFound: one address is not among them; nothing should be changed then.
    """
    from store.queries.addresses import recipients_of_address

    found: dict[int, str] = {}
    for address in addresses:
        ids = recipients_of_address(store, address, campaign_id)
        if not ids:
            raise NotFound(f"{address} is no recipient of {campaign}; nothing was changed.")
        found.update(dict.fromkeys(ids, address))
    return found
