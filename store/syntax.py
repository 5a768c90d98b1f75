"""Whether a text is an e-mail address: email-validator's verdict, at the price of one regular expression for most."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
# Labels and parts of labels with one dot or hyphen between them: two hyphens in a row (xn-- and its like) have rules of
# their own. Special-use names (RFC 6761, 6762, 7686) are left to the validator too; it allows "test", for tests.
_SPECIAL = r"[AaIiLlOo](?i:rpa|nvalid|ocal|ocalhost|nion)"
_PLAIN = re.compile(
    rf"^{_ATOM}(?:\.{_ATOM})*+@(?:[A-Za-z0-9]++[.-])++(?<!-)(?!{_SPECIAL}$)[A-Za-z]{{2,}}+$", re.MULTILINE
)
# Up to this length no part can be longer than RFC 5321 4.5.3.1 and RFC 1035 2.3.4 allow (label 63, all 254).
_PLAIN_LENGTH = 64


def is_address(text: str) -> bool:
    """Return whether ``text`` has the syntax of an address (RFC 5321, 6531); nothing is looked up in the DNS."""
    if len(text) <= _PLAIN_LENGTH and "\n" not in text and _PLAIN.match(text):
        return True
    return _checked(text)


def all_plain(texts: Sequence[str]) -> bool:
    """Return whether all are plain ASCII addresses, in one look; False says nothing about any one of them."""
    if max(map(len, texts), default=0) > _PLAIN_LENGTH:
        return False
    joined = "\n".join(texts)
    return joined.count("\n") == len(texts) - 1 and len(_PLAIN.findall(joined)) == len(texts)


@lru_cache(maxsize=4096)
def _checked(text: str) -> bool:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
