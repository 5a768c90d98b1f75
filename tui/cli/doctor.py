"""aftersend doctor."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import click

from store.rows.health import Finding, Health, StoreFacts, Verdict
from tui.cli.arguments import CampaignName, json_option
from tui.cli.columns import terminal_width
from tui.cli.opening import chosen_url, now, refuse_if_only_reading
from tui.cli.progress import ProgressBar
from tui.present.times import moment, number
from tui.present.upkeep import size

_LABEL = 10
_CHECK = 12


@click.command("doctor")
@click.option("--full", is_flag=True, help="Compare indexes with their tables, and fold every recipient anew.")
@click.option("--campaign", type=CampaignName(), metavar="NAME", help="Compare derived data of this campaign only.")
@click.option("--repair", is_flag=True, help="Put right what can be: modes, and what is derived (after a backup).")
@json_option
@click.pass_context
def doctor_command(ctx: click.Context, full: bool, campaign: str | None, repair: bool, as_json: bool) -> None:
    """Look the store over; exit 1 if something is wrong.

    The file (SQLite's own check), the version of its tables, rows that name others that are not there, values that
    cannot stand where they do, whether all that is derived follows from the events (0 differences), the modes of its
    files, the room on its disk, open sends, the last backup. Nothing is changed without --repair; what cannot be looked
    at is said.
    """
    from store.upkeep.doctor import examine

    if repair:
        refuse_if_only_reading(ctx)
    place = chosen_url(ctx)
    done: list[Finding] = []
    with ProgressBar("") as bar:
        health, astray = examine(place, bar.steps, campaign=campaign, thorough=full)
        if repair and not health.sound:
            done += _mended(place, health, astray, bar)
            if done:
                health, _ = examine(place, bar.steps, campaign=campaign, thorough=full)
    if as_json:
        from tui.cli.objects import print_objects

        print_objects(_objects(health, done))
    else:
        _print(health, done)
    if not health.sound:
        raise click.exceptions.Exit(1)


def _mended(place: str | None, health: Health, astray: Any, bar: ProgressBar) -> list[Finding]:
    from store.journal import current_operator
    from store.upkeep.mending import mend

    return list(mend(place, health, astray, current_operator(), now(), bar.steps))


def _print(health: Health, done: list[Finding]) -> None:
    click.echo(" · ".join(f"{name} {version}" for name, version in health.versions.items()))
    click.echo()
    for label, text in _facts(health.store):
        _wrapped(f"{label:<{_LABEL}}", text)
    click.echo()
    for one in (*done, *health.findings):
        verdict = one.verdict.upper() if one.verdict is Verdict.WRONG else one.verdict
        lines = [one.sentence, *one.examples, *([f"-> {one.advice}"] if one.advice else [])]
        _wrapped(f"{verdict:<{_LABEL}}{one.check:<{_CHECK}}", *lines)
    click.echo()
    if health.sound:
        unseen = any(one.verdict is Verdict.UNSEEN for one in health.findings)
        click.echo("Nothing is wrong, of what could be looked at." if unseen else "Nothing is wrong.")
    else:
        click.echo(f"Wrong: {', '.join(health.wrong)}.")


def _wrapped(head: str, *lines: str) -> None:
    """Print lines beside a head, broken to the terminal's width; in a pipe each stays one."""
    width = terminal_width()
    indent = " " * len(head)
    for at, text in enumerate(lines):
        start = indent if at else head
        if width is None or width < 2 * len(head):
            click.echo(f"{start}{text}")
            continue
        click.echo(
            textwrap.fill(
                text,
                width,
                initial_indent=start,
                subsequent_indent=indent,
                break_on_hyphens=False,
                break_long_words=False,
            )
        )


def _facts(store: StoreFacts) -> Iterator[tuple[str, str]]:
    yield "Store", store.place
    sizes = [
        *(["size unknown"] if store.size_bytes is None else [size(store.size_bytes)]),
        *([] if store.log_bytes is None else [f"log {size(store.log_bytes)}"]),
        *([] if store.free_bytes is None else [f"{size(store.free_bytes)} free"]),
        *([f"tables of {store.schema}"] if store.schema else []),
    ]
    yield "", " · ".join(sizes)
    if store.users is not None:
        yield "Open in", ", ".join(store.users) or "no other process"
    filled = {table: count for table, count in store.rows.items() if count}
    if filled:
        yield "Rows", " · ".join(f"{table} {number(count)}" for table, count in filled.items())
    if store.backup_at is not None:
        yield "Backup", f"{moment(store.backup_at)}  {store.backup}"


def _objects(health: Health, done: list[Finding]) -> Iterator[dict[str, Any]]:
    from store.exports.json import iso

    store = health.store
    yield {"kind": "versions", **health.versions}
    yield {
        "kind": "store",
        "store": store.place,
        "size_bytes": store.size_bytes,
        "log_bytes": store.log_bytes,
        "free_bytes": store.free_bytes,
        "schema": store.schema or None,
        "rows": store.rows,
        "open_in": None if store.users is None else list(store.users),
        "backup_at": None if store.backup_at is None else iso(store.backup_at),
    }
    for one in (*done, *health.findings):
        yield {
            "kind": "check",
            "check": one.check,
            "verdict": one.verdict.value,
            "sentence": one.sentence,
            "advice": one.advice or None,
            "examples": list(one.examples),
        }
    yield {"kind": "total", "sound": health.sound, "wrong": list(health.wrong)}
