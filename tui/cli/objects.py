"""Objects as lines of JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any


def print_objects(objects: Iterable[Mapping[str, Any]]) -> None:
    """Print each object as one line of JSON, as it comes; beyond ASCII escaped where stdout is not UTF-8."""
    from store.exports.json import line

    if (sys.stdout.encoding or "").lower().replace("-", "") == "utf8":
        write = sys.stdout.write
        for found in objects:
            write(line(found) + "\n")
        return
    for found in objects:
        sys.stdout.write(json.dumps(found) + "\n")
