"""The command line: everything that the screen does is also a command."""

from __future__ import annotations

import gc
import sys
import threading
from typing import NoReturn

import click

from tui.cli.group import COMPLETE_VARIABLE, Entry, LazyGroup, Section

SECTIONS = (
    Section(
        "Bring in",
        (
            Entry("import", "imports", "Bring in lists (recipients)."),
            Entry("ingest", "ingest", "Read mail logs, bounce mailboxes, event files and access logs."),
            Entry("follow", "follow", "Read mail logs, mailboxes and event files while they grow."),
            Entry(
                "read",
                "read",
                "Read bounce mails and print what they say, one JSON object per mail; no store is touched.",
            ),
            Entry("demo", "demo", "Build a small sample world and open the screen on it."),
        ),
    ),
    Section(
        "Look",
        (
            Entry("status", "status", "Show the campaigns, or one of them, with buckets and rates."),
            Entry(
                "monitor",
                "monitor",
                "Show how a campaign goes out: rate, share done, time left, failures, who defers.",
            ),
            Entry("report", "report", "Print the report on a campaign, or write it as one HTML file."),
            Entry("find", "find", "Find people in all campaigns by name, address or company."),
            Entry("recipients", "recipients", "Print the recipients of a campaign, of a list or of a segment."),
            Entry("bounces", "bounces", "Print the failures with the servers' words, or in groups."),
            Entry("suggest", "suggest", "Print which addresses were probably meant by those that failed."),
            Entry("links", "links", "Print the links of a campaign, or who clicked one."),
            Entry("blocked", "blocked", "Print the blocked addresses of all campaigns: why, since when, by what."),
            Entry("lists", "lists", "Print the lists or the members of one; combine, split and keep them."),
            Entry("segments", "segments", "Print the segments: filters with names, which stay live."),
            Entry("history", "history", "Show what happened to one address in all campaigns."),
            Entry("corrections", "corrections", "Print or write the addresses that were corrected, for the CRM."),
            Entry("complaints", "complaints", "Print who complained about spam, and whether that was heeded."),
            Entry("reconcile", "reconcile", "Tell whether everything adds up; exit 1 if not."),
            Entry("journal", "journal", "Print what operators did, newest first."),
        ),
    ),
    Section(
        "Act",
        (
            Entry("mark-hard", "triage", "Mark recipients as bounced hard."),
            Entry("mark-soft", "triage", "Mark recipients as bounced soft."),
            Entry("clear", "triage", "Clear the bounce flag of recipients."),
            Entry("excuse", "triage", "Excuse bounces that were our fault."),
            Entry("block", "triage", "Block the addresses of recipients."),
            Entry("former", "triage", "Mark recipients as former employees."),
            Entry("delete", "triage", "Delete the addresses of recipients."),
            Entry("later", "triage", "Put off the decision about bounces."),
            Entry("clear-block", "blocked", "Free blocked addresses: only later failures count from now on."),
            Entry("fix", "fix", "Correct the address of a recipient."),
            Entry("accept", "suggest", "Correct addresses to what `suggest` offers."),
            Entry("assign", "assign", "Give strangers' records to a recipient."),
            Entry("add", "add", "Add recipients to a new or existing list."),
            Entry("segment", "segments", "Save a filter as a segment, rename or delete one."),
            Entry("reload", "reload", "Take those off a list who must not be written to any more."),
            Entry("remind", "remind", "Make the list of those who have not read a campaign."),
            Entry(
                "resend",
                "resend",
                "Send a campaign's message again to those whom it did not reach, or list them.",
            ),
            Entry("wrong", "wrong", "It went out wrong: stop what can be stopped, then tell those who got it."),
            Entry("pull", "pull", "Show what waits of a campaign in Postfix's queue, hold it, or delete it."),
            Entry("export", "export", "Write recipients to a CSV, XLSX, HTML, JSON or text file."),
            Entry("undo", "undo", "Undo your last action."),
            Entry("redo", "undo", "Redo the action that you undid last."),
        ),
    ),
    Section(
        "Send",
        (
            Entry("check", "check", "Check a message before it is sent, on everybody who would get it."),
            Entry("send", "send", "Send a message to a list; stop, pause and resume it."),
        ),
    ),
    Section(
        "Keep",
        (
            Entry("doctor", "doctor", "Look the store over; exit 1 if something is wrong."),
            Entry("backup", "backup", "Write the whole store to one file, while others work, and check it."),
            Entry("restore", "restore", "Put a backup in the place of the store, which is kept beside it."),
            Entry("copy", "copy", "Copy the whole store into another place: from a file to PostgreSQL, or back."),
        ),
    ),
    Section(
        "People's rights",
        (
            Entry("person", "person", "Hand out everything that is stored about a person."),
            Entry(
                "consent",
                "consent",
                "Show or note whether somebody may be tracked: whether openings and clicks may be told by name.",
            ),
            Entry(
                "retention",
                "retention",
                "Show, set or apply how long mails, servers' words and single events are kept (show, set, run).",
            ),
            Entry("forget", "forget", "Erase who somebody is, for ever; what counts stays."),
        ),
    ),
    Section(
        "Set up",
        (
            Entry("relay", "relay", "Set up the relays that take our mails (set, list, delete, test)."),
            Entry(
                "policy",
                "policy",
                "Show or change when addresses are blocked, or try a change out (show, set, test).",
            ),
            Entry(
                "tripwire",
                "tripwire",
                "Show or set what rings during a send, and acknowledge what has rung (show, set, list, ack, test).",
            ),
            Entry("completion", "completion", "Print the completion script for a shell."),
        ),
    ),
)
"""Every command under its heading in the help, with the module that holds it."""


_COLLECTED_AFTER = 20_000
"""New objects after which Python looks for cycles: a short command has ended before."""


@click.group(
    cls=LazyGroup,
    sections=SECTIONS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--store",
    "url",
    metavar="URL",
    envvar="AFTERSEND_STORE",
    show_envvar=True,
    help="The store to use: a path, sqlite:///path or postgresql://user@host/base; else one in your data directory.",
)
@click.option(
    "--read-only",
    is_flag=True,
    envvar="AFTERSEND_READ_ONLY",
    show_envvar=True,
    help="Only look: the store is opened for reading, and whatever would change it is refused.",
)
@click.option("--mouse", is_flag=True, help="Let the mouse work on the screen; selecting text needs Shift then.")
@click.version_option(package_name="aftersend", prog_name="aftersend", message="%(prog)s %(version)s")
@click.pass_context
def aftersend(ctx: click.Context, url: str | None, read_only: bool, mouse: bool) -> None:
    """Follow up e-mail campaigns: who got it, what bounced, whom to remind.

    Without a command the screen opens. Results go to stdout, errors and progress to stderr.
    """
    if ctx.invoked_subcommand is None:
        from tui.cli.screen import open_screen

        open_screen(url, mouse=mouse, read_only=read_only)


def main() -> NoReturn:
    """Run the command line and exit.

    Exit codes stand in :data:`tui.cli.group.EXIT_CODES`.
    """
    gc.set_threshold(_COLLECTED_AFTER)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.excepthook = lambda kind, error, trace: _crashed(error)
    threading.excepthook = lambda args: _crashed(args.exc_value)
    try:
        aftersend.main(prog_name="aftersend", complete_var=COMPLETE_VARIABLE)
    finally:
        gc.freeze()  # or Python looks for cycles in all that it gives up: an eighth of a short command
    raise SystemExit(0)


def _crashed(error: BaseException | None) -> None:
    from tui.crash import report

    if error is not None and not isinstance(error, SystemExit):
        report(error)
