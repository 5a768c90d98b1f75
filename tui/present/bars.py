"""The buckets of a campaign as a bar of characters and as words."""

from __future__ import annotations

from collections.abc import Mapping

from store.rows import CampaignRow
from store.vocabulary import Bucket
from tui.present.cells import width
from tui.present.columns import Cell
from tui.present.times import number
from tui.present.words import BUCKET_LOOKS

DOES_NOT_ADD_UP = "!! does not add up"


def shares(counts: Mapping[Bucket, int], cells: int) -> dict[Bucket, int]:
    """Return how many of ``cells`` cells each bucket gets.

    They always add up to ``cells``; every bucket with a recipient gets one cell at least, as long as there are as many
    cells as such buckets (with fewer, the largest buckets get one each). No recipients: no cells for anybody.
    """
    filled = [bucket for bucket in BUCKET_LOOKS if counts.get(bucket, 0) > 0]
    if not filled or cells <= 0:
        return dict.fromkeys(BUCKET_LOOKS, 0)
    if len(filled) > cells:
        filled = sorted(filled, key=lambda bucket: -counts[bucket])[:cells]
    given = dict.fromkeys(BUCKET_LOOKS, 0) | dict.fromkeys(filled, 1)
    rest = cells - len(filled)
    total = sum(counts[bucket] for bucket in filled)
    # Cells beyond the first go where the distance to the exact share is largest.
    wanted = {bucket: max(0.0, counts[bucket] * cells / total - 1) for bucket in filled}
    scale = rest / (sum(wanted.values()) or 1)
    exact = {bucket: want * scale for bucket, want in wanted.items()}
    for bucket in filled:
        given[bucket] += int(exact[bucket])
    left = cells - sum(given.values())
    by_remainder = sorted(filled, key=lambda bucket: int(exact[bucket]) - exact[bucket])
    for bucket in by_remainder[:left]:
        given[bucket] += 1
    given[max(filled, key=lambda bucket: counts[bucket])] += cells - sum(given.values())
    return given


def bar(counts: Mapping[Bucket, int], cells: int) -> str:
    """Return the buckets as ``cells`` characters, a different one for each bucket; blanks if all are empty."""
    given = shares(counts, cells)
    return "".join(BUCKET_LOOKS[bucket].sign * given[bucket] for bucket in BUCKET_LOOKS).ljust(max(0, cells))


def bar_cells(counts: Mapping[Bucket, int], cells: int) -> list[Cell]:
    """Return the bar as pieces with the style of each bucket."""
    given = shares(counts, cells)
    pieces = [(look.sign * given[bucket], look.style) for bucket, look in BUCKET_LOOKS.items() if given[bucket]]
    return pieces or [(" " * max(0, cells), "muted")]


def legend(row: CampaignRow, cells: int) -> list[Cell]:
    """Return "━ 1,402 delivered  ✗ 71 bounced  of 1,500 planned" as pieces that fit into ``cells`` cells.

    Empty buckets are left out. Where there is no room the blanks go first, then the plan, then the words; a campaign
    that does not add up says so at the beginning, where it is never cut.
    """
    for blanks, words, plan in ((True, True, True), (False, True, True), (False, True, False), (False, False, True)):
        pieces = _legend(row, blanks, words, plan)
        if sum(width(text) for text, _ in pieces) <= cells:
            break
    return pieces


def _legend(row: CampaignRow, blanks: bool, words: bool, plan: bool) -> list[Cell]:
    pieces: list[Cell] = [] if row.adds_up else [(f"{DOES_NOT_ADD_UP}  ", "refused")]
    before, behind = (" ", "  ") if blanks else ("", " ")
    for bucket, count in row.buckets.items():
        if count:
            look = BUCKET_LOOKS[bucket]
            text = f"{before}{number(count)}" + (f" {look.word}" if words else "")
            pieces += [(look.sign, look.style), (text + behind, "text")]
    if plan:
        pieces.append((f"of {number(row.planned)}" + (" planned" if blanks else ""), "muted"))
    if row.strangers:
        noun = "stranger" if row.strangers == 1 else "strangers"
        pieces.append((f"{'  ' if blanks else ' '}+ {number(row.strangers)} {noun}", "muted"))
    return pieces
