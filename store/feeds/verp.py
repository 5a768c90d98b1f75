"""VERP: the recipient that an envelope sender names (``bounces+ann=shop.example@ours`` -> ``ann@shop.example``)."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=8192)
def verp_recipient(sender: str) -> str | None:
    """Return the recipient in a VERP address, None if it names none.

    The local part is cut at its first "+" and its last "=" (Postfix ``default_verp_delimiters``), so a "+" in the
    recipient's own local part survives. SRS0, prvs and btv1 wrappers around it are taken off first.
    """
    local, at, _ = sender.strip().strip("<>").rpartition("@")
    if not at:
        return None
    local = _unwrapped(local)
    _, plus, named = local.partition("+")
    user, equals, domain = named.rpartition("=")
    if not (plus and equals and user and domain.strip(".")) or "@" in named:
        return None
    return f"{user}@{domain}"


def _unwrapped(local: str) -> str:
    start = local[:5].lower()
    if start == "prvs=":
        # prvs=tag=local (BATV); some servers turn the two round: prvs=local=tag.
        first, _, rest = local[5:].partition("=")
        return rest if "+" not in first else local[5:].rpartition("=")[0]
    if start == "btv1=":
        return local.rpartition("==")[2]
    if start in {"srs0=", "srs0+", "srs0-"}:
        return local[5:].split("=", 3)[-1]
    return local
