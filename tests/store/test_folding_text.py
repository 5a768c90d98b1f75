"""Folding for searching, character by character, is the same as folding the whole text."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from store.addresses import search_fold


@given(st.text())
def test_folding_is_nfkd_without_accents_casefolded(text: str) -> None:
    decomposed = unicodedata.normalize("NFKD", text)
    assert search_fold(text) == "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def test_accents_and_case_are_ignored() -> None:
    assert search_fold("ZOÉ Weiß") == "zoe weiss"
