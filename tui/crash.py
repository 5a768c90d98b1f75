"""What is told of a bug: where it happened and what it was, without the values that were at hand.

Textual would print the variables of every function on the way, and with them people's data and passwords; and what an
error quotes of a stranger's mail would reach the terminal as it is.
"""

from __future__ import annotations

import sys
import traceback

from store.cleaning import clean
from store.errors import StoreError


def told(error: BaseException) -> str:
    """Return the traceback of an error as lines that a terminal can show; the store's errors are sentences, no bugs."""
    if isinstance(error, StoreError):
        return f"aftersend: {clean(str(error))}"
    return "\n".join(clean(line) for text in traceback.format_exception(error) for line in text.splitlines())


def report(error: BaseException) -> None:
    """Print an error that nobody caught to stderr."""
    print(told(error), file=sys.stderr)
