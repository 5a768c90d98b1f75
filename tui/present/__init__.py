"""Rows to cells, colours and words: pure, no widget, no I/O."""
