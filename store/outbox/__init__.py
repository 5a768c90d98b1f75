"""Sending from here: what is written, to whom, what has left, and what nobody can tell."""
