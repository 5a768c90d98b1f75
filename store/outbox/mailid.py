"""Names of mails: the Message-ID of each, and the word that stands for its recipient in links."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import sha256
from typing import Final

_KEY: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}")
_LETTERS: Final = 26


def is_key(text: str) -> bool:
    """Tell whether a campaign key can begin a Message-ID up to its first dot (RFC 5322 3.2.3: an atom)."""
    return _KEY.fullmatch(text) is not None


def mail_id(campaign: str, secret: str, number: int, domain: str) -> str:
    """Return the Message-ID of a recipient's mail, without angle brackets.

    It begins with the campaign's key and a dot, by which feeds know the campaign. The same arguments give the same one;
    nobody without the secret can tell it beforehand.

    Args:
        campaign: the campaign's key (:func:`is_key`).
        secret: of the message, known to the store only.
        number: of the recipient within the message.
        domain: in ASCII.
    """
    return f"{campaign}.{_word(secret, f'mail {number}')}@{domain.lower()}"


def token(mail: str) -> str:
    """Return the word that stands for the recipient of a mail in its links, made of its Message-ID.

    Whoever has not got the mail cannot guess it, and it tells nothing; the store, which knows the Message-ID, knows
    whose it is.
    """
    return _word(mail.strip("<>"), "token")


def boundary(mail: str, depth: int) -> str:
    """Return what parts the parts of a mail: no text holds it by chance, and no field can be filled to hold it.

    Args:
        mail: the Message-ID.
        depth: of several multiparts in one mail; none's boundary begins like another's.
    """
    return f"=_{depth}{_word(mail, 'boundary')}"


def _word(secret: str, said: str) -> str:
    """Return 26 letters and digits, 130 bits."""
    digest = hmac.new(secret.encode("utf-8", "surrogatepass"), said.encode(), sha256).digest()
    return b32encode(digest).decode()[:_LETTERS].lower()
